import { createHash } from "node:crypto";
import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import type { DataFile } from "../../../src/core/task.ts";
import { dataIdentity } from "../../../src/resolve/data-identity.ts";
import { createProject, writeFiles } from "./support/project.ts";

/** Long enough ago for the file system's clock to have moved on. */
const past = new Date(Date.now() - 60_000);

interface Source {
  readonly folder: string;
  readonly files: readonly DataFile[];
  readonly cacheFile: string;
  readonly write: (name: string, text: string, time?: Date) => void;
}

function createSource(contents: Readonly<Record<string, string>>): Source {
  const folder = createProject(contents, "daten ü");
  const names = Object.keys(contents);
  const write = (name: string, text: string, time = past): void => {
    writeFiles(folder, { [name]: text });
    utimesSync(join(folder, name), time, time);
  };
  for (const [name, text] of Object.entries(contents)) write(name, text);
  const files = names.map((name) => ({ name, path: join(folder, name) }));
  return { folder, files, cacheFile: join(folder, "cache", "digests.json"), write };
}

/** Waits until the clock of the file system has moved on since the last change. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2_100));

const sha = (data: string): string => createHash("sha256").update(data).digest("hex");

test("the hash is that of the canonical list of names and digests, in reading order", async () => {
  const { files, cacheFile } = createSource({ "b.tsv": "two", "a/1.txt": "one" });
  const digests = [
    ["b.tsv", sha("two")],
    ["a/1.txt", sha("one")],
  ];
  const expected = {
    dataHash: sha(canonicalJson(digests)),
    files: digests,
    numFiles: 2,
    numBytes: 6,
    paths: files.map(({ path }) => path),
  };
  expect(await dataIdentity(files, cacheFile)).toEqual(expected);
  expect(await dataIdentity(files, cacheFile)).toEqual(expected);
  expect(await dataIdentity(files.toReversed(), cacheFile)).not.toMatchObject({
    dataHash: expected.dataHash,
  });
});

test("a digest is taken from the cache while path, size, times and inode are the same", async () => {
  const { files, cacheFile, write, folder } = createSource({ "a.txt": "one" });
  await settle();
  const before = await dataIdentity(files, cacheFile);
  const cache = readFileSync(cacheFile, "utf8");
  writeFileSync(cacheFile, cache.replace(sha("one"), sha("remembered")));
  expect(await dataIdentity(files, cacheFile)).not.toEqual(before);
  write("new.txt", "one");
  renameSync(join(folder, "new.txt"), join(folder, "a.txt")); // another inode
  expect(await dataIdentity(files, cacheFile)).toEqual(before);
});

test("a change of the bytes changes the hash", async () => {
  const { files, cacheFile, write } = createSource({ "a.txt": "one" });
  const before = await dataIdentity(files, cacheFile);
  write("a.txt", "two", new Date(past.getTime() + 1000));
  expect(await dataIdentity(files, cacheFile)).not.toEqual(before);
});

test("a change that sets the time of the last write back is seen", async () => {
  const { files, cacheFile, write } = createSource({ "a.txt": "one" });
  await settle();
  const before = await dataIdentity(files, cacheFile);
  expect(readFileSync(cacheFile, "utf8")).toContain(sha("one"));
  write("a.txt", "two"); // in place, so size, time of writing and inode are as before
  expect(await dataIdentity(files, cacheFile)).not.toEqual(before);
});

test("a file that has just been written is not remembered: the clock of the file system may not have moved", async () => {
  const { files, cacheFile, write } = createSource({ "a.txt": "one" });
  const now = new Date();
  write("a.txt", "one", now);
  const before = await dataIdentity(files, cacheFile);
  expect(existsSync(cacheFile)).toBe(false);
  write("a.txt", "two", now);
  expect(await dataIdentity(files, cacheFile)).not.toEqual(before);
});

const damages = [
  "{",
  '{"format":"other","files":{}}',
  '{"format":"lockstep/data-digests/2","files":{"x":[1,2,3,4,5],"y":null}}',
];

test("a cache that is damaged is as good as none, and is written anew", async () => {
  const { files, cacheFile, folder } = createSource({ "a.txt": "one" });
  await settle();
  const expected = await dataIdentity(files, join(folder, "other.json"));
  for (const damage of damages) {
    writeFiles(folder, { "cache/digests.json": damage });
    expect(await dataIdentity(files, cacheFile)).toEqual(expected);
    expect(readFileSync(cacheFile, "utf8")).toContain(sha("one"));
    expect(readdirSync(join(folder, "cache"))).toEqual(["digests.json"]);
  }
});

test("a cache that cannot be written costs time only", async () => {
  const { files, folder } = createSource({ "a.txt": "one" });
  const { numFiles } = await dataIdentity(files, join(folder, "package.json", "digests.json"));
  expect(numFiles).toBe(1);
});

test("a missing file is named", async () => {
  const { folder, cacheFile } = createSource({ "a.txt": "one" });
  const files = [{ name: "train.tsv", path: join(folder, "train.tsv") }];
  await expect(dataIdentity(files, cacheFile)).rejects.toMatchObject({
    code: "data",
    message: `The data file train.tsv (${join(folder, "train.tsv")}) does not exist.`,
  });
  const directory = [{ name: "all", path: folder }];
  await expect(dataIdentity(directory, cacheFile)).rejects.toThrow("is not a file");
});
