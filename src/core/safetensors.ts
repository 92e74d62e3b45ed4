/**
 * Tensors in one file: 8 bytes of header length (little endian), a JSON header, then the raw little-endian values.
 * Written so that equal tensors give equal bytes (names in order, no holes, no spare keys): the SHA-256 of a file
 * without metadata is the digest of the weights.
 * @see Hugging Face, "Safetensors: format" (public specification).
 */
import { canonicalJson } from "./canonical-json.ts";
import { ExpError } from "./errors.ts";
import type { HostTensor, HostTensors } from "./run-events.ts";
import { maxHeaderBytes, numElements, readHeader } from "./safetensors-header.ts";

const bytesPerElement = 4; // F32 and I32
const lengthBytes = 8;

export interface DecodedSafetensors {
  readonly tensors: Map<string, HostTensor>;
  readonly metadata: Record<string, string>;
}

/**
 * The file of some tensors. Names are sorted by UTF-16 code unit and the header is padded with spaces to a multiple of
 * 8 bytes, whatever the order in the map.
 * @param metadata - Strings for the header's `__metadata__`; left out where empty.
 * @throws {ExpError} `store` for a tensor whose values do not fit its dtype or shape, or a name that cannot be stored.
 */
export function encodeSafetensors(
  tensors: HostTensors,
  metadata: Record<string, string> = {},
): Uint8Array {
  return joined(safetensorsParts(tensors, metadata));
}

/** Smaller parts are copied into one: a write of its own takes longer. */
const leastPartBytes = 64 * 1024;

/**
 * The same file in parts, one behind the other. Those of large tensors are their own memory: they must not change before the
 * last use of the parts.
 * @throws {ExpError} as `encodeSafetensors`.
 */
export function safetensorsParts(
  tensors: HostTensors,
  metadata: Record<string, string> = {},
): readonly Uint8Array[] {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const header = headerBytes(sorted, metadata);
  const length = new Uint8Array(lengthBytes);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  const parts: Uint8Array[] = [];
  let small = [length, header];
  for (const [, { values }] of sorted) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    if (bytes.length < leastPartBytes) {
      small.push(bytes);
      continue;
    }
    parts.push(...joinedIfAny(small), bytes);
    small = [];
  }
  return [...parts, ...joinedIfAny(small)];
}

function joinedIfAny(parts: readonly Uint8Array[]): readonly Uint8Array[] {
  return parts.length === 0 ? [] : [joined(parts)];
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** Text by hand, not one `canonicalJson`: its limits on keys are for configs, and digits as names would move first. */
function headerBytes(
  sorted: readonly [string, HostTensor][],
  metadata: Record<string, string>,
): Uint8Array {
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) entries.push(`"__metadata__":${canonicalJson(metadata)}`);
  let begin = 0;
  for (const [name, tensor] of sorted) {
    checkTensor(name, tensor);
    const end = begin + tensor.values.byteLength;
    const { dtype, shape } = tensor;
    entries.push(
      `${canonicalJson(name)}:${canonicalJson({ dtype, shape: [...shape], data_offsets: [begin, end] })}`,
    );
    begin = end;
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const header = new Uint8Array(Math.ceil(json.length / 8) * 8).fill(0x20);
  if (header.length > maxHeaderBytes) {
    throw new ExpError(
      "store",
      `The safetensors header has ${header.length} bytes, more than ${maxHeaderBytes}.`,
    );
  }
  header.set(json);
  return header;
}

function checkTensor(name: string, { dtype, shape, values }: HostTensor): void {
  const where = `Tensor ${JSON.stringify(name)}`;
  if (name === "__metadata__" || name === "__proto__") {
    throw new ExpError("store", `${where} cannot be stored: the name has a meaning of its own.`);
  }
  const isFitting = dtype === "F32" ? values instanceof Float32Array : values instanceof Int32Array;
  if (!isFitting) {
    throw new ExpError(
      "store",
      `${where} is ${dtype}, but its values are a ${values.constructor.name}.`,
    );
  }
  if (numElements(shape) !== values.length) {
    const found = `${where} has shape [${shape.join(", ")}] and ${values.length} values`;
    throw new ExpError("store", `${found}; expected as many values as the shape has elements.`);
  }
}

/**
 * The tensors and metadata of a safetensors file. Each tensor owns its memory, so `bytes` may be reused.
 * Nothing is allocated for a tensor before the whole header is known to fit the file.
 * @throws {ExpError} `store` for anything the format forbids, and for element types other than F32 and I32.
 */
export function decodeSafetensors(bytes: Uint8Array): DecodedSafetensors {
  const { entries, metadata, dataStart } = readHeader(bytes);
  const tensors = new Map<string, HostTensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const length = (end - begin) / bytesPerElement;
    const values = dtype === "F32" ? new Float32Array(length) : new Int32Array(length);
    new Uint8Array(values.buffer).set(bytes.subarray(dataStart + begin, dataStart + end));
    tensors.set(name, { dtype, shape, values });
  }
  return { tensors, metadata };
}
