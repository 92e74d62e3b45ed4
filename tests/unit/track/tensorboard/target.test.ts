/** Runs as event files in a folder. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../../src/core/hash.ts";
import { openStore } from "../../../../src/store/store.ts";
import { exportRun, type ExportOutcome } from "../../../../src/track/target.ts";
import { createTensorboardTarget } from "../../../../src/track/tensorboard/target.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, publishRun, runEvents } from "../../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../helpers.ts";
import { readEvents, type ReadEvents } from "./read-events.ts";

function send(out: string, store: string, directory: string): Promise<ExportOutcome> {
  const target = createTensorboardTarget({ ...viewTools, folder: out });
  return exportRun(exportTools(), target, viewOf(store, directory));
}

/** All event files of a folder, in the order in which TensorBoard reads them. */
function eventsIn(folder: string): ReadEvents {
  const names = readdirSync(folder).toSorted();
  return readEvents(Buffer.concat(names.map((name) => readFileSync(join(folder, name)))));
}

test("a finished run: curves by part, figures of the result, and what the HParams plugin reads", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const directory = publishRun(openStore(root));
  const { shownAt = "", ...outcome } = await send(out, root, directory);
  expect(outcome).toEqual({ numRows: 3, isComplete: true, wasComplete: false });
  const { runKey, groupHash } = attemptOptions().identities;
  expect(shownAt).toBe(join(out, "bert-lr", runKey.slice(0, 16)));
  const { scalars, plugins, versions } = eventsIn(shownAt);
  expect(versions).toEqual(["brain.Event:2"]);
  const [float32] = Float32Array.from([1 / 3]);
  expect(scalars.map(({ tag, step, value }) => [tag, step, value])).toEqual([
    ["train/loss", 1, 1],
    ["train/loss", 2, 0.5],
    ["train/loss", 3, float32],
    ["result/test.accuracy", 3, expect.closeTo(0.3)],
    ["result/validation.accuracy", 3, 0.5],
  ]);
  expect(scalars.map(({ hasMetadata }) => hasMetadata)).toEqual([true, false, false, true, true]);
  expect(plugins.map(({ tag }) => tag)).toEqual([
    "_hparams_/session_start_info",
    "_hparams_/session_end_info",
  ]);
  expect(plugins[0]?.text).toContain(groupHash);
  expect(plugins[0]?.text).not.toContain("seed"); // runs of a group share their settings
});

test("doing it again changes nothing, and a folder that was emptied is filled again", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const directory = publishRun(openStore(root));
  const { shownAt = "" } = await send(out, root, directory);
  const before = eventsIn(shownAt);
  expect(await send(out, root, directory)).toMatchObject({ numRows: 0, wasComplete: true });
  expect(eventsIn(shownAt)).toEqual(before);
  rmSync(out, { recursive: true });
  expect(await send(out, root, directory)).toMatchObject({ numRows: 3, wasComplete: false });
  expect(eventsIn(shownAt)).toEqual(before);
});

test("a run that goes on: each export adds what is new", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const attempt = begin(openStore(root), attemptOptions());
  const events = runEvents(3);
  let shownAt = "";
  for (const event of events) {
    attempt.record(event);
    ({ shownAt = "" } = await send(out, root, attempt.directory));
  }
  expect(eventsIn(shownAt).plugins).toHaveLength(1);
  attempt.finish();
  const { run } = attempt.publish({ modelCard: "", reproduce: "" });
  await send(out, root, run.directory);
  const { scalars, plugins } = eventsIn(shownAt);
  expect(scalars.filter(({ tag }) => tag === "train/loss").map(({ step }) => step)).toEqual([
    1, 2, 3,
  ]);
  const times = scalars.map(({ wallTime }) => wallTime);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(plugins).toHaveLength(2);
  rmSync(join(root, ".annotations"), { recursive: true }); // as if the process had been killed before it noted anything
  await send(out, root, run.directory);
  expect(eventsIn(shownAt).scalars).toHaveLength(scalars.length);
});

test("rows that changed replace those that were there", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const directory = publishRun(openStore(root));
  const { shownAt = "" } = await send(out, root, directory);
  const log = join(directory, "logs/metrics.jsonl");
  writeFileSync(log, readFileSync(log, "utf8").replace('"step":1', '"step":7'));
  await send(out, root, directory);
  const steps = eventsIn(shownAt).scalars.map(({ step }) => step);
  expect(steps.slice(0, 3)).toEqual([7, 2, 3]);
  expect(steps).toHaveLength(5);
});

test("hostile names, and numbers that are not finite", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const metrics = { "a.b": NaN, "a/b": Infinity, "../../x": -Infinity, "é\u202e<script>": 1e300 };
  const long = "x".repeat(10_000);
  const options = attemptOptions(1, {
    experiment: "../../etc/<b>",
    config: { seed: 1, model: { kind: long } },
    identityText: JSON.stringify({ config: { model: { kind: long } } }),
  });
  const identities = { ...options.identities, configHash: sha256(options.identityText) };
  const attempt = begin(openStore(root), { ...options, identities });
  attempt.record({ kind: "metrics", step: 0, epoch: 0, values: metrics });
  const { shownAt = "" } = await send(out, root, attempt.directory);
  expect(shownAt.startsWith(`${out}/etc-b-/`)).toBe(true);
  const { scalars, plugins } = eventsIn(shownAt);
  expect(scalars.map(({ tag, value }) => [tag, value])).toEqual([
    ["../../x", -Infinity],
    ["a/b", NaN],
    ["a/b (2)", Infinity],
    ["é\u202e<script>", Infinity],
  ]);
  expect(plugins[0]?.text.length).toBeLessThan(1500);
});

test("a run without rows is one all the same", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const attempt = begin(openStore(root), attemptOptions());
  const { shownAt = "", numRows } = await send(out, root, attempt.directory);
  expect(numRows).toBe(0);
  expect(eventsIn(shownAt).plugins).toHaveLength(1);
});
