/**
 * The wire format of Protocol Buffers, as far as event files need it. A message is the concatenation of its fields.
 * @see Protocol Buffers documentation, "Encoding".
 */

/** A message or a part of one. */
export type Message = Uint8Array;

/** How a field is laid out. */
const wireTypes = { varint: 0, double: 1, bytes: 2 } as const;

const encoder = new TextEncoder();

/** Several fields, one behind the other. */
export function message(...fields: readonly Message[]): Message {
  return Buffer.concat(fields);
}

/**
 * A whole number from 0 to 2^53 - 1, as `int64`, `int32` or an enumeration.
 * @param number - Of the field.
 */
export function wholeField(number: number, value: number): Message {
  return Uint8Array.from([...tag(number, wireTypes.varint), ...varint(value)]);
}

/** A float64. */
export function doubleField(number: number, value: number): Message {
  const start = tag(number, wireTypes.double);
  const bytes = Buffer.alloc(start.length + 8);
  bytes.set(start);
  bytes.writeDoubleLE(value, start.length);
  return bytes;
}

/** A truth value. */
export function booleanField(number: number, value: boolean): Message {
  return wholeField(number, value ? 1 : 0);
}

/** A message, bytes, or a text as UTF-8; half a surrogate pair becomes U+FFFD. */
export function bytesField(number: number, value: Message | string): Message {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  return Buffer.concat([
    Uint8Array.from([...tag(number, wireTypes.bytes), ...varint(bytes.length)]),
    bytes,
  ]);
}

/** One float32 in a packed list. */
export function packedFloatField(number: number, value: number): Message {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytesField(number, bytes);
}

function tag(number: number, wireType: number): readonly number[] {
  return varint(number * 8 + wireType);
}

/** Seven bits a byte, the lowest first; the highest bit says that more follow. Not by shifts, which end at 32 bits. */
function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return bytes;
}
