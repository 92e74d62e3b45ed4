/** Reads Protocol Buffers: the fields of a message, whatever they mean. */

/** A field: its number, and its value as the wire has it. */
export interface WireField {
  readonly number: number;
  /** A varint, or the bytes of a fixed or delimited one. */
  readonly value: bigint | Uint8Array;
}

/**
 * The fields of a message in their order; `undefined` where the bytes are no message.
 * @see Protocol Buffers documentation, "Encoding".
 */
export function wireFields(bytes: Uint8Array): readonly WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = varint(bytes, at);
    if (tag === undefined) return undefined;
    at = tag.next;
    const number = Number(tag.value >> 3n);
    const type = Number(tag.value & 7n);
    if (type === 0) {
      const found = varint(bytes, at);
      if (found === undefined) return undefined;
      fields.push({ number, value: found.value });
      at = found.next;
      continue;
    }
    const length = type === 2 ? varint(bytes, at) : fixedLength(type, at);
    if (length === undefined || length.value > BigInt(bytes.length - length.next)) return undefined;
    at = length.next + Number(length.value);
    fields.push({ number, value: bytes.subarray(length.next, at) });
  }
  return fields;
}

/** The last bytes of a field, as a message has them that says it twice. */
export function bytesIn(fields: readonly WireField[], number: number): Uint8Array | undefined {
  const value = fields.findLast((field) => field.number === number)?.value;
  return typeof value === "bigint" ? undefined : value;
}

/** The fields of a message in a message; none where it has none. */
export function messageIn(fields: readonly WireField[], number: number): readonly WireField[] {
  return wireFields(bytesIn(fields, number) ?? new Uint8Array()) ?? [];
}

/** A text of a message. */
export function textIn(fields: readonly WireField[], number: number): string | undefined {
  const bytes = bytesIn(fields, number);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
}

/** A whole number of a message as `int64`. */
export function wholeIn(fields: readonly WireField[], number: number): number | undefined {
  const value = fields.findLast((field) => field.number === number)?.value;
  return typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : undefined;
}

/** A `double` of a message. */
export function doubleIn(fields: readonly WireField[], number: number): number | undefined {
  const bytes = bytesIn(fields, number);
  return bytes?.length === 8 ? Buffer.from(bytes).readDoubleLE() : undefined;
}

function fixedLength(type: number, next: number): { value: bigint; next: number } | undefined {
  if (type === 1) return { value: 8n, next };
  return type === 5 ? { value: 4n, next } : undefined;
}

function varint(bytes: Uint8Array, start: number): { value: bigint; next: number } | undefined {
  let value = 0n;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[start + index];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 128) return { value, next: start + index + 1 };
  }
  return undefined;
}
