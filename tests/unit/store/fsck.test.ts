/** Every kind of damage is found, told, and repaired without anything of value being destroyed. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { openStore } from "../../../src/store/store.ts";
import { damages } from "./fsck-damages.ts";
import { dead, runName, sample } from "./fsck-sample.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents, sampleKey } from "./sample-run.ts";

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
