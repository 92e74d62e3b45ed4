import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { IdxConfig } from "../../../schemas/data.ts";
import type { FeatureSourceData } from "../../../src/data/data-source.ts";
import { idx, parseIdx } from "../../../src/data/idx.ts";
import { errorOf, idxFile, temporaryFolder } from "./helpers.ts";

const split = { validation: 0.1, test: 0.1, seed: 0 };
const train = { images: "images", labels: "labels" };
const images = idxFile([3, 1, 2], [0, 255, 51, 0, 1, 2]);
const labels = idxFile([3], [1, 0, 10]);

async function read(
  files: Readonly<Record<string, Uint8Array>>,
  parts: Partial<IdxConfig["files"]> = {},
): Promise<FeatureSourceData> {
  const config = { kind: "idx" as const, files: { train, ...parts }, maxSamples: null, split };
  const projectDirectory = temporaryFolder(files);
  return (await idx.read({ config, projectDirectory })) as FeatureSourceData;
}

test("bytes become features from 0 to 1, classes stand in the order of their numbers", async () => {
  const data = await read({ images, labels });
  expect(data.labels).toEqual(["0", "1", "10"]);
  expect(data.numFeatures).toBe(2);
  expect(data.parts.train.map(({ label }) => label)).toEqual(["1", "0", "10"]);
  expect(data.parts.train.map(({ features }) => [...features])).toEqual(
    [
      [0, 1],
      [51 / 255, 0],
      [1 / 255, 2 / 255],
    ].map((row) => row.map(Math.fround)),
  );
});

test("gzip is seen by its bytes, not by the file's name", async () => {
  const packed = await read({ images: gzipSync(images), labels: gzipSync(labels) });
  expect(packed).toEqual(await read({ images, labels }));
});

test("each part has its own pair of files", async () => {
  const other = { images: "i2", labels: "l2" };
  const files = { images, labels, i2: idxFile([1, 1, 2], [9, 9]), l2: idxFile([1], [1]) };
  const data = await read(files, { test: other });
  expect(data.parts.test?.length).toBe(1);
  expect(data.parts.validation).toBeUndefined();
});

test("files are listed by part and role", async () => {
  const folder = temporaryFolder({ images, labels });
  const config = { kind: "idx" as const, files: { train }, maxSamples: null, split };
  const files = await idx.listFiles(config, folder);
  expect(files.map(({ name }) => name)).toEqual(["train/images", "train/labels"]);
});

test.each([
  [
    "another number of labels",
    { images, labels: idxFile([2], [1, 0]) },
    "images holds 3 images, but labels holds 2 labels.",
  ],
  [
    "swapped files",
    { images: labels, labels: images },
    "images has the dimensions 3, which are not those of images.",
  ],
  [
    "a missing file",
    { images },
    "data.files.train.labels: labels does not exist. Its folder holds images.",
  ],
])("%s is an error", async (_name, files, message) => {
  const error = await errorOf(() => read(files));
  expect(error).toMatchObject({ code: "data", message });
});

test("parts with images of different sizes are refused", async () => {
  const files = { images, labels, i2: idxFile([1, 2, 2], [1, 2, 3, 4]), l2: idxFile([1], [1]) };
  const error = await errorOf(() => read(files, { test: { images: "i2", labels: "l2" } }));
  expect(error.message).toBe("i2 holds images of 2 × 2, but images of 1 × 2.");
});

const notIdx = "a.idx is not an IDX file of unsigned bytes: it begins with";

test.each([
  ["nothing", new Uint8Array(0), `${notIdx} 0 bytes, expected 0x000008`],
  ["another magic number", Uint8Array.of(0, 0, 9, 1, 0, 0, 0, 0), `${notIdx} 0x00000901, expected`],
  ["no dimensions", Uint8Array.of(0, 0, 8, 0), `${notIdx} 0x00000800, expected`],
  [
    "half a header",
    idxFile([1, 1], [1]).subarray(0, 10),
    "a.idx ends inside its header: 10 bytes, expected 12.",
  ],
  ["a dimension of 0", idxFile([0, 28], []), "a.idx holds nothing: its dimensions are 0 × 28."],
  ["too few bytes", idxFile([2, 2], [1, 2, 3]), "a.idx is cut short: 2 × 2 bytes make 4, found 3."],
  [
    "too many bytes",
    idxFile([2, 2], [1, 2, 3, 4, 5]),
    "a.idx goes on after its end: 2 × 2 bytes make 4, found more.",
  ],
  [
    "dimensions beyond any file",
    idxFile([2 ** 31, 2 ** 31, 2 ** 31], []),
    "a.idx is cut short: 2147483648 × 2147483648",
  ],
  [
    "too many bytes in a gzip file",
    gzipSync(idxFile([2, 2], [1, 2, 3, 4, 5])),
    "a.idx goes on after its end: 2 × 2 bytes make 4, found more.",
  ],
  [
    "too few bytes in a gzip file",
    gzipSync(idxFile([2, 2], [1, 2, 3])),
    "a.idx is cut short: 2 × 2 bytes make 4, found 3.",
  ],
  ["nothing in a gzip file", gzipSync(new Uint8Array(0)), `${notIdx} 0 bytes, expected 0x000008`],
  ["half of a gzip file", gzipSync(images).subarray(0, 20), "a.idx cannot be unpacked: "],
])("a file with %s is refused", async (_name, bytes, message) => {
  const error = await errorOf(() => parseIdx(bytes, "a.idx"));
  expect(error.code).toBe("data");
  expect(error.message).toContain(message);
});

/** 100 MB unpacked. */
const padding = new Uint8Array(100_000_000);

test.each([
  ["another format", padding, `${notIdx} 0x00000000`],
  [
    "an IDX header",
    Buffer.concat([idxFile([2, 2], []), padding]),
    "a.idx goes on after its end: 2 × 2 bytes make 4, found more.",
  ],
])("a gzip bomb of %s is refused before it is unpacked", async (_name, plain, message) => {
  const packed = gzipSync(plain, { level: 1 });
  const before = process.memoryUsage.rss();
  const error = await errorOf(() => parseIdx(packed, "a.idx"));
  expect(error.message).toContain(message);
  expect(process.memoryUsage.rss() - before).toBeLessThan(50_000_000);
});

test("a packed array of many chunks is unpacked whole", async () => {
  const values = Array.from({ length: 100_000 }, (_, index) => (index * 7919) % 251);
  const plain = idxFile([1_000, 100], values);
  const { sizes, values: unpacked } = await parseIdx(gzipSync(plain), "a.idx");
  expect(sizes).toEqual([1_000, 100]);
  expect(Buffer.from(values).equals(unpacked)).toBe(true);
});
