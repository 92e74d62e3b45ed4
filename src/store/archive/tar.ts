/**
 * The part of the tar format that archives of runs use: regular files by relative paths, nothing else. Headers are the same
 * bytes on every machine: no owner, no time, one mode.
 * @see POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"
 */
import { byteReader, type ByteReader } from "./byte-reader.ts";
import { damagedArchive as damaged } from "./damaged-archive.ts";

/** Every header and every file is padded to whole blocks. */
const blockSize = 512;

/** Two empty blocks end a tar. */
export const tarEnd: Uint8Array = new Uint8Array(2 * blockSize);

/** A regular file in a tar. */
export interface TarFile {
  readonly path: string;
  readonly numBytes: number;
}

const maxNameBytes = 100;
/** Eleven octal digits. */
const maxOctalBytes = 2 ** 33;
/** Our own extended headers hold a path of at most 1,000 characters and a size. */
const maxExtendedBytes = 8192;

const fields = {
  name: [0, 100],
  mode: [100, 8],
  userId: [108, 8],
  groupId: [116, 8],
  size: [124, 12],
  modified: [136, 12],
  checksum: [148, 8],
  kind: [156, 1],
  magic: [257, 8],
  prefix: [345, 155],
} as const;

type Field = keyof typeof fields;

/** The header blocks of a file: one, and before it an extended one where the path or the size does not fit. */
export function tarHeader({ path, numBytes }: TarFile): Uint8Array {
  const isPlainName = path.length <= maxNameBytes && /^[\u0020-\u007e]*$/.test(path);
  const isPlainSize = numBytes < maxOctalBytes;
  if (isPlainName && isPlainSize) return headerBlock(path, numBytes, "0");
  const records = [
    ...(isPlainName ? [] : [extendedRecord("path", path)]),
    ...(isPlainSize ? [] : [extendedRecord("size", String(numBytes))]),
  ];
  const body = Buffer.concat(records);
  const short = path.replace(/[^\u0020-\u007e]/g, "_").slice(-maxNameBytes);
  return Buffer.concat([
    headerBlock("pax-header", body.length, "x"),
    body,
    tarPadding(body.length),
    headerBlock(short, isPlainSize ? numBytes : 0, "0"),
  ]);
}

/** What fills the last block of a file up. */
export function tarPadding(numBytes: number): Uint8Array {
  return new Uint8Array((blockSize - (numBytes % blockSize)) % blockSize);
}

function headerBlock(name: string, numBytes: number, kind: "0" | "x"): Uint8Array {
  const block = Buffer.alloc(blockSize);
  const put = (field: Field, text: string): void => {
    block.write(text, fields[field][0], "latin1");
  };
  const octal = (number: number, numDigits: number): string =>
    `${number.toString(8).padStart(numDigits, "0")}\0`;
  put("name", name);
  put("mode", octal(0o644, 7));
  put("userId", octal(0, 7));
  put("groupId", octal(0, 7));
  put("size", octal(numBytes, 11));
  put("modified", octal(0, 11));
  put("kind", kind);
  put("magic", "ustar\u000000");
  put("checksum", `${octal(checksum(block), 6)} `);
  return block;
}

/** The sum of all bytes of a header, its own field counted as blanks. */
function checksum(block: Uint8Array): number {
  const [start, size] = fields.checksum;
  return block.reduce(
    (sum, byte, index) => sum + (index >= start && index < start + size ? 0x20 : byte),
    0,
  );
}

/** `<length> <name>=<value>\n`, where the length counts itself. */
function extendedRecord(name: string, value: string): Uint8Array {
  const rest = Buffer.from(` ${name}=${value}\n`);
  let length = rest.length;
  while (length !== rest.length + String(length).length)
    length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** A tar that is read from its beginning to its end. */
export interface TarReader {
  /** The next file, what is left of the one before skipped; `undefined` after the last. */
  next(): Promise<TarFile | undefined>;
  /** The bytes of that file in parts. */
  parts(): AsyncGenerator<Uint8Array, void, void>;
}

/**
 * Reads a tar that holds regular files only.
 * @param source - Its bytes, in parts of any size.
 * @throws {ExpError} from both functions, `store`, for links, devices, folders and anything else that is no regular file,
 *   for damaged headers, and where the tar ends in the middle.
 */
export function readTar(source: AsyncIterable<Uint8Array>): TarReader {
  const bytes = byteReader(source);
  let left = 0;
  let padding = 0;
  async function* parts(): AsyncGenerator<Uint8Array, void, void> {
    while (left > 0) {
      const part = await bytes.some(left);
      left -= part.length;
      yield part;
    }
    await bytes.exactly(padding);
    padding = 0;
  }
  const next = async (): Promise<TarFile | undefined> => {
    for await (const _ of parts()) continue;
    const file = await nextHeader(bytes);
    if (file === undefined) return undefined;
    left = file.numBytes;
    padding = tarPadding(file.numBytes).length;
    return file;
  };
  return { next, parts };
}

async function nextHeader(bytes: ByteReader): Promise<TarFile | undefined> {
  const block = await bytes.exactly(blockSize);
  if (block.every((byte) => byte === 0)) {
    await onlyZeros(bytes);
    return undefined;
  }
  const header = parseHeader(block);
  if (header.kind !== "x") return header;
  if (header.numBytes > maxExtendedBytes) throw damaged("an extended header is too long");
  const body = await bytes.exactly(header.numBytes);
  await bytes.exactly(tarPadding(header.numBytes).length);
  const extended = parseExtended(body);
  const file = parseHeader(await bytes.exactly(blockSize));
  if (file.kind !== "0") throw damaged("an extended header is not followed by its file");
  return {
    path: extended.path ?? file.path,
    numBytes: extended.numBytes ?? file.numBytes,
  };
}

/** What follows the end is empty blocks; programs that write tapes add some. */
async function onlyZeros(bytes: ByteReader): Promise<void> {
  const maxBlocks = 256;
  for (let blocks = 0; blocks < maxBlocks; blocks++) {
    const part = await bytes.atMost(blockSize);
    if (part.some((byte) => byte !== 0)) throw damaged("something follows its end");
    if (part.length === 0) return;
  }
  throw damaged("it goes on after its end");
}

function parseHeader(block: Uint8Array): TarFile & { readonly kind: "0" | "x" } {
  const text = (field: Field): string => {
    const [start, size] = fields[field];
    const whole = Buffer.from(block.subarray(start, start + size)).toString("utf8");
    return whole.split("\0")[0] ?? "";
  };
  const octal = (field: Field): number => {
    const digits = text(field).trim();
    if (!/^[0-7]{1,12}$/.test(digits)) throw damaged(`a header holds no number (${field})`);
    return Number.parseInt(digits, 8);
  };
  if (octal("checksum") !== checksum(block)) throw damaged("the checksum of a header is wrong");
  const kind = text("kind");
  const name = text("name");
  if (kind !== "0" && kind !== "" && kind !== "x") {
    throw damaged(`${JSON.stringify(name)} is no regular file (kind ${JSON.stringify(kind)})`);
  }
  const prefix = text("prefix");
  const path = prefix === "" ? name : `${prefix}/${name}`;
  return { path, numBytes: octal("size"), kind: kind === "x" ? "x" : "0" };
}

interface Extended {
  readonly path?: string;
  readonly numBytes?: number;
}

function parseExtended(body: Uint8Array): Extended {
  let extended: Extended = {};
  let start = 0;
  while (start < body.length) {
    const rest = Buffer.from(body.subarray(start));
    const [, digits = ""] = /^(\d{1,5}) /.exec(rest.toString("latin1", 0, 8)) ?? [];
    const length = Number(digits);
    const record = rest.subarray(digits.length + 1, length).toString("utf8");
    const [, name, value = ""] = /^(path|size)=([^\0]*)\n$/.exec(record) ?? [];
    if (digits === "" || length > rest.length || name === undefined) {
      throw damaged("an extended header says more than path and size");
    }
    if (name === "size" && !/^\d{1,16}$/.test(value)) throw damaged("a size is no number");
    extended = {
      ...extended,
      ...(name === "path" ? { path: value } : { numBytes: Number(value) }),
    };
    start += length;
  }
  return extended;
}
