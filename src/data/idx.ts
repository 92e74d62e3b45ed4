/** The IDX format of the MNIST files: unsigned bytes with a header of big-endian sizes, plain or compressed with gzip. */
import { createGunzip } from "node:zlib";
import { idxSchema, type IdxConfig, type IdxInput } from "../../schemas/data.ts";
import { ExpError, InternalError } from "../core/errors.ts";
import {
  defineDataSource,
  type DataSource,
  type FeatureExample,
  type SourceParts,
} from "./data-source.ts";
import { pixelExample } from "./pixels.ts";
import { readBytes } from "./read-file.ts";
import { findFile, findSourceFiles, type FileField, type SourceFile } from "./source-files.ts";

type Files = IdxConfig["files"];

/** The source `idx`. */
export const idx: DataSource<IdxConfig, IdxInput> = defineDataSource({
  kind: "idx",
  schema: idxSchema,
  listFiles: async (config, projectDirectory) =>
    (await findSourceFiles(config, fieldsOf, projectDirectory)).map(({ path, name }) => ({
      path,
      name,
    })),
  async read({ config, projectDirectory }) {
    const files = await findSourceFiles(config, fieldsOf, projectDirectory);
    const parts: { -readonly [Part in keyof SourceParts<FeatureExample>]: FeatureExample[] } = {
      train: [],
    };
    const classes = new Set<number>();
    let first: (IdxArray & { shown: string }) | undefined;
    for (const part of ["train", "validation", "test"] as const) {
      const pair = await readPair(files, part);
      if (pair === undefined) continue;
      first ??= pair.images;
      checkSameShape(first, pair.images);
      parts[part] = pair.examples;
      for (const label of pair.labels) classes.add(label);
    }
    return {
      content: "features",
      numFeatures: first === undefined ? 0 : itemSize(first),
      parts,
      labels: [...classes].sort((a, b) => a - b).map(String),
      facts: { imageShape: first === undefined ? [] : first.sizes.slice(1) },
    };
  },
  unlabelled: {
    listFiles: async (config, projectDirectory) => {
      const field = predictField(config);
      return field === undefined ? undefined : [await findFile(field, projectDirectory)];
    },
    async read({ config, projectDirectory }) {
      const field = predictField(config);
      if (field === undefined) throw new InternalError("there is no data.predict to read");
      const images = await readIdx(await findFile(field, projectDirectory), "images");
      return { content: "features", numFeatures: itemSize(images), examples: imagesOf(images) };
    },
  },
});

/** The images as examples without a label. */
function imagesOf({ sizes, values }: IdxArray): Omit<FeatureExample, "label">[] {
  const [numImages = 0] = sizes;
  const size = itemSize({ sizes, values });
  return Array.from({ length: numImages }, (_, index) => {
    const { features, content } = pixelExample(
      values.subarray(index * size, (index + 1) * size),
      "",
    );
    return { features, content };
  });
}

function predictField({ predict }: IdxConfig): FileField | undefined {
  if (predict === undefined) return undefined;
  return { field: "data.predict", name: "predict/images", location: predict };
}

function fieldsOf(files: Files): readonly FileField[] {
  return (["train", "validation", "test"] as const).flatMap((part) =>
    (["images", "labels"] as const).flatMap((role) => {
      const location = files[part]?.[role];
      const field = `data.files.${part}.${role}`;
      return location === undefined ? [] : [{ field, name: `${part}/${role}`, location }];
    }),
  );
}

interface Pair {
  readonly images: IdxArray & { shown: string };
  readonly labels: Uint8Array;
  readonly examples: FeatureExample[];
}

async function readPair(files: readonly SourceFile[], part: string): Promise<Pair | undefined> {
  const imagesFile = files.find((file) => file.name === `${part}/images`);
  const labelsFile = files.find((file) => file.name === `${part}/labels`);
  if (imagesFile === undefined || labelsFile === undefined) return undefined;
  const images = await readIdx(imagesFile, "images");
  const labels = await readIdx(labelsFile, "labels");
  const [numImages = 0] = images.sizes;
  const [numLabels = 0] = labels.sizes;
  if (numImages !== numLabels) {
    throw new ExpError(
      "data",
      `${imagesFile.shown} holds ${numImages} images, but ${labelsFile.shown} holds ${numLabels} labels.`,
      { hint: "Do the two files belong to the same part?" },
    );
  }
  const size = itemSize(images);
  const examples = Array.from(labels.values, (label, index) =>
    pixelExample(images.values.subarray(index * size, (index + 1) * size), String(label)),
  );
  return { images: { ...images, shown: imagesFile.shown }, labels: labels.values, examples };
}

async function readIdx(file: SourceFile, content: "images" | "labels"): Promise<IdxArray> {
  const array = await parseIdx(await readBytes(file.path, file.shown), file.shown);
  const isFit = content === "labels" ? array.sizes.length === 1 : array.sizes.length >= 2;
  if (!isFit) {
    throw new ExpError(
      "data",
      `${file.shown} has the dimensions ${array.sizes.join(" × ")}, which are not those of ${content}.`,
      { hint: "Images have two or more dimensions, labels one. Are the two files swapped?" },
    );
  }
  return array;
}

/** An array of unsigned bytes. */
export interface IdxArray {
  /** Dimensions, outermost first; all at least 1. */
  readonly sizes: readonly number[];
  readonly values: Uint8Array;
}

/**
 * The array of an IDX file. The header is two zero bytes, the type (8: unsigned byte), the number of dimensions, then
 * each dimension as a big-endian 32-bit number.
 * @param bytes - Plain or gzip, told apart by their first bytes, never by the file's name.
 * @param file - Its name for messages.
 * @throws {ExpError} `data` when it is no IDX file of unsigned bytes, or shorter or longer than its header says.
 * @see LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section on file formats.
 */
export async function parseIdx(bytes: Uint8Array, file: string): Promise<IdxArray> {
  const plain = await unpack(bytes, file);
  const header = readHeader(plain);
  if (header === "other format") {
    const found = plain.length < 4 ? `${plain.length} bytes` : `0x${hex(plain.subarray(0, 4))}`;
    throw new ExpError(
      "data",
      `${file} is not an IDX file of unsigned bytes: it begins with ${found}, expected 0x000008 and the number of dimensions.`,
    );
  }
  const { size: headerSize, sizes } = header;
  if (sizes === undefined) {
    throw new ExpError(
      "data",
      `${file} ends inside its header: ${plain.length} bytes, expected ${headerSize}.`,
    );
  }
  checkNumBytes(plain.length - headerSize, sizes, file);
  return { sizes, values: plain.subarray(headerSize) };
}

function checkNumBytes(found: number, sizes: readonly number[], file: string): void {
  const shape = sizes.join(" × ");
  const expected = product(sizes);
  if (expected === 0) {
    throw new ExpError("data", `${file} holds nothing: its dimensions are ${shape}.`);
  }
  if (found === expected) return;
  // How far it goes on is not known of a packed file, which is not unpacked further.
  const [problem, end] =
    found < expected ? ["is cut short", String(found)] : ["goes on after its end", "more"];
  throw new ExpError("data", `${file} ${problem}: ${shape} bytes make ${expected}, found ${end}.`);
}

interface IdxHeader {
  /** In bytes. */
  readonly size: number;
  /** Absent where the bytes end inside the header. */
  readonly sizes: readonly number[] | undefined;
}

/** The header at the beginning of `start`. */
function readHeader(start: Uint8Array): IdxHeader | "other format" {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const magic = start.length < 4 ? 0 : view.getUint32(0);
  const numDimensions = magic & 0xff;
  if (magic >>> 8 !== 0x08 || numDimensions === 0) return "other format";
  const size = 4 + 4 * numDimensions;
  const isWhole = start.length >= size;
  const sizeAt = (_: unknown, at: number): number => view.getUint32(4 + 4 * at);
  return { size, sizes: isWhole ? Array.from({ length: numDimensions }, sizeAt) : undefined };
}

/**
 * The unpacked bytes; of a packed file no more than its header promises and what shows that it goes on, because a small
 * file can unpack to gigabytes.
 */
async function unpack(bytes: Uint8Array, file: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const gunzip = createGunzip();
  gunzip.end(bytes);
  const unpacked: AsyncIterable<Uint8Array> = gunzip;
  const chunks: Uint8Array[] = [];
  let numBytes = 0;
  let limit: number | undefined;
  try {
    for await (const chunk of unpacked) {
      chunks.push(chunk);
      numBytes += chunk.length;
      limit ??= promisedBytes(Buffer.concat(chunks));
      if (limit !== undefined && numBytes > limit) break;
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExpError("data", `${file} cannot be unpacked: ${reason}`, { cause });
  }
  return Buffer.concat(chunks);
}

/** Bytes of the whole file by its header; 0 for another format, `undefined` where the header goes on. */
function promisedBytes(start: Uint8Array): number | undefined {
  if (start.length < 4) return undefined;
  const header = readHeader(start);
  if (header === "other format") return 0;
  return header.sizes === undefined ? undefined : header.size + product(header.sizes);
}

/** Values of one item along the first dimension. */
function itemSize({ sizes }: IdxArray): number {
  return product(sizes.slice(1));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((result, size) => result * size, 1);
}

function checkSameShape(
  first: IdxArray & { shown: string },
  other: IdxArray & { shown: string },
): void {
  const [a, b] = [first, other].map(({ sizes }) => sizes.slice(1).join(" × "));
  if (a === b) return;
  throw new ExpError("data", `${other.shown} holds images of ${b}, but ${first.shown} of ${a}.`);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
