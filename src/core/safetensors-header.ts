/**
 * The header of a safetensors file, checked in full before anything is allocated for it: a file may come from anywhere,
 * and a length or an offset in it is only a claim.
 */
import { ExpError } from "./errors.ts";
import { isPlainObject } from "./json.ts";
import { repeatedKey } from "./repeated-key.ts";

/** BERT-large with optimizer slots needs about 0.2 MB; 10 MB leaves room and still parses in a fraction of a second. */
export const maxHeaderBytes = 10_000_000;

const lengthBytes = 8;
const bytesPerElement = 4; // F32 and I32

/** Where one tensor lies; offsets count from the end of the header. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: "F32" | "I32";
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** In the order of their data. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Record<string, string>;
  /** First byte after the header, counted from the start of the file. */
  readonly dataStart: number;
}

/**
 * Reads and checks the header of a file that is already in memory.
 * @throws {ExpError} `store` when the header is broken or does not cover the data exactly.
 */
export function readHeader(bytes: Uint8Array): SafetensorsHeader {
  const dataStart = lengthBytes + headerLength(bytes);
  const fields = parseHeader(bytes.subarray(lengthBytes, dataStart));
  const metadata = readMetadata(fields.get("__metadata__"));
  fields.delete("__metadata__");
  const entries = [...fields].map(([name, value]) => readEntry(name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - dataStart);
  return { entries, metadata, dataStart };
}

/** Number of elements of a shape, 1 for a scalar; NaN where a size is no count or the product is not exact. */
export function numElements(shape: readonly unknown[]): number {
  let product = 1;
  for (const size of shape) {
    if (!isCount(size)) return NaN;
    product *= size;
    if (!isCount(product)) return NaN;
  }
  return product;
}

function headerLength(bytes: Uint8Array): number {
  if (bytes.length < lengthBytes)
    return refuse(`it has ${bytes.length} bytes; the header's length alone takes 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    return refuse(
      `it says that its header has ${length} bytes, more than the limit of ${maxHeaderBytes}`,
    );
  }
  if (length > BigInt(bytes.length - lengthBytes)) {
    return refuse(
      `it says that its header has ${length} bytes, but only ${bytes.length - lengthBytes} follow`,
    );
  }
  return Number(length);
}

function parseHeader(header: Uint8Array): Map<string, unknown> {
  let parsed: unknown;
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
    parsed = JSON.parse(text);
  } catch (cause) {
    return refuse("its header is not JSON in UTF-8", cause);
  }
  if (!text.startsWith("{") || !isPlainObject(parsed))
    return refuse("its header does not begin with a JSON object");
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    return refuse(`its header has the key ${JSON.stringify(repeated.key)} twice`);
  return new Map(Object.entries(parsed));
}

function readMetadata(value: unknown): Record<string, string> {
  if (value === undefined) return {};
  if (!isPlainObject(value)) return refuse("its __metadata__ is not an object");
  const metadata: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    if (key === "__proto__") return refuse("its __metadata__ has the key __proto__");
    if (typeof text !== "string")
      return refuse(`its __metadata__ has a value that is no text at ${JSON.stringify(key)}`);
    metadata[key] = text;
  }
  return metadata;
}

function readEntry(name: string, value: unknown): HeaderEntry {
  const where = `tensor ${JSON.stringify(name)}`;
  if (!isPlainObject(value) || Object.keys(value).sort().join() !== "data_offsets,dtype,shape") {
    return refuse(`${where} is not described by exactly dtype, shape and data_offsets`);
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (dtype !== "F32" && dtype !== "I32") {
    return refuse(`${where} has dtype ${JSON.stringify(dtype)}; expected F32 or I32`);
  }
  if (!Array.isArray(shape) || !shape.every(isCount))
    return refuse(`${where} has a shape that is no list of counts`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    return refuse(`${where} has data_offsets that are no pair of counts`);
  }
  const [begin = 0, end = 0] = offsets;
  if (numElements(shape) * bytesPerElement !== end - begin) {
    return refuse(
      `${where} has shape [${shape.join(", ")}], which does not fill its bytes ${begin} to ${end}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function checkCoverage(entries: readonly HeaderEntry[], numDataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    const where = `tensor ${JSON.stringify(name)} begins at byte ${begin}`;
    if (begin < covered)
      refuse(`${where} and overlaps the one before, which ends at byte ${covered}`);
    if (begin > covered) refuse(`${where} and leaves a hole from byte ${covered}`);
    covered = end;
  }
  if (covered !== numDataBytes) {
    refuse(`its tensors take ${covered} bytes, but ${numDataBytes} follow the header`);
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0 && !Object.is(value, -0);
}

function refuse(found: string, cause?: unknown): never {
  throw new ExpError("store", `This is not a sound safetensors file: ${found}.`, {
    hint: "The file is cut off or damaged, or another program wrote it; use an intact copy.",
    ...(cause === undefined ? {} : { cause }),
  });
}
