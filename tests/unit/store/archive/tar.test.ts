/** The tar of archives: what is written is read again, by us and by other programs, and nothing else is taken. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { readTar, tarEnd, tarHeader, tarPadding } from "../../../../src/store/archive/tar.ts";
import { temporaryFolder } from "../helpers.ts";

interface Sample {
  readonly path: string;
  readonly text: string;
}

function tarOf(files: readonly Sample[]): Buffer {
  const parts = files.flatMap(({ path, text }) => {
    const bytes = Buffer.from(text);
    return [tarHeader({ path, numBytes: bytes.length }), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...parts, tarEnd]);
}

async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
  }
}

async function read(bytes: Uint8Array, partSize = 1000): Promise<readonly Sample[]> {
  const tar = readTar(inParts(bytes, partSize));
  const files: Sample[] = [];
  for (let file = await tar.next(); file !== undefined; file = await tar.next()) {
    const parts: Uint8Array[] = [];
    for await (const part of tar.parts()) parts.push(Buffer.from(part));
    files.push({ path: file.path, text: Buffer.concat(parts).toString() });
  }
  return files;
}

/** The first header with one field changed and its checksum put right. */
function withField(start: number, text: string): Buffer {
  const bytes = tarOf([{ path: "a.txt", text: "a" }]);
  bytes.write(text, start, "latin1");
  bytes.fill(0x20, 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

const samples: readonly Sample[] = [
  { path: "empty", text: "" },
  { path: "a/b.txt", text: "x".repeat(512) },
  { path: `long/${"n".repeat(200)}/${"n".repeat(200)}.json`, text: "y".repeat(513) },
  { path: "ü/größe – 1.txt", text: "ü" },
  { path: "last", text: "z".repeat(511) },
];

test("files come back with their names and bytes, whatever the parts in which the tar comes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2000 }), async (size) => {
      expect(await read(tarOf(samples), size)).toEqual(samples);
    }),
    { numRuns: 40 },
  );
});

test("a size that twelve octal digits cannot say stands in an extended header", async () => {
  const numBytes = 9_000_000_000;
  const tar = readTar(inParts(tarHeader({ path: "large", numBytes }), 512));
  expect(await tar.next()).toEqual({ path: "large", numBytes });
});

test("GNU tar reads the same files, and theirs are read here", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "ours.tar");
  writeFileSync(file, tarOf(samples));
  const listed = execFileSync("tar", ["--list", "--quoting-style=literal", "-f", file]).toString();
  expect(listed.trim().split("\n")).toEqual(samples.map(({ path }) => path));
  execFileSync("tar", ["--extract", "-f", file, "-C", folder]);
  for (const { path, text } of samples) {
    expect(readFileSync(join(folder, path), "utf8")).toBe(text);
  }
  const options = ["--format=posix", "--pax-option=delete=atime,delete=ctime,delete=mtime"];
  const names = samples.map(({ path }) => path);
  const theirs = join(folder, "theirs.tar");
  execFileSync("tar", ["--create", "-f", theirs, ...options, "-C", folder, ...names]);
  expect(await read(readFileSync(theirs))).toEqual(samples);
});

test("skipping a file is reading the next one", async () => {
  const tar = readTar(inParts(tarOf(samples), 100));
  const paths: string[] = [];
  for (let file = await tar.next(); file !== undefined; file = await tar.next()) {
    paths.push(file.path);
  }
  expect(paths).toEqual(samples.map(({ path }) => path));
});

test.each([
  ["a link", withField(156, "2"), "no regular file"],
  ["a hard link", withField(156, "1"), "no regular file"],
  ["a device", withField(156, "3"), "no regular file"],
  ["a folder", withField(156, "5"), "no regular file"],
  ["a long name of GNU tar", withField(156, "L"), "no regular file"],
  ["a size that is no number", withField(124, "-0000000001"), "no number"],
  ["a header that was changed", Buffer.from(tarOf(samples)).fill(0x41, 0, 3), "checksum"],
  ["bytes after its end", Buffer.concat([tarOf(samples), Buffer.from("more")]), "follows its end"],
  ["nothing", Buffer.alloc(0), "ends in the middle"],
  ["an endless end", Buffer.concat([tarOf(samples), Buffer.alloc(512 * 300)]), "after its end"],
])("%s is refused", async (_what, bytes, message) => {
  await expect(read(bytes)).rejects.toThrow(message);
});

test("an extended header that says more than path and size is refused", async () => {
  const bytes = Buffer.from(tarHeader({ path: "ü", numBytes: 0 }));
  bytes.write("mode=", bytes.indexOf("path="));
  await expect(read(Buffer.concat([bytes, tarEnd]))).rejects.toThrow("extended header");
});

test("a tar that is cut off anywhere is refused", async () => {
  const whole = tarOf(samples.slice(0, 2));
  for (let length = 0; length < whole.length - 1024; length += 97) {
    await expect(read(whole.subarray(0, length))).rejects.toThrow("ends in the middle");
  }
});
