/** Every kind of damage is found, told, and repaired without anything of value being destroyed. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
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
  sampleCodeHash as codeHash,
} from "./sample-run.ts";

const runName = sampleKey(1).slice(0, 16);
const dead = { ...currentProcess(), processStart: "0" };

interface Sample {
  readonly folder: string;
  readonly store: Store;
  /** A path in the store. */
  readonly at: (path: string) => string;
}

/** A store with one of everything, nothing wrong with it. */
function sample(): Sample {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: dead });
  store.saveCode(codeHash, {
    bundle: "b",
    packages: [],
    files: [],
    sources: [{ path: "a.ts", text: "a", sha256: sha256("a") }],
  });
  store.saveSnapshot(codeHash, {
    facts: {},
    files: [{ path: "src/a.ts", bytes: Buffer.from("a") }],
  });
  store.packSnapshot(codeHash, {
    facts: { packed: true },
    files: [{ path: "src/a.ts", bytes: Buffer.from("a") }],
  });
  store.saveDiff(codeHash, Buffer.from("diff"));
  store.saveDataList([["a.tsv", sha256("a")]]);
  publishRun(store, 1);
  store.annotate({ runKey: sampleKey(1), kind: "note", facts: { text: "good" } });
  const stopped = begin(store, attemptOptions(2));
  for (const event of runEvents(3).slice(0, -1)) stopped.record(event);
  stopped.fail(new Error("stopped"));
  return { folder, store, at: (path) => join(folder, path) };
}

function onlyIn(folder: string): string {
  const [name = "", ...others] = readdirSync(folder).filter((one) => !one.startsWith("."));
  expect(others).toEqual([]);
  return join(folder, name);
}

/** As if nobody had touched it for a day. */
function age(path: string): void {
  utimesSync(path, new Date(Date.now() - 86_400_000), new Date(Date.now() - 86_400_000));
}

const attempt2 = `.attempts/${sampleKey(2).slice(0, 16)}/1`;

test("nothing is found in a store where nothing is wrong", () => {
  const { store } = sample();
  expect(store.check({ isRepairing: false })).toEqual({
    numRuns: 1,
    numAttempts: 1,
    numConflicts: 0,
    numCodes: 1,
    numAnnotations: 1,
    numForeign: 0,
    findings: [],
  });
  expect(openStore(temporaryFolder()).check({ isRepairing: true }).findings).toEqual([]);
});

/** What is damaged, what is said about it, and where the damaged thing is looked for after the repair. */
const damages: readonly {
  readonly name: string;
  readonly code: string;
  readonly damage: (sample: Sample) => void;
  readonly isLeft?: boolean;
}[] = [
  {
    name: "a flipped byte in a result",
    code: "damaged-run",
    damage: ({ at }) => {
      const path = at(`${runName}/results/metrics.json`);
      writeFileSync(path, readFileSync(path, "utf8").replace("0.5", "0.9"));
    },
  },
  {
    name: "a truncated checkpoint of a run",
    code: "damaged-run",
    damage: ({ at }) => {
      truncateSync(at(`${runName}/checkpoints/best.safetensors`), 40);
    },
  },
  {
    name: "a result that was added",
    code: "damaged-run",
    damage: ({ at }) => {
      writeFileSync(at(`${runName}/results/better.json`), "{}");
    },
  },
  {
    name: "a manifest that is gone",
    code: "damaged-run",
    damage: ({ at }) => {
      rmSync(at(`${runName}/manifest.json`));
    },
  },
  {
    name: "a run under another name",
    code: "damaged-run",
    damage: ({ at }) => {
      renameSync(at(runName), at("0123456789abcdef"));
    },
  },
  {
    name: "a changed config beside whole results",
    code: "damaged-file",
    isLeft: true,
    damage: ({ at }) => {
      writeFileSync(at(`${runName}/config.json`), '{"seed":2}');
    },
  },
  {
    name: "a run's folder that is a link",
    code: "damaged-run",
    damage: ({ folder, at }) => {
      renameSync(at(runName), join(folder, "elsewhere.txt"));
      symlinkSync("elsewhere.txt", at(runName));
    },
  },
  {
    name: "results behind a link",
    code: "damaged-run",
    damage: ({ at }) => {
      renameSync(at(`${runName}/results`), at(`${runName}/other`));
      symlinkSync("other", at(`${runName}/results`));
    },
  },
  {
    name: "a link out of a run",
    code: "planted",
    damage: ({ at }) => {
      symlinkSync("/etc/passwd", at(`${runName}/logs/passwd`));
    },
  },
  {
    name: "code that is cut off",
    code: "damaged-code",
    damage: ({ at }) => {
      truncateSync(at(`.code/${codeHash}/files.json`), 3);
    },
  },
  {
    name: "a changed source",
    code: "damaged-code",
    damage: ({ at }) => {
      writeFileSync(join(onlyIn(at(`.code/${codeHash}/sources`)), "a.ts"), "b");
    },
  },
  {
    name: "a changed snapshot",
    code: "damaged-code",
    damage: ({ at }) => {
      const folder = at(`.code/${codeHash}/snapshots`);
      const name = readdirSync(folder).find((one) => !one.endsWith(".pack")) ?? "";
      writeFileSync(join(folder, name, "tree/src/a.ts"), "b");
    },
  },
  {
    name: "a changed pack of a snapshot",
    code: "damaged-code",
    damage: ({ at }) => {
      const folder = at(`.code/${codeHash}/snapshots`);
      const name = readdirSync(folder).find((one) => one.endsWith(".pack")) ?? "";
      const bytes = readFileSync(join(folder, name));
      bytes.write("b", bytes.length - 1);
      writeFileSync(join(folder, name), bytes);
    },
  },
  {
    name: "a changed diff",
    code: "damaged-code",
    damage: ({ at }) => {
      appendFileSync(onlyIn(at(`.code/${codeHash}/uncommitted`)), "x");
    },
  },
  {
    name: "code that is gone",
    code: "missing-code",
    isLeft: true,
    damage: ({ at }) => {
      rmSync(at(`.code/${codeHash}`), { recursive: true });
    },
  },
  {
    name: "a changed list of data",
    code: "damaged-data-list",
    damage: ({ at }) => {
      appendFileSync(onlyIn(at(".data")), " ");
    },
  },
  {
    name: "an annotation that is cut off",
    code: "damaged-annotation",
    damage: ({ at }) => {
      truncateSync(onlyIn(at(`.annotations/${runName}`)), 20);
    },
  },
  {
    name: "a note of what was exported that is cut off",
    code: "damaged-cursor",
    damage: ({ at }) => {
      mkdirSync(at(`.annotations/${runName}/exports`));
      writeFileSync(at(`.annotations/${runName}/exports/csv-000000000000.json`), "{");
    },
  },
  {
    name: "a damaged checkpoint of an attempt",
    code: "damaged-checkpoint",
    damage: ({ at }) => {
      truncateSync(at(`${attempt2}/checkpoints/best.safetensors`), 40);
    },
  },
  {
    name: "an attempt that is nobody's and has nothing",
    code: "damaged-attempt",
    damage: ({ at }) => {
      rmSync(at(`${attempt2}/checkpoints`), { recursive: true });
      writeFileSync(at(`${attempt2}/attempt.json`), "");
      age(at(attempt2));
    },
  },
  {
    name: "a claim that was not finished",
    code: "leftover",
    damage: ({ at }) => {
      mkdirSync(at(".attempts/.new-1/logs"), { recursive: true });
      age(at(".attempts/.new-1"));
    },
  },
  {
    name: "half-stored code",
    code: "leftover",
    damage: ({ at }) => {
      mkdirSync(at(".code/.new-1"));
      writeFileSync(at(".code/.new-1/bundle.js"), "b");
      age(at(".code/.new-1"));
    },
  },
  {
    name: "attempts behind a link",
    code: "not-a-folder",
    damage: ({ at }) => {
      renameSync(at(".attempts"), at(".moved"));
      symlinkSync(".moved", at(".attempts"));
    },
  },
];

describe.each(damages)("$name", ({ code, damage, isLeft = false }) => {
  test("is found, and nothing is touched", () => {
    const whole = sample();
    damage(whole);
    const before = everything(whole.folder);
    const { findings } = whole.store.check({ isRepairing: false });
    expect(findings.map((finding) => finding.code)).toContain(code);
    expect(findings.every(({ isRepaired }) => !isRepaired)).toBe(true);
    expect(everything(whole.folder)).toEqual(before);
  });

  test("is repaired, and nothing of value is gone", () => {
    const whole = sample();
    damage(whole);
    const before = contents(whole.folder);
    const { findings } = whole.store.check({ isRepairing: true });
    expect(findings.find((finding) => finding.code === code)?.isRepaired).toBe(!isLeft);
    const again = whole.store.check({ isRepairing: true });
    expect(again.findings.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(again.findings.some((finding) => finding.code === code)).toBe(isLeft);
    const after = contents(whole.folder);
    expect(before.filter((text) => !after.includes(text))).toEqual([]);
  });
});

/** Paths and bytes of all files. */
function everything(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path, readFileSync(path, "latin1")];
    }),
  );
}

function contents(folder: string): readonly string[] {
  return Object.values(everything(folder));
}

test("a complete attempt that was killed before the rename is published", () => {
  const { store, folder, at } = sample();
  rmSync(at(runName), { recursive: true });
  const files = createFileSystem({
    ...nodeFileOperations,
    rename: (from, to): void => {
      if (dirname(to) === folder) throw new Error("killed");
      nodeFileOperations.rename(from, to);
    },
  });
  const dying = openStore(folder, { files, process: dead });
  const attempt = begin(dying, attemptOptions(1));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  expect(() => attempt.publish(documents)).toThrow("killed");
  expect(store.findPublished(sampleKey(1))).toBeUndefined();
  expect(store.check({ isRepairing: true }).findings).toMatchObject([
    { code: "unpublished", isRepaired: true },
  ]);
  expect(store.findPublished(sampleKey(1))?.directory).toBe(at(runName));
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
});

test("a damaged run gives way to the whole attempt that proved it damaged", () => {
  const { store, at } = sample();
  const path = at(`${runName}/logs/trace.jsonl`);
  writeFileSync(path, readFileSync(path, "utf8").replace("weight", "Weight"));
  const attempt = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  const error = errorOf(() => attempt.publish(documents));
  attempt.fail(error);
  const { findings } = store.check({ isRepairing: true });
  expect(findings.map(({ code, isRepaired }) => ({ code, isRepaired }))).toEqual([
    { code: "damaged-run", isRepaired: true },
    { code: "unpublished", isRepaired: true },
  ]);
  expect(store.check({ isRepairing: false })).toMatchObject({ numRuns: 1, findings: [] });
  expect(existsSync(at(`${runName}/failure.json`))).toBe(false);
  expect(existsSync(at(`.trash/1/${runName}/manifest.json`))).toBe(true);
  expect(JSON.parse(readFileSync(at(".trash/1/origin.json"), "utf8"))).toMatchObject({
    path: runName,
  });
});

test("what did not repeat is told until somebody looks at it, and a running attempt is left alone", () => {
  const { folder } = sample();
  const store = openStore(folder);
  const attempt = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents(3, 2)) attempt.record(event);
  expect(store.check({ isRepairing: true }).findings).toEqual([]);
  attempt.finish();
  attempt.fail(errorOf(() => attempt.publish(documents)));
  const report = store.check({ isRepairing: true });
  expect(report.numConflicts).toBe(1);
  expect(report.findings).toMatchObject([
    { code: "conflict", severity: "warning", isRepaired: false },
  ]);
});

test("a file that is not ours is a note, and stays", () => {
  const { store, at } = sample();
  writeFileSync(at("notes.txt"), "mine");
  expect(store.check({ isRepairing: true }).findings).toMatchObject([
    { code: "foreign", severity: "note", path: "notes.txt", isRepaired: false },
  ]);
  expect(existsSync(at("notes.txt"))).toBe(true);
});

test("a file in the place of the store is refused", () => {
  const path = join(temporaryFolder(), "runs");
  writeFileSync(path, "");
  const error = errorOf(() => openStore(path).check({ isRepairing: true }));
  expect(error.message).toBe(`${path} is a file; expected the folder of the runs.`);
});
