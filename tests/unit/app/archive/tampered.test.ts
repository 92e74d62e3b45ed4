/** Archives whose bytes, headers and documents somebody made by hand: each is refused in words, and nothing of it stays. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sha256 } from "../../../../src/core/hash.ts";
import { makeOriginals, originals, refused, tarOf, withFile, withList } from "./tampering.ts";

makeOriginals();

const blockSize = 512;

/** A whole archive with another header of its second file, whose checksum is right. */
function withHeader(change: (header: Buffer) => void): Uint8Array {
  const [list, ...rest] = originals.entries;
  if (list === undefined) throw new Error("no list");
  const before = tarOf([list]).length - 2 * blockSize;
  const tar = tarOf([list, ...rest]);
  const header = tar.subarray(before, before + blockSize);
  change(header);
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return gzipSync(tar);
}

test("an archive that is cut off after any block of its tar is refused", async () => {
  const tar = tarOf(originals.entries);
  expect(tar.length / blockSize).toBeGreaterThan(40);
  // Two empty blocks are its end, of which one is enough.
  for (let length = 0; length < tar.length - 2 * blockSize; length += blockSize) {
    const message = await refused(gzipSync(tar.subarray(0, length)));
    expect(message, `cut after ${length}`).toMatch(/^The archive cannot be taken/u);
  }
});

test.each([
  ["a hard link", "1"],
  ["a link", "2"],
  ["a character device", "3"],
  ["a block device", "4"],
  ["a folder", "5"],
  ["a pipe", "6"],
  ["a global header", "g"],
  ["a long name of GNU tar", "L"],
  ["a sparse file", "S"],
])("%s is refused", async (_what, kind) => {
  const bytes = withHeader((header) => {
    header.write(kind, 156, "latin1");
    header.write("/etc/passwd", 157, "latin1");
  });
  expect(await refused(bytes)).toContain(`is no regular file (kind "${kind}")`);
});

test.each([
  ["more bytes than it has", "00000777777"],
  ["fewer bytes than it has", "00000000000"],
  ["more bytes than there are on a disk", "77777777777"],
])("a header that says %s is refused", async (_what, size) => {
  const bytes = withHeader((header) => header.write(`${size}\0`, 124, "latin1"));
  expect(await refused(bytes)).toContain("its list says");
});

test.each([
  ["a negative size", "-0000000001"],
  ["a size in base 256", "\u0080\0\0\0\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"],
  ["no size", "           "],
])("a header with %s is refused", async (_what, size) => {
  const bytes = withHeader((header) => header.write(`${size}\0`, 124, "latin1"));
  expect(await refused(bytes)).toContain("holds no number (size)");
});

test.each([
  ["a path that leads out", "../../escaped.txt"],
  ["an absolute path", "/tmp/escaped.txt"],
  ["another file of the list", "runs/x"],
])("%s in a header is refused, whatever the list says", async (_what, path) => {
  const bytes = withHeader((header) => {
    header.fill(0, 0, 100);
    header.write(path, 0, "latin1");
  });
  expect(await refused(bytes)).toContain("not in its list");
});

test.each([
  ["endless zeros", Buffer.alloc(50 << 20)],
  ["another tar", Buffer.alloc(blockSize, "a")],
])("%s behind its end are not read to theirs", async (_what, more) => {
  const whole = gzipSync(Buffer.concat([tarOf(originals.entries), more]));
  expect(await refused(whole)).toMatch(/goes on after its end|something follows its end/u);
  // As a second stream of the same file, which gunzip takes for more of the first.
  const second = Buffer.concat([gzipSync(tarOf(originals.entries)), gzipSync(more)]);
  expect(await refused(second)).toMatch(/goes on after its end|something follows its end/u);
});

test("a list of a gigabyte is refused by its header", async () => {
  const list = Buffer.alloc(65 << 20, " ");
  const bytes = gzipSync(tarOf([{ path: "archive.json", bytes: list }]));
  expect(await refused(bytes)).toContain(`has ${list.length} bytes`);
});

test("names that some file systems take for one are refused", async () => {
  const name = originals.runName;
  for (const path of [`runs/${name}/IDENTITY.json`, `runs/${name}/identity.json/x`]) {
    const bytes = withList((list) => {
      list.files.push({ path, bytes: 0, sha256: sha256("") });
    });
    expect(await refused(bytes)).toMatch(/twice|below a file/u);
  }
  const [composed, apart] = ["\u00e9", "e\u0301"].map((text) => `runs/${name}/files/${text}`);
  const bytes = withList((list) => {
    for (const path of [composed, apart])
      list.files.push({ path: path ?? "", bytes: 0, sha256: sha256("") });
  });
  expect(await refused(bytes)).toContain("twice");
});

const deep = (open: string, close: string): string => open.repeat(100_000) + close.repeat(100_000);

test.each([
  ["lists", deep("[", "]")],
  ["an object of lists", `{"format":${deep("[", "]")}}`],
])("documents of %s that are nested 100,000 deep are refused in words", async (_what, text) => {
  const bytes = Buffer.from(text);
  const documents = originals.entries.filter(({ path }) => /\.jsonl?$/u.test(path));
  expect(documents.length).toBeGreaterThan(8);
  for (const { path } of documents) {
    const files = originals.entries.map((entry) => (entry.path === path ? { path, bytes } : entry));
    const changed =
      path === "archive.json"
        ? gzipSync(tarOf(files))
        : withList((list) => {
            const listed = list.files.find((file) => file.path === path);
            if (listed === undefined) throw new Error(path);
            Object.assign(listed, { bytes: bytes.length, sha256: sha256(bytes) });
          }, files);
    expect(await refused(changed), path).toMatch(/^The archive cannot be taken/u);
  }
  const [list, signature, ...rest] = originals.signed;
  if (list === undefined || signature === undefined) throw new Error("not signed");
  const signed = gzipSync(tarOf([list, { ...signature, bytes }, ...rest]));
  expect(await refused(signed)).toMatch(/signature is not over its list|at its beginning/u);
});

test("the manifest of another run is refused", async () => {
  const key = sha256("another run");
  const manifest = withFile("manifest.json", (text) =>
    text.replace(/"runKey": "[0-9a-f]{64}"/u, `"runKey": "${key}"`),
  );
  expect(await refused(manifest)).toMatch(/^The archive cannot be taken/u);
  const listed = withList((list) => {
    list.runKey = key;
  });
  expect(await refused(listed)).toContain("which is nothing of the run");
});
