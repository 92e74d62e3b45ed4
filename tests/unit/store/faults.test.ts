/** One call to the file system fails, and for each call in turn we look at what is left. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { nodeFileOperations, type FileOperations } from "../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess, type ProcessFacts } from "../../../src/store/process-facts.ts";
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

interface Faults {
  /** The number of the call that fails first. */
  readonly from: number;
  readonly code: string;
  /** A full disk stays full; a broken sector is met once. */
  readonly isLasting: boolean;
}

/** Operations that fail from one call on, and the number of calls so far. Full disks still remove and close. */
function failing(faults: Faults): { operations: FileOperations; calls: () => number } {
  let calls = 0;
  const check = (syscall: string, path: string): void => {
    calls++;
    if (calls < faults.from || (calls > faults.from && !faults.isLasting)) return;
    throw Object.assign(new Error(`${faults.code}: ${syscall}`), {
      code: faults.code,
      syscall,
      path,
    });
  };
  const operations: FileOperations = {
    ...nodeFileOperations,
    makeDirectory: (path, isRecursive) => {
      check("mkdir", path);
      return nodeFileOperations.makeDirectory(path, isRecursive);
    },
    open: (path, mode) => {
      if (mode !== "read") check("open", path);
      return nodeFileOperations.open(path, mode);
    },
    write: (descriptor, bytes) => {
      check("write", "");
      const numTaken = bytes.length > 256 ? bytes.length >> 1 : bytes.length; // a short write
      return nodeFileOperations.write(descriptor, bytes.subarray(0, numTaken));
    },
    // Nothing is synced, for speed: this test looks at what calls are made, not at the disk.
    sync: () => {
      check("fsync", "");
    },
    rename: (from, to) => {
      check("rename", to);
      nodeFileOperations.rename(from, to);
    },
  };
  return { operations, calls: () => calls };
}

function tryRun(store: Store): unknown {
  const saved = {
    bundle: "b",
    packages: [],
    files: [],
    sources: [{ path: "a.ts", text: "a", sha256: sha256("a") }],
  };
  try {
    store.saveCode(sha256("code"), saved);
    const attempt = begin(store, attemptOptions());
    try {
      for (const event of runEvents(2)) attempt.record(event);
      attempt.finish();
      attempt.publish(documents);
    } catch (error) {
      attempt.fail(error);
      throw error;
    }
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Everything among the published is whole, and the process that met the fault can start the run again at once. */
function expectSound(folder: string): void {
  const store = openStore(folder, { files: quick });
  expect(store.listPublished().damaged).toEqual([]);
  for (const run of store.listPublished().runs) {
    for (const file of run.manifest.files) {
      expect(sha256(readFileSync(join(run.directory, file.path)))).toBe(file.sha256);
    }
    expect(existsSync(join(run.directory, "REPRODUCE.md"))).toBe(true);
  }
  const kinds = store.listAttempts(runKey).map((info) => info.status.kind);
  expect(kinds.filter((kind) => kind === "damaged" || kind === "running")).toEqual([]);
  if (store.findPublished(runKey) === undefined) publishRun(store);
}

const quick = createFileSystem({ ...nodeFileOperations, sync: (): void => undefined });

test.each([
  { code: "ENOSPC", isLasting: true, expected: "The disk is full" },
  { code: "EIO", isLasting: false, expected: "The storage device reported an error" },
])("$code at any single call leaves nothing half-written and says so", ({ expected, ...fault }) => {
  const complete = failing({ from: Infinity, ...fault });
  const whole = openStore(temporaryFolder(), { files: createFileSystem(complete.operations) });
  expect(tryRun(whole)).toBeUndefined();
  expect(complete.calls()).toBeGreaterThan(100);
  const folder = temporaryFolder();
  for (let from = 1; from <= complete.calls(); from++) {
    const store = join(folder, String(from));
    const files = createFileSystem(failing({ from, ...fault }).operations);
    const error = tryRun(openStore(store, { files }));
    // A call that may fail, such as a heartbeat, ends nothing; then the run is there.
    const isPublished = openStore(store).findPublished(runKey) !== undefined;
    const said = isExpError(error) ? formatError(error) : String(error);
    expect(error === undefined ? `published: ${isPublished}` : said).toMatch(
      new RegExp(`^published: true$|${expected}`),
    );
    expectSound(store);
    rmSync(store, { recursive: true, force: true });
  }
});

test("after the disk has room again the same run goes through", () => {
  const folder = temporaryFolder();
  for (const from of [2, 20, 40, 60, 80, 100, 110]) {
    const files = createFileSystem(failing({ from, code: "ENOSPC", isLasting: true }).operations);
    const store = join(folder, String(from));
    const error = tryRun(openStore(store, { files, process: deadProcess() }));
    expect(error).toBeDefined();
    publishRun(openStore(store, { files: quick }));
    expect(openStore(store).findPublished(runKey)).toBeDefined();
  }
});

/** As if the process with the full disk had ended: an attempt without exit record then counts as lost. */
function deadProcess(): ProcessFacts {
  return { ...currentProcess(), processStart: "0" };
}

test("a full disk is named with the path and what to do", () => {
  const fault = failing({ from: 1, code: "ENOSPC", isLasting: true });
  const store = openStore("/nowhere/runs", { files: createFileSystem(fault.operations) });
  const error = errorOf(() => store.beginAttempt(attemptOptions()));
  expect(error.code).toBe("environment");
  expect(error.message).toBe("The disk is full: could not create /nowhere/runs (ENOSPC).");
  expect(error.hint).toBe(
    "Free some space and run the same command again, or choose another place: --runs-dir or LOCKSTEP_RUNS for runs, --out for an export. Published runs are not affected.",
  );
});

test("missing rights and a read-only file system are named too", () => {
  const message = (code: string): string => {
    const fault = failing({ from: 1, code, isLasting: true });
    const store = openStore("/nowhere/runs", { files: createFileSystem(fault.operations) });
    return errorOf(() => store.beginAttempt(attemptOptions())).message;
  };
  expect(message("EACCES")).toBe("Permission denied: could not create /nowhere/runs (EACCES).");
  expect(message("EROFS")).toBe(
    "The file system is read-only: could not create /nowhere/runs (EROFS).",
  );
  expect(message("EDQUOT")).toBe(
    "The disk quota is used up: could not create /nowhere/runs (EDQUOT).",
  );
});

test("a real small disk that fills up does no damage", ({ skip }) => {
  const folder = temporaryFolder();
  const disk = join(folder, "disk");
  mkdirSync(disk);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { stdio: "pipe" });
  } catch {
    skip("a tmpfs cannot be mounted here: that takes root");
  }
  onTestFinished(() => {
    execFileSync("umount", [disk]);
  });
  const store = openStore(join(disk, "runs"));
  let published = 0;
  let error = fillWith(store, 1);
  while (error === undefined) {
    published++;
    error = fillWith(store, published + 1);
  }
  expect(error.code).toBe("environment");
  expect(error.message).toContain("The disk is full");
  expect(store.listPublished().damaged).toEqual([]);
  expect(store.listPublished().runs).toHaveLength(published);
  expect(readdirSync(store.directory).filter((name) => !name.startsWith("."))).toHaveLength(
    published,
  );
});

function fillWith(store: Store, seed: number): ReturnType<typeof errorOf> | undefined {
  try {
    const attempt = begin(store, attemptOptions(seed));
    try {
      for (const event of runEvents(4)) attempt.record(event);
      attempt.finish();
      attempt.publish(documents);
      return undefined;
    } catch (error) {
      attempt.fail(error);
      throw error;
    }
  } catch (error) {
    return errorOf(() => {
      throw error;
    });
  }
}
