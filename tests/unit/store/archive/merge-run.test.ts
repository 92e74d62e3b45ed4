/** Taking a run over is cut off at every call in turn: the run is there whole or not at all, and the next import ends well. */
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import seedrandom from "seedrandom";
import { expect, test } from "vitest";
import { sha256 } from "../../../../src/core/hash.ts";
import { mergeRun } from "../../../../src/store/archive/merge-run.ts";
import { nodeFileOperations, type FileOperations } from "../../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../../src/store/file-system.ts";
import { damagedFiles } from "../../../../src/store/published-run.ts";
import { openStore, type Store } from "../../../../src/store/store.ts";
import { createDisk, type SimulatedDisk } from "../../../crash/simulated-disk.ts";
import { temporaryFolder } from "../helpers.ts";
import { publishRun, sampleKey, sampleCodeHash } from "../sample-run.ts";

const runKey = sampleKey(1);
const codeHash = sampleCodeHash;

/** A folder of runs with one run, its code and a saying. */
function fill(folder: string, source = "a"): Store {
  const store = openStore(folder);
  const sources = [{ path: "a.ts", text: source, sha256: sha256(source) }];
  store.saveCode(codeHash, { bundle: "b", packages: [], files: [], sources });
  store.packSnapshot(codeHash, { facts: { source }, files: [] });
  publishRun(store, 1);
  store.annotate({ runKey, kind: "note", facts: { text: "good" } });
  return store;
}

/** From one call on nothing is changed any more, as if the process had been killed there. */
function killedAt(last: number): { operations: FileOperations; wasKilled: () => boolean } {
  let calls = 0;
  const count = (): void => {
    calls++;
    if (calls > last) throw new Error("killed");
  };
  const real = nodeFileOperations;
  const operations: FileOperations = {
    ...real,
    makeDirectory: (path, isRecursive) => {
      count();
      return real.makeDirectory(path, isRecursive);
    },
    rename: (from, to) => {
      count();
      real.rename(from, to);
    },
    write: (descriptor, bytes) => {
      count();
      return real.write(descriptor, bytes);
    },
    removeTree: (path) => {
      count();
      real.removeTree(path);
    },
    removeEmptyDirectory: (path) => {
      count();
      real.removeEmptyDirectory(path);
    },
    sync: () => undefined,
  };
  return { operations, wasKilled: () => calls > last };
}

test.each([
  ["an empty folder of runs", undefined],
  ["one that has the code by another experiment", "b"],
])("into %s", (_what, other) => {
  const origin = temporaryFolder();
  fill(origin);
  let last = 0;
  for (; ; last++) {
    const folder = temporaryFolder();
    const directory = join(folder, "runs");
    mkdirSync(directory);
    if (other !== undefined) {
      const sources = [{ path: "b.ts", text: other, sha256: sha256(other) }];
      openStore(directory).saveCode(codeHash, { bundle: "b", packages: [], files: [], sources });
    }
    const stage = (name: string): string => {
      cpSync(origin, join(folder, name), { recursive: true });
      return join(folder, name);
    };
    const { operations, wasKilled } = killedAt(last);
    const merge = (): unknown =>
      mergeRun(createFileSystem(operations), directory, { from: stage("first"), runKey });
    expect(wasKilledWhile(merge)).toBe(wasKilled());
    const store = openStore(directory);
    const errors = store.check({ isRepairing: false }).findings;
    expect(errors.filter(({ severity }) => severity === "error")).toEqual([]);
    const isThere = store.findPublished(runKey) !== undefined;
    const again = mergeRun(createFileSystem(), directory, { from: stage("second"), runKey });
    expect(again.kind).toBe(isThere ? "present" : "imported");
    expect(store.annotations(runKey).annotations.map(({ kind }) => kind)).toEqual(["note"]);
    const sources = join(directory, ".code", codeHash, "sources");
    expect(existsSync(sources)).toBe(true);
    if (!wasKilled()) break;
  }
  expect(last).toBeGreaterThan(5);
});

function wasKilledWhile(body: () => unknown): boolean {
  try {
    body();
    return false;
  } catch {
    return true;
  }
}

test("what the other folder says about itself stays there", () => {
  const origin = temporaryFolder();
  const store = fill(origin);
  store.annotate({ runKey, kind: "relocation", facts: { locations: [] } });
  store.annotate({ runKey, kind: "import", facts: {} });
  const directory = join(temporaryFolder(), "runs");
  mergeRun(createFileSystem(), directory, { from: origin, runKey });
  const said = openStore(directory).annotations(runKey).annotations;
  expect(said.map(({ kind }) => kind)).toEqual(["note"]);
});

test("a damaged run in the same place is left, and told", () => {
  const origin = temporaryFolder();
  fill(origin);
  const directory = join(temporaryFolder(), "runs");
  const place = join(directory, runKey.slice(0, 16));
  mkdirSync(place, { recursive: true });
  const merge = (): unknown => mergeRun(createFileSystem(), directory, { from: origin, runKey });
  expect(merge).toThrow("is not a published run");
  expect(existsSync(place)).toBe(true);
});

const place = "/runs/.cache/import";

/** A simulated disk with a run that was unpacked and not synced. */
function unpacked(dropsSync: (path: string) => boolean): SimulatedDisk {
  const disk = createDisk({ dropsSync });
  const files = createFileSystem(disk.operations);
  const store = openStore("/origin", { files });
  const sources = [{ path: "a.ts", text: "a", sha256: sha256("a") }];
  store.saveCode(codeHash, { bundle: "b", packages: [], files: [], sources });
  publishRun(store, 1);
  store.annotate({ runKey, kind: "note", facts: { text: "good" } });
  const copy = (folder: string): void => {
    for (const name of files.list(`/origin${folder}`)) {
      const path = `${folder}/${name}`;
      if (files.status(`/origin${path}`)?.kind === "directory") copy(path);
      else {
        files.ensureFolders(`${place}${folder}`);
        const bytes = files.read(`/origin${path}`) ?? new Uint8Array();
        files.writeFile(`${place}${path}`, bytes, "later");
      }
    }
  };
  files.ensureRoot("/runs");
  copy("");
  return disk;
}

/** What is not there whole after a loss of power behind the end of an import, for many ways to lose what was not synced. */
function lostAfterImport(dropsSync: (path: string) => boolean): number {
  const disk = unpacked(dropsSync);
  mergeRun(createFileSystem(disk.operations), "/runs", { from: place, runKey });
  let numLost = 0;
  for (let seed = 0; seed < 200; seed++) {
    const survivor = disk.afterPowerLoss(seedrandom(String(seed)));
    const files = createFileSystem(survivor.operations);
    const store = openStore("/runs", { files });
    const isWhole = (): boolean => {
      const run = store.findPublished(runKey);
      const errors = store.check({ isRepairing: false }).findings;
      return (
        run !== undefined &&
        damagedFiles(files, run).length === 0 &&
        errors.every(({ severity, code }) => severity !== "error" && code !== "missing-code") &&
        store.annotations(runKey).annotations.length === 1
      );
    };
    if (failsOrNot(isWhole)) numLost++;
  }
  return numLost;
}

function failsOrNot(isWhole: () => boolean): boolean {
  try {
    return !isWhole();
  } catch {
    return true;
  }
}

test("once a run was taken over, no loss of power takes any of it away; without syncs it would", () => {
  expect(lostAfterImport(() => false)).toBe(0);
  expect(lostAfterImport((path) => path.startsWith("/runs"))).toBeGreaterThan(0);
});
