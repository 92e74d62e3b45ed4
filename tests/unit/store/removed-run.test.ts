/** Runs that are taken out and put back: nothing is lost, wherever it is cut off, and nobody is disturbed. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { nodeFileOperations, type FileOperations } from "../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
  sampleKey,
} from "./sample-run.ts";

const runKey = sampleKey(1);
const name = runKey.slice(0, 16);
const dead = { ...currentProcess(), processStart: "0" };
const removal = { runKey, experiment: "bert-lr", reason: "exp rm" };

/** A published run with a conflict, a failed repeat, and two sayings; made by a process that is dead. */
function sample(folder = temporaryFolder()): { readonly folder: string; readonly store: Store } {
  const store = openStore(folder, { process: dead });
  publishRun(store);
  const other = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents(3, 2)) other.record(event);
  other.finish();
  errorOf(() => other.publish(documents)); // it did not repeat: a conflict, and a saying about it
  const failed = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents(2).slice(0, 5)) failed.record(event);
  failed.fail(new Error("stopped"));
  store.annotate({ runKey, kind: "note", facts: { text: "good" } });
  return { folder, store };
}

/** Every file below a folder with its bytes; claims of dead processes and numbers of attempts do not count. */
function contents(folder: string, below = ""): readonly string[] {
  return readdirSync(join(folder, below))
    .flatMap((entry) => {
      const path = below === "" ? entry : `${below}/${entry}`;
      if (statSync(join(folder, path)).isDirectory()) return contents(folder, path);
      const place = path.replace(/^(\.attempts\/[0-9a-f]{16})\/\d+/u, "$1/n");
      return [`${place} ${sha256(readFileSync(join(folder, path), "utf8"))}`];
    })
    .filter((line) => !/^\.trash\/|^\.attempts\/\.(?:new|old)-|\/heartbeat /u.test(line))
    .toSorted();
}

test("a run goes to the trash with all that belongs to it, and comes back as it was", () => {
  const { folder, store } = sample();
  publishRun(store, 2);
  const before = contents(folder);
  const entry = store.removeRun(removal);
  expect(store.findPublished(runKey)).toBeUndefined();
  expect(contents(folder).filter((line) => line.includes(name))).toEqual([]);
  expect(existsSync(join(folder, ".attempts", name))).toBe(false);
  expect(store.listPublished().runs).toHaveLength(1);
  expect(store.trash()).toEqual([entry]);
  expect(entry).toMatchObject({ number: 1, path: name, reason: "exp rm" });
  store.restore(entry);
  expect(contents(folder)).toEqual(before);
  expect(store.trash()).toEqual([]);
  expect(readdirSync(join(folder, ".trash"))).toEqual([]);
  expect(store.check({ isRepairing: false }).findings.map(({ code }) => code)).not.toContain(
    "damaged-run",
  );
});

test("a run that somebody executes is neither removed nor put back", () => {
  const { folder, store } = sample();
  const entry = store.removeRun(removal);
  const running = begin(openStore(folder), attemptOptions());
  expect(errorOf(() => store.restore(entry)).code).toBe("run-active");
  expect(errorOf(() => store.removeRun(removal)).code).toBe("run-active");
  running.fail(new Error("stopped"));
  store.restore(entry);
  expect(store.findPublished(runKey)).toBeDefined();
  const alive = begin(openStore(folder), attemptOptions(1, { isRepeat: true }));
  expect(errorOf(() => store.removeRun(removal)).code).toBe("run-active");
  alive.fail(new Error("stopped"));
});

test("what was executed again since stays, and the old one in the trash; sayings of both are kept", () => {
  const { folder, store } = sample();
  const entry = store.removeRun(removal);
  publishRun(store);
  store.annotate({ runKey, kind: "note", facts: { text: "new" } });
  expect(errorOf(() => store.restore(entry)).message).toContain("has been executed again since");
  expect(store.trash()).toEqual([entry]);
  rmSync(join(folder, name), { recursive: true });
  store.restore(entry);
  const notes = store.annotations(runKey).annotations.flatMap(({ facts }) => facts["text"] ?? []);
  expect(notes).toEqual(["good", "new"]);
});

test("what was exported of a run comes back with it, and what was exported since is kept", () => {
  const { folder, store } = sample();
  const exports = join(folder, ".annotations", name, "exports");
  const note = (target: string, text: string): void => {
    mkdirSync(exports, { recursive: true });
    writeFileSync(join(exports, `${target}.json`), text);
  };
  note("mlflow-1", "old");
  note("csv-1", "old");
  mkdirSync(join(exports, "csv-1.lock.dead-1"));
  const entry = store.removeRun(removal);
  note("mlflow-1", "new");
  store.restore(entry);
  expect(readdirSync(exports)).toEqual(["csv-1.json", "mlflow-1.json"]);
  expect(readFileSync(join(exports, "mlflow-1.json"), "utf8")).toBe("new");
  expect(readFileSync(join(exports, "csv-1.json"), "utf8")).toBe("old");
  expect(store.trash()).toEqual([]);
});

test("nothing of a run that is not there is removed", () => {
  const { folder, store } = sample();
  const before = contents(folder);
  const none = { ...removal, runKey: sampleKey(3) };
  expect(errorOf(() => store.removeRun(none)).code).toBe("usage");
  expect(contents(folder)).toEqual(before);
});

test("links in a trash are not followed: nothing outside of the store is moved into it", () => {
  const { folder, store } = sample();
  const entry = store.removeRun(removal);
  const outside = join(temporaryFolder(), "outside");
  mkdirSync(join(outside, name), { recursive: true });
  writeFileSync(join(outside, name, "20260101T000000000Z-note-00000000.json"), "private");
  renameSync(join(entry.directory, ".annotations"), join(folder, "away"));
  symlinkSync(outside, join(entry.directory, ".annotations"));
  store.restore(entry);
  expect(readdirSync(join(outside, name))).toHaveLength(1);
  expect(store.annotations(runKey).annotations).toEqual([]);
});

/** Operations of a process that is killed before its n-th call that changes something. */
function killedBefore(limit: number, killed: () => void): FileOperations {
  let numCalls = 0;
  const count = (): void => {
    if (++numCalls < limit) return;
    killed();
    throw Object.assign(new Error("killed"), { code: "EIO", syscall: "rename" });
  };
  const node = nodeFileOperations;
  return {
    ...node,
    makeDirectory: (path, isRecursive) => (count(), node.makeDirectory(path, isRecursive)),
    open: (path, mode) => (count(), node.open(path, mode)),
    sync: () => count(),
    rename: (from, to) => (count(), node.rename(from, to)),
    removeFile: (path) => (count(), node.removeFile(path)),
    removeEmptyDirectory: (path) => (count(), node.removeEmptyDirectory(path)),
    removeTree: (path) => (count(), node.removeTree(path)),
  };
}

test.each(["removed", "put back"])(
  "a run that is killed while it is %s is whole afterwards",
  (what) => {
    const made = sample().folder;
    const before = contents(made);
    let isKilled = true;
    for (let limit = 1; isKilled; limit++) {
      isKilled = false;
      const folder = temporaryFolder();
      cpSync(made, folder, { recursive: true });
      const store = openStore(folder, { process: dead });
      const entry = what === "removed" ? undefined : store.removeRun(removal);
      const files = createFileSystem(killedBefore(limit, () => (isKilled = true)));
      const victim = openStore(folder, { files, process: dead });
      try {
        if (entry === undefined) victim.removeRun(removal);
        else victim.restore(entry);
      } catch {
        // Whatever it says, it is dead.
      }
      for (const one of store.trash()) store.restore(one);
      // Its claim stays behind, as that of any process that is killed.
      const after = contents(folder).filter(
        (line) => !/\/n\/attempt\.json/u.test(line) || before.includes(line),
      );
      expect(after, `killed before call ${limit}`).toEqual(before);
    }
  },
);
