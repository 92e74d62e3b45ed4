/** Data that come with a run are those of its data hash, and so are those that lie there afterwards. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashJson, sha256 } from "../../../../src/core/hash.ts";
import { checkStagedData, mergeData } from "../../../../src/store/archive/merge-data.ts";
import { createFileSystem } from "../../../../src/store/file-system.ts";
import { openStore } from "../../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "../helpers.ts";

const files = createFileSystem();
const list = [
  ["a.tsv", sha256("a")],
  ["b.tsv", sha256("b")],
] as const;
const dataHash = hashJson(list);

/** A folder of runs with the list of the data, the digests of their rows, and these files of them. */
function folderWith(data: Readonly<Record<string, string>>): string {
  const store = openStore(join(temporaryFolder(), "runs"));
  store.saveDataList(list);
  store.saveDataRows(sha256("a"), () => Buffer.from("12345678"));
  for (const [name, text] of Object.entries(data)) {
    mkdirSync(join(store.directory, ".data", dataHash, "0"), { recursive: true });
    writeFileSync(join(store.directory, ".data", dataHash, "0", name), text);
  }
  return store.directory;
}

const both = { "a.tsv": "a", "b.tsv": "b" };

function dataOf(store: string, name: string): string {
  return readFileSync(join(store, ".data", dataHash, "0", name), "utf8");
}

test("files that are not the data of the run are refused before anything is taken over", () => {
  const from = folderWith({ ...both, "b.tsv": "another" });
  const error = errorOf(() => checkStagedData(files, from, dataHash));
  expect(error.message).toMatch(/0.b\.tsv among its data has other bytes/u);
  expect(() => checkStagedData(files, folderWith(both), dataHash)).not.toThrow();
  const unlisted = folderWith(both);
  writeFileSync(join(unlisted, ".data", `${dataHash}.json`), "[]");
  expect(errorOf(() => checkStagedData(files, unlisted, dataHash)).message).toContain(
    "no list of them",
  );
});

test("what lies there and is damaged gives way, what is whole stays, what is missing comes", () => {
  const store = folderWith({ "a.tsv": "damaged" });
  writeFileSync(join(store, ".data", `${dataHash}.json`), "damaged");
  writeFileSync(join(store, ".data/rows", sha256("a")), "damaged");
  mergeData(files, { from: folderWith(both), store, dataHash });
  expect([dataOf(store, "a.tsv"), dataOf(store, "b.tsv")]).toEqual(["a", "b"]);
  const opened = openStore(store);
  expect(opened.readDataList(dataHash)).toEqual(list);
  expect(Buffer.from(opened.readDataRows(sha256("a")) ?? []).toString()).toBe("12345678");
});
