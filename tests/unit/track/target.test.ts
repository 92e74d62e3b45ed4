/** One export: what is missing is sent, once. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore } from "../../../src/store/store.ts";
import { readRunView, type RunView } from "../../../src/track/run-view.ts";
import { exportRun, type Target } from "../../../src/track/target.ts";
import { temporaryFolder } from "../store/helpers.ts";
import { attemptOptions, begin, publishRun, runEvents } from "../store/sample-run.ts";

const files = createFileSystem();
const view = { files, here: currentProcess(), now: (): Date => new Date() };

function viewOf(store: string, directory: string): RunView {
  const run = readRunView(view, { store, directory });
  if (typeof run === "string") throw new Error(run);
  return run;
}

/** A tool that remembers steps, and fails after so many of them. */
function fakeTarget(failsAfter = Infinity): Target & { readonly steps: number[] } {
  const steps: number[] = [];
  return {
    steps,
    place: { kind: "fake", where: {} },
    send: async ({ view: run, cursor, rows, isRewritten }) => {
      if (isRewritten) steps.length = 0;
      let numRows = 0;
      for (let part = rows.next(1); part.length > 0; part = rows.next(1)) {
        if (numRows >= failsAfter) throw new Error("no network");
        steps.push(...part.map(({ step }) => step));
        numRows += part.length;
        cursor.save({ ...cursor.state(), rows: rows.position() });
      }
      cursor.save({ ...cursor.state(), isComplete: run.status !== "running" });
      return { numRows };
    },
  };
}

function toolsOf(warnings: string[] = []): Parameters<typeof exportRun>[0] {
  const { signal } = new AbortController();
  return { ...view, signal, warn: (text) => void warnings.push(text) };
}

test("live, again and again, and after publishing: each row once", async () => {
  const root = temporaryFolder();
  const attempt = begin(openStore(root), attemptOptions());
  const target = fakeTarget();
  const events = runEvents(3);
  for (const event of events) {
    attempt.record(event);
    const outcome = await exportRun(toolsOf(), target, viewOf(root, attempt.directory));
    expect(outcome).toMatchObject({ isComplete: false, wasComplete: false });
  }
  attempt.finish();
  const { run } = attempt.publish({ modelCard: "", reproduce: "" });
  const published = viewOf(root, run.directory);
  const last = await exportRun(toolsOf(), target, published);
  expect(last).toEqual({ numRows: 0, isComplete: true, wasComplete: false });
  expect(target.steps).toEqual([1, 2, 3]);
  const again = await exportRun(toolsOf(), target, published);
  expect(again).toEqual({ numRows: 0, isComplete: true, wasComplete: true });
});

test("what failed in the middle is gone on with", async () => {
  const root = temporaryFolder();
  const run = viewOf(root, publishRun(openStore(root)));
  const target = fakeTarget(2);
  await expect(exportRun(toolsOf(), target, run)).rejects.toThrow("no network");
  expect((await exportRun(toolsOf(), target, run)).numRows).toBe(1);
  expect(target.steps).toEqual([1, 2, 3]);
});

test("rows that are not those that were sent are told, and sent again from the first", async () => {
  const root = temporaryFolder();
  const run = viewOf(root, publishRun(openStore(root)));
  const target = fakeTarget();
  await exportRun(toolsOf(), target, run);
  const log = join(run.directory, "logs/metrics.jsonl");
  writeFileSync(log, readFileSync(log, "utf8").replace('"step":1', '"step":7'));
  const warnings: string[] = [];
  const outcome = await exportRun(toolsOf(warnings), target, run);
  expect(outcome).toEqual({ numRows: 3, isComplete: true, wasComplete: false });
  expect(target.steps).toEqual([7, 2, 3]);
  expect(warnings).toEqual([expect.stringContaining("other rows than were sent to fake")]);
});

test("a damaged row is told", async () => {
  const root = temporaryFolder();
  const run = viewOf(root, publishRun(openStore(root)));
  const log = join(run.directory, "logs/metrics.jsonl");
  writeFileSync(log, readFileSync(log, "utf8").replace('"step":2', '"stop":2'));
  const warnings: string[] = [];
  const outcome = await exportRun(toolsOf(warnings), fakeTarget(), run);
  expect(outcome.numRows).toBe(1);
  expect(warnings).toEqual([expect.stringContaining("is damaged")]);
});

test("of a run that ended with fewer rows than were sent, how it stands is sent, and told", async () => {
  const root = temporaryFolder();
  const target = fakeTarget();
  const attempt = begin(openStore(root), attemptOptions());
  for (const event of runEvents(3).slice(0, 14)) attempt.record(event);
  await exportRun(toolsOf(), target, viewOf(root, attempt.directory));
  attempt.fail(new Error("cut"));
  const again = begin(openStore(root), attemptOptions());
  for (const event of runEvents(3).slice(0, 4)) again.record(event);
  const going = viewOf(root, again.directory);
  expect(await exportRun(toolsOf(), target, going)).toMatchObject({ isComplete: false });
  const failed = { ...going, status: "failed" } as const;
  const warnings: string[] = [];
  const outcome = await exportRun(toolsOf(warnings), target, failed);
  expect(outcome).toMatchObject({ numRows: 0, isComplete: true, wasComplete: false });
  expect(warnings).toEqual([expect.stringContaining("is failed with fewer rows than were sent")]);
  expect(target.steps).toEqual([1, 2, 3]);
});

test("a run that goes on from a checkpoint is waited for until it has the rows that were sent", async () => {
  const root = temporaryFolder();
  const target = fakeTarget();
  const events = runEvents(3);
  const cut = begin(openStore(root), attemptOptions());
  for (const event of events.slice(0, 14)) cut.record(event);
  await exportRun(toolsOf(), target, viewOf(root, cut.directory));
  cut.fail(new Error("cut"));
  expect(target.steps).toEqual([1, 2, 3]);
  const going = begin(openStore(root), attemptOptions());
  const warnings: string[] = [];
  for (const event of events) {
    going.record(event);
    await exportRun(toolsOf(warnings), target, viewOf(root, going.directory));
  }
  expect(warnings).toEqual([]);
  expect(target.steps).toEqual([1, 2, 3]);
});
