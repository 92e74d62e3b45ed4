import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { registerSecret, forgetSecrets } from "../../../src/core/secrets.ts";
import { sha256 } from "../../../src/core/hash.ts";
import type { SnapshotName } from "../../../src/store/snapshot-store.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

const codeHash = sha256("code");
const content = {
  facts: { project: ".", code: ["tasks/a.ts"] },
  files: [
    { path: "tasks/a.ts", bytes: Buffer.from("export const a = 1;\n") },
    { path: "package.json", bytes: Buffer.from("{}") },
  ],
};

function saved(): { store: Store; name: SnapshotName; tree: string } {
  const store = openStore(temporaryFolder());
  store.saveCode(codeHash, { bundle: "", packages: [], files: [], sources: [] });
  const name = store.saveSnapshot(codeHash, content);
  return { store, name, tree: store.readSnapshot(name).tree };
}

test("a snapshot is read as it was stored, and stored once", () => {
  const { store, name, tree } = saved();
  expect(store.saveSnapshot(codeHash, content)).toEqual(name);
  expect(store.readSnapshot(name)).toEqual({ tree, facts: content.facts });
  const reversed = { ...content, files: content.files.toReversed() };
  expect(store.saveSnapshot(codeHash, reversed)).toEqual(name);
});

test("links to packages are not part of it; anything else that is new, changed or gone is seen", () => {
  const { store, name, tree } = saved();
  symlinkSync("/", join(tree, "node_modules"));
  mkdirSync(join(tree, "tasks/node_modules"));
  expect(store.readSnapshot(name).tree).toBe(tree);
  const planted = join(tree, "tasks/a.js");
  writeFileSync(planted, "");
  expect(errorOf(() => store.readSnapshot(name)).message).toContain(
    "tree/tasks/a.js is not as it was stored",
  );
  rmSync(planted);
  symlinkSync(join(tree, "package.json"), planted);
  expect(errorOf(() => store.readSnapshot(name)).message).toContain(
    "tree/tasks/a.js is not as it was stored",
  );
  rmSync(planted);
  appendFileSync(join(tree, "tasks/a.ts"), " ");
  expect(errorOf(() => store.readSnapshot(name)).message).toContain(
    "tree/tasks/a.ts is not as it was stored",
  );
  rmSync(join(tree, "tasks"), { recursive: true });
  expect(errorOf(() => store.readSnapshot(name)).message).toContain(
    "tree/tasks/a.ts is not as it was stored",
  );
  appendFileSync(join(tree, "../snapshot.json"), " ");
  expect(errorOf(() => store.readSnapshot(name)).message).toContain("snapshot.json was changed");
  rmSync(join(tree, ".."), { recursive: true });
  expect(errorOf(() => store.readSnapshot(name))).toMatchObject({ code: "store" });
});

test("a path that leaves the tree, and a file that holds a secret, are refused", () => {
  const { store } = saved();
  for (const path of ["../a.ts", "/a.ts", "a\\b.ts", "a\n.ts"]) {
    const files = [{ path, bytes: Buffer.from("") }];
    const error = errorOf(() => store.saveSnapshot(codeHash, { facts: {}, files }));
    expect(error).toMatchObject({ code: "module" });
  }
  registerSecret("TOKEN", "correct horse battery");
  try {
    const files = [{ path: "package.json", bytes: Buffer.from('{"x":"correct horse battery"}') }];
    const error = errorOf(() => store.saveSnapshot(codeHash, { facts: {}, files }));
    expect(error.message).toContain("package.json:1 holds the value of the secret TOKEN");
  } finally {
    forgetSecrets();
  }
});

test("the list of a data hash is found by it, and not when it is damaged", () => {
  const store = openStore(temporaryFolder());
  const list = [["train.tsv", sha256("x")]] as const;
  store.saveDataList(list);
  store.saveDataList([]);
  const dataHash = sha256(JSON.stringify(list));
  expect(store.readDataList(dataHash)).toEqual(list);
  expect(store.readDataList(sha256("[]"))).toBeUndefined();
  expect(store.readDataList("../../x")).toBeUndefined();
  appendFileSync(join(store.directory, ".data", `${dataHash}.json`), " ");
  expect(store.readDataList(dataHash)).toBeUndefined();
});

test("a kept diff is found by its digest", () => {
  const { store } = saved();
  const diff = Buffer.from([0xff, 0x0a]);
  const digest = store.saveDiff(codeHash, diff);
  expect(store.saveDiff(codeHash, diff)).toBe(digest);
  expect(Buffer.from(store.readDiff(codeHash, digest) ?? [])).toEqual(diff);
  expect(store.readDiff(codeHash, sha256("none"))).toBeUndefined();
});

test("a packed snapshot is one file until it is read, and then the same as one that was stored as a folder", () => {
  const directory = temporaryFolder();
  const store = openStore(directory);
  store.saveCode(codeHash, { bundle: "", packages: [], files: [], sources: [] });
  const name = store.packSnapshot(codeHash, content);
  const folder = join(directory, ".code", codeHash, "snapshots");
  expect(readdirSync(folder)).toEqual([`${name.digest.slice(0, 16)}.pack`]);
  expect(saved().name).toEqual(name);
  const { tree, facts } = store.readSnapshot(name);
  expect(facts).toEqual(content.facts);
  expect(readFileSync(join(tree, "tasks/a.ts"), "utf8")).toBe("export const a = 1;\n");
});

test("a pack that is not as it was stored is refused", () => {
  const directory = temporaryFolder();
  const store = openStore(directory);
  store.saveCode(codeHash, { bundle: "", packages: [], files: [], sources: [] });
  const name = store.packSnapshot(codeHash, content);
  const pack = join(directory, ".code", codeHash, "snapshots", `${name.digest.slice(0, 16)}.pack`);
  const text = readFileSync(pack, "utf8");
  writeFileSync(pack, text.replace("const a = 1", "const a = 2"));
  expect(errorOf(() => store.readSnapshot(name)).message).toContain("not as it was stored");
  writeFileSync(pack, text.replace("tasks/a.ts", "../up/a.ts"));
  expect(errorOf(() => store.readSnapshot(name)).message).toContain("not as it was stored");
  expect(errorOf(() => store.readSnapshot(name)).code).toBe("store");
});

test("what a pack will take is told before, and nothing where it is stored", () => {
  const store = openStore(temporaryFolder());
  const numBytes = content.files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(store.numSnapshotBytes(codeHash, content)).toBe(numBytes);
  store.saveCode(codeHash, { bundle: "", packages: [], files: [], sources: [] });
  store.packSnapshot(codeHash, content);
  expect(store.numSnapshotBytes(codeHash, content)).toBe(0);
});
