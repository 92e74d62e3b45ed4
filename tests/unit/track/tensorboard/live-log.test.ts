/** The event file that a run's own process writes. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Attempt } from "../../../../src/store/attempt.ts";
import { openStore } from "../../../../src/store/store.ts";
import { beginLiveLog, type LiveLog } from "../../../../src/track/tensorboard/live-log.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "../../store/sample-run.ts";
import { viewTools } from "../helpers.ts";
import { readEvents, type ReadEvents } from "./read-events.ts";

interface Fixture {
  readonly attempt: Attempt;
  readonly log: LiveLog;
  /** The clock. */
  readonly seconds: { now: number };
  /** Does what was put off. */
  readonly pass: () => void;
  readonly warnings: string[];
  readonly events: () => ReadEvents;
}

function fixture(root = temporaryFolder()): Fixture {
  const attempt = begin(openStore(root), attemptOptions());
  let waiting: (() => void) | undefined;
  const seconds = { now: 100 };
  const warnings: string[] = [];
  const log = beginLiveLog({
    ...viewTools,
    now: () => new Date(1000 * seconds.now),
    store: root,
    directory: attempt.directory,
    later: (body) => {
      waiting = body;
      return () => (waiting = undefined);
    },
    warn: (text) => void warnings.push(text),
  });
  const folder = (): string => {
    const published = join(root, attemptOptions().identities.runKey.slice(0, 16));
    return join(existsSync(published) ? published : attempt.directory, "logs/tensorboard");
  };
  return {
    attempt,
    log,
    warnings,
    seconds,
    pass: () => waiting?.(),
    events: () => {
      const [name = ""] = readdirSync(folder());
      expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\./u);
      return readEvents(readFileSync(join(folder(), name)));
    },
  };
}

function record({ attempt, log, seconds }: Fixture): void {
  for (const event of runEvents()) {
    attempt.record(event);
    if (event.kind !== "metrics") continue;
    seconds.now++;
    log.noteRow();
  }
}

test("rows are there a moment later, with the time at which they were logged", () => {
  const live = fixture();
  expect(live.events().plugins.map(({ tag }) => tag)).toEqual(["_hparams_/session_start_info"]);
  record(live);
  expect(live.events().scalars).toEqual([]);
  live.pass();
  const { scalars } = live.events();
  expect(scalars.map(({ tag, step }) => [tag, step])).toEqual([
    ["train/loss", 1],
    ["train/loss", 2],
    ["train/loss", 3],
  ]);
  expect(scalars.map(({ wallTime }) => wallTime)).toEqual([101, 102, 103]);
});

test("rows of one moment, inherited ones too, have times that grow: Aim takes no others", () => {
  const root = temporaryFolder();
  const first = fixture(root);
  for (const event of runEvents(3)) first.attempt.record(event);
  first.log.noteRow();
  first.pass();
  const times = first.events().scalars.map(({ wallTime }) => wallTime);
  expect(times).toHaveLength(3);
  expect(times[0]).toBe(100);
  expect(new Set(times).size).toBe(3);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[2]).toBeCloseTo(100, 4);
});

test("at the end come the figures of the result, and the run is published with the file in it", () => {
  const live = fixture();
  record(live);
  live.attempt.finish();
  live.log.end("success");
  live.log.end("failure");
  live.log.noteRow();
  live.attempt.publish(documents);
  const { scalars, plugins } = live.events();
  expect(scalars.map(({ tag }) => tag)).toContain("result/test.accuracy");
  expect(plugins).toHaveLength(2);
  expect(live.warnings).toEqual([]);
});

test("a run that goes on begins its file with the rows that it inherited", () => {
  const root = temporaryFolder();
  const first = fixture(root);
  for (const event of runEvents(3).slice(0, 8)) first.attempt.record(event);
  first.attempt.fail(new Error("stopped"));
  first.log.end("failure");
  expect(first.events().plugins).toHaveLength(2);
  const second = fixture(root);
  expect(second.attempt.resume().point?.step).toBe(1);
  second.attempt.record({ kind: "metrics", step: 2, epoch: 1, values: { "train.loss": 0.5 } });
  second.seconds.now = 200;
  second.log.noteRow();
  second.log.end(undefined);
  const { scalars, plugins } = second.events();
  expect(scalars.map(({ step, wallTime }) => [step, wallTime])).toEqual([
    [1, 100],
    [2, 200],
  ]);
  expect(plugins).toHaveLength(1);
});

test("a run that goes on is one session: the event files of its earlier attempts go, and nothing else", () => {
  const root = temporaryFolder();
  const first = fixture(root);
  const folder = join(first.attempt.directory, "logs/tensorboard");
  writeFileSync(join(folder, "notes.txt"), "mine");
  first.attempt.fail(new Error("stopped"));
  first.log.end("failure");
  expect(readdirSync(folder)).toHaveLength(2);
  const other = begin(openStore(root), attemptOptions(2));
  expect(other.number).toBe(1);
  const second = fixture(root);
  expect(second.attempt.number).toBe(2);
  expect(readdirSync(folder)).toEqual(["notes.txt"]);
  expect(second.events().plugins).toHaveLength(1);
  expect(second.warnings).toEqual([]);
});

test("what cannot be written is told once and harms nothing", () => {
  const root = temporaryFolder();
  const attempt = begin(openStore(root), attemptOptions());
  writeFileSync(join(attempt.directory, "logs/tensorboard"), "in the way");
  const warnings: string[] = [];
  const log = beginLiveLog({
    ...viewTools,
    store: root,
    directory: attempt.directory,
    later: () => () => undefined,
    warn: (text) => void warnings.push(text),
  });
  log.noteRow();
  log.end("success");
  expect(warnings).toEqual([expect.stringContaining("logs/tensorboard is not written any more")]);
});
