/** What nobody needs is found and removed; what somebody may need is not. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { ExpError } from "../../../src/core/errors.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import type { GarbageReport } from "../../../src/store/garbage-items.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, publishRun, runEvents, sampleKey } from "./sample-run.ts";

const runKey = sampleKey(1);
const name = runKey.slice(0, 16);
const dead = { ...currentProcess(), processStart: "0" };
const dayMs = 86_400_000;

/** By a process that is alive; the store of the tests is that of a dead one. */
function collect(store: Store, isRemoving: boolean): GarbageReport {
  return openStore(store.directory).collectGarbage({ isRemoving, olderThanMs: 30 * dayMs });
}

function paths({ items }: GarbageReport): readonly string[] {
  return items.map(({ path }) => path);
}

/** An attempt that goes on where the ones before stopped, and stops after some more steps. */
function stopAfter(store: Store, numSteps: number): string {
  const attempt = begin(store, attemptOptions());
  const start = attempt.resume().point?.step ?? 0;
  const isNew = (step: number): boolean => step > start && step <= numSteps;
  for (const event of runEvents(9)) {
    if ("step" in event && event.kind !== "result" && isNew(event.step)) attempt.record(event);
    if (event.kind === "trace" && isNew(Number(event.row["step"]))) attempt.record(event);
  }
  attempt.fail(new Error("stopped"));
  return attempt.directory;
}

function checkpoints(directory: string): readonly string[] {
  return readdirSync(join(directory, "checkpoints"));
}

/** Lets something look as if nothing had happened to it for so many hours. */
function age(path: string, hours = 2): void {
  const past = new Date(Date.now() - hours * 3_600_000);
  utimesSync(path, past, past);
}

function write(path: string, text = "x"): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test("the trash is emptied of what lies there for long enough, and only where that is asked for", () => {
  const folder = temporaryFolder();
  const at = (days: number): Store =>
    openStore(folder, { process: dead, clock: () => new Date(Date.UTC(2026, 0, 1 + days)) });
  for (const seed of [1, 2]) {
    publishRun(at(0), seed);
    const removed = { runKey: sampleKey(seed), experiment: "a", reason: "exp rm" };
    at(seed * 10).removeRun(removed);
  }
  const empty = (days: number, isRemoving: boolean, olderThanMs = 30 * dayMs): GarbageReport =>
    at(days).collectGarbage({ isRemoving, olderThanMs });
  expect(paths(empty(39, false))).toEqual([]);
  const told = empty(40, false);
  expect(told.items).toMatchObject([{ kind: "trash", path: ".trash/1" }]);
  expect(told.items[0]?.numBytes).toBeGreaterThan(1000);
  expect(at(40).trash()).toHaveLength(2);
  expect(paths(empty(40, true))).toEqual([".trash/1"]);
  expect(
    at(40)
      .trash()
      .map(({ number }) => number),
  ).toEqual([2]);
  expect(paths(empty(40, true, 0))).toEqual([".trash/2"]);
  expect(readdirSync(join(folder, ".trash"))).toEqual([]);
});

test("checkpoints that a later attempt has newer ones of are removed, and the run goes on from the same step", () => {
  const store = openStore(temporaryFolder(), { process: dead });
  const [first, second] = [stopAfter(store, 3), stopAfter(store, 5)];
  expect(checkpoints(first).length).toBeGreaterThan(2);
  const kept = checkpoints(second);
  const told = paths(collect(store, false));
  expect(told.length).toBe(checkpoints(first).length);
  expect(paths(collect(store, true))).toEqual(told);
  expect([checkpoints(first), checkpoints(second)]).toEqual([[], kept]);
  expect(paths(collect(store, true))).toEqual([]);
  expect(begin(store, attemptOptions()).resume().point?.step).toBe(5);
});

test("where the newest checkpoints are damaged, those that are gone on from instead stay", () => {
  const store = openStore(temporaryFolder(), { process: dead });
  const [first, second] = [stopAfter(store, 3), stopAfter(store, 5)];
  for (const file of checkpoints(second)) write(join(second, "checkpoints", file), "broken");
  const before = checkpoints(first);
  expect(paths(collect(store, true))).toEqual([]);
  expect(checkpoints(first)).toEqual(before);
  const [only = ""] = before;
  for (const file of before.slice(1)) write(join(first, "checkpoints", file), "broken");
  const third = stopAfter(store, 4); // from the one that is left
  for (const file of checkpoints(third).slice(1)) write(join(third, "checkpoints", file), "broken");
  collect(store, true);
  expect(checkpoints(first)).toEqual([only]); // beside the one whole file of the third
});

test("of a finished run the checkpoints of attempts that were left beside it go", () => {
  const store = openStore(temporaryFolder(), { process: dead });
  const left = stopAfter(store, 3);
  const run = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents()) run.record(event);
  run.finish();
  run.publish({ modelCard: "", reproduce: "" });
  const published = store.findPublished(runKey)?.directory ?? "";
  const before = checkpoints(published);
  collect(store, true);
  expect([checkpoints(left), checkpoints(published)]).toEqual([[], before]);
  expect(existsSync(join(left, "logs/train.log"))).toBe(true);
});

test("nothing of a run that is going on is removed", () => {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: dead });
  const first = stopAfter(store, 3);
  stopAfter(store, 5);
  const before = checkpoints(first);
  const running = begin(openStore(folder), attemptOptions());
  write(join(running.directory, "checkpoints/.last.safetensors.new"));
  expect(paths(collect(store, true))).toEqual([]);
  expect(checkpoints(first)).toEqual(before);
  running.fail(new Error("stopped"));
  expect(paths(collect(store, false))).toContain(
    `.attempts/${name}/3/checkpoints/.last.safetensors.new`,
  );
});

test("the empty folder of a run's attempts goes, and stands in nobody's way before", () => {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: dead });
  mkdirSync(join(folder, ".attempts", name), { recursive: true });
  expect(store.listAttempts(runKey)).toEqual([]);
  expect(paths(collect(store, false))).toEqual([`.attempts/${name}`]);
  expect(paths(collect(store, true))).toEqual([`.attempts/${name}`]);
  expect(existsSync(join(folder, ".attempts", name))).toBe(false);
});

test("what dead processes left half written or half removed goes, what is new or alive stays", () => {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: dead });
  const claim = (place: string, facts: object): string => {
    const record = { format: "lockstep/attempt/1", id: "x", runKey, experiment: "a", argv: [] };
    const times = { startTime: "2026-01-01T00:00:00.000Z" };
    return dirname(write(join(folder, place), JSON.stringify({ ...record, ...times, ...facts })));
  };
  claim(".attempts/.new-a/attempt.json", dead);
  claim(".attempts/.new-b/attempt.json", currentProcess());
  claim(`.attempts/${name}/1/attempt.json`, dead); // claimed, and never begun
  age(dirname(write(join(folder, ".code/.new-c/bundle.js"))));
  write(join(folder, ".code/.new-d/bundle.js"));
  age(write(join(folder, ".annotations/.new-e.json")));
  write(join(folder, ".annotations/.new-f.json"));
  write(join(folder, ".trash/.old-g/file"));
  const unused = claim(`.cache/verify-h/.attempts/${name}/1/attempt.json`, dead);
  for (const path of [unused, join(folder, ".cache/verify-h")]) age(path);
  const used = claim(`.cache/verify-i/.attempts/${name}/1/attempt.json`, currentProcess());
  write(join(used, "heartbeat"));
  for (const path of [used, join(folder, ".cache/verify-i")]) age(path);
  mkdirSync(join(folder, ".cache/verify-j"));
  const owned = (scratch: string, facts: object): void => {
    write(join(folder, scratch, "owner.json"), JSON.stringify(facts));
    age(join(folder, scratch));
  };
  owned(".cache/verify-l", currentProcess()); // unpacks an archive since long
  owned(".cache/verify-m", dead);
  write(join(folder, ".cache/completion-k.json"));
  const expected = [
    ".cache/verify-h",
    ".cache/verify-m",
    ".attempts/.new-a",
    ".annotations/.new-e.json",
    ".code/.new-c",
    ".trash/.old-g",
    `.attempts/${name}/1`,
  ];
  expect(paths(collect(store, false))).toEqual(expected);
  expect(paths(collect(store, true))).toEqual(expected);
  expect(paths(collect(store, true))).toEqual([]);
  expect(readdirSync(join(folder, ".cache"))).toEqual([
    "completion-k.json",
    "verify-i",
    "verify-j",
    "verify-l",
  ]);
});

test("a link is removed and what it leads to is not; what cannot be removed is told", () => {
  const folder = temporaryFolder();
  const outside = write(join(temporaryFolder(), "outside/file"));
  mkdirSync(join(folder, ".cache"), { recursive: true });
  symlinkSync(dirname(outside), join(folder, ".cache/verify-link"));
  const later = (): Date => new Date(Date.now() + 2 * 3_600_000);
  const options = { isRemoving: true, olderThanMs: 0 };
  const { items: links } = openStore(folder, { clock: later }).collectGarbage(options);
  expect(links).toMatchObject([{ path: ".cache/verify-link", numBytes: 0 }]);
  expect([existsSync(outside), readdirSync(join(folder, ".cache"))]).toEqual([true, []]);
  age(dirname(write(join(folder, ".code/.new-c/bundle.js"))));
  const files = {
    ...createFileSystem(),
    removeTree: (path: string): never => {
      throw new ExpError("environment", `Permission denied: could not remove ${path} (EACCES).`);
    },
  };
  const { items, failures } = openStore(folder, { files }).collectGarbage(options);
  expect([items, failures[0]]).toMatchObject([[], { path: ".code/.new-c" }]);
});

test("data that came with archives stay while a run is left that read them, also in the trash", () => {
  const store = openStore(temporaryFolder(), { process: dead });
  publishRun(store);
  const [used, unused] = [sha256("data"), sha256("other data")].map((hash) => `.data/${hash}`);
  for (const folder of [used, unused]) {
    write(join(store.directory, folder ?? "", "0/rows.tsv"));
    age(join(store.directory, folder ?? ""));
  }
  expect(collect(store, false).items).toMatchObject([{ kind: "data", path: unused, numBytes: 1 }]);
  store.removeRun({ runKey, experiment: "a", reason: "exp rm" });
  expect(paths(collect(store, true))).toEqual([unused]);
  expect(readdirSync(join(store.directory, ".data"))).toEqual([sha256("data")]);
  const [entry] = store.trash();
  writeFileSync(join(entry?.directory ?? "", name, "manifest.json"), "{");
  expect(paths(collect(store, true))).toEqual([]); // whose data they are cannot be told
  const all = openStore(store.directory).collectGarbage({ isRemoving: true, olderThanMs: -1 });
  expect(paths(all)).toEqual([".trash/1", used]);
});

test("data are kept while an import is going on, and what was brought a moment ago", () => {
  const store = openStore(temporaryFolder(), { process: dead });
  const folder = join(store.directory, ".data", sha256("data"));
  write(join(folder, "0/rows.tsv"));
  expect(paths(collect(store, true))).toEqual([]);
  age(folder);
  const owner = join(store.directory, ".cache/verify-abc/owner.json");
  write(owner, JSON.stringify(currentProcess()));
  expect(paths(collect(store, true))).toEqual([]);
  writeFileSync(owner, JSON.stringify(dead));
  age(dirname(owner));
  expect(paths(collect(store, true)).toSorted()).toEqual([
    ".cache/verify-abc",
    `.data/${sha256("data")}`,
  ]);
});
