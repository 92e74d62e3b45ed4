/** Event files read back by TensorBoard itself: those that a run writes while it goes on, and those of `exp export`. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { createTensorboardTarget } from "../../src/track/tensorboard/target.ts";
import { exportRun } from "../../src/track/target.ts";
import { temporaryFolder } from "../unit/store/helpers.ts";
import { exportTools, viewOf, viewTools } from "../unit/track/helpers.ts";
import { readWithPython } from "./python.ts";
import { optionsOf, writeRuns } from "./runs.ts";

interface Seen {
  /** Steps, values and times by run and tag. */
  readonly scalars: Readonly<
    Record<string, Readonly<Record<string, readonly [number, number | string, number][]>>>
  >;
  readonly groups: readonly {
    readonly name: string;
    readonly settings: Readonly<Record<string, unknown>>;
    readonly sessions: Readonly<Record<string, number>>;
    readonly metrics: Readonly<Record<string, number | string>>;
  }[];
}

const [unknown, success, failure] = [0, 1, 2];

function seen(folder: string): Seen {
  return readWithPython("read_tensorboard.py", folder) as Seen;
}

function curve(
  read: Seen,
  run: string,
  tag: string,
): readonly (readonly [number, number | string])[] {
  return (read.scalars[run]?.[tag] ?? []).map(([step, value]) => [step, value]);
}

const third = Math.fround(1 / 3);

test("the folder of the runs itself: curves, NaN and infinities, a run that went on, groups", () => {
  const root = temporaryFolder();
  const runs = writeRuns(root);
  const read = seen(root);
  const at = (name: string): string => `${name}/logs/tensorboard`;
  const loss = [
    [1, 1],
    [2, 0.5],
    [3, third],
  ];
  expect(curve(read, at(runs.first), "train/loss")).toEqual(loss);
  expect(curve(read, at(runs.resumed), "train/loss")).toEqual(loss);
  expect(curve(read, at(runs.first), "result/test.accuracy")).toEqual([[3, Math.fround(0.3)]]);
  const hostile = at(`.attempts/${runs.hostile}/1`);
  expect(curve(read, hostile, "train/loss")).toEqual([[0, "nan"]]);
  expect(curve(read, hostile, "a/b")).toEqual([[0, 0]]); // `a.b`, which is too small for a float32
  expect(curve(read, hostile, "a/b (2)")).toEqual([[0, "-inf"]]);
  const group = read.groups.find(({ name }) => name === optionsOf(1).identities.groupHash);
  expect(group?.settings).toEqual({ "model.kind": "mlp" });
  expect(group?.sessions).toEqual({
    [at(runs.first)]: success,
    [at(runs.second)]: success,
    [at(`.attempts/${runs.empty}/1`)]: failure,
  });
  expect(group?.metrics["result/validation.accuracy"]).toBe(0.5);
  const resumed = read.groups.find(({ sessions }) => at(runs.resumed) in sessions);
  expect(resumed?.settings).toMatchObject({ learningRate: 1e-4, isDeep: true, tags: '["a","b"]' });
});

test("exported: once, again, and while the run goes on", async () => {
  const [root, out] = [temporaryFolder(), temporaryFolder()];
  const runs = writeRuns(root);
  const target = createTensorboardTarget({ ...viewTools, folder: out });
  const send = (directory: string) =>
    exportRun(exportTools(), target, viewOf(root, join(root, directory)));
  const all = [
    runs.first,
    runs.resumed,
    `.attempts/${runs.empty}/1`,
    `.attempts/${runs.hostile}/1`,
  ];
  for (const directory of [...all, ...all]) await send(directory);
  const read = seen(out);
  const loss = [
    [1, 1],
    [2, 0.5],
    [3, third],
  ];
  expect(curve(read, `bert-lr/${runs.first}`, "train/loss")).toEqual(loss);
  expect(curve(read, `bert-lr/${runs.resumed}`, "train/loss")).toEqual(loss);
  const sessions = Object.assign({}, ...read.groups.map((group) => group.sessions)) as Record<
    string,
    number
  >;
  expect(Object.values(sessions).toSorted((a, b) => a - b)).toEqual([
    success,
    success,
    failure,
    failure,
  ]);
  expect(Object.keys(sessions).filter((name) => name.includes(runs.hostile))).toHaveLength(1);
});

test("a run that was stopped has no end, and no row twice after it went on", async () => {
  const root = temporaryFolder();
  const out = temporaryFolder();
  const target = createTensorboardTarget({ ...viewTools, folder: out });
  const started = openStore(root).beginAttempt(optionsOf(7));
  if (started.kind !== "started") throw new Error("expected an attempt");
  const { attempt } = started;
  const send = () => exportRun(exportTools(), target, viewOf(root, attempt.directory));
  await send();
  for (const step of [1, 2, 3]) {
    attempt.record({ kind: "metrics", step, epoch: 1, values: { "train.loss": step } });
    await send();
  }
  const read = seen(out);
  const [run = ""] = Object.keys(read.scalars);
  expect(curve(read, run, "train/loss")).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  expect(read.groups[0]?.sessions[run]).toBe(unknown);
});
