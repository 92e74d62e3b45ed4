/** Which checkpoints a training run goes on from, and what it says of the others. */
import { expect, test } from "vitest";
import type { JsonObject } from "../../../src/core/json.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";
import type { TrainingCheckpoint } from "../../../src/train/restore.ts";
import { bitsOf, eventsOf, pointsInput, runToy, type FinishedToy } from "./toy.ts";

const input = {
  ...pointsInput,
  training: { numSteps: 6, batchSize: 8, evaluationInterval: 2 },
} as const;

/** Runs with one checkpoint on offer; what is said against it, and the run that came of it. */
async function offered(
  checkpoint: TrainingCheckpoint,
  config: object = input,
): Promise<{ readonly problem: string | undefined; readonly run: FinishedToy }> {
  let problem: string | undefined;
  const run = await runToy(config, {
    checkpoint: {
      latest: async ({ check } = {}) => {
        const saved = checkpoint as TrainingCheckpoint & { readonly state: JsonObject };
        problem = check?.(saved);
        return problem === undefined ? (saved as never) : undefined;
      },
    },
  });
  return { problem, run };
}

async function checkpointsOf(config: object = input) {
  const run = await runToy(config);
  return { run, checkpoints: eventsOf(run, "checkpoint") };
}

test("a run goes on from any of its checkpoints, with no step done twice and no header again", async () => {
  const { run, checkpoints } = await checkpointsOf();
  for (const checkpoint of checkpoints) {
    const { problem, run: resumed } = await offered(checkpoint);
    expect(problem).toBeUndefined();
    expect(resumed.error).toBeUndefined();
    const rows = (finished: FinishedToy) => eventsOf(finished, "trace").map(({ row }) => row);
    expect(rows(resumed)).toEqual(rows(run).slice(1 + checkpoint.step));
    expect(eventsOf(resumed, "result")).toEqual(eventsOf(run, "result"));
    const saved = [run, resumed].flatMap((one) => eventsOf(one, "checkpoint").slice(-1));
    const bits = new Set(saved.map(({ tensors }) => JSON.stringify(bitsOf(tensors))));
    expect(bits.size).toBe(1);
  }
});

test("a checkpoint that lacks a tensor is refused by its name, and the run starts afresh", async () => {
  const { checkpoints } = await checkpointsOf();
  const [, second] = checkpoints;
  if (second === undefined) throw new Error("expected two checkpoints");
  const without = (name: string) =>
    new Map([...second.tensors].filter(([other]) => other !== name));
  for (const name of ["layers.0.weight", "optimizer/v/layers.1.bias"]) {
    const { problem, run } = await offered({ ...second, tensors: without(name) });
    expect(problem).toBe(`it lacks the tensor ${name}`);
    expect(eventsOf(run, "trace")).toHaveLength(7);
  }
});

test("what does not fit this run is refused with what was found", async () => {
  const { checkpoints } = await checkpointsOf();
  const [first] = checkpoints;
  if (first === undefined) throw new Error("expected a checkpoint");
  const { tensors, state } = first;
  const flat: HostTensor = { dtype: "F32", shape: [8], values: new Float32Array(8) };
  const problems = async (change: Partial<TrainingCheckpoint>, config: object = input) =>
    (await offered({ ...first, ...change }, config)).problem;
  expect(await problems({ tensors: new Map([...tensors, ["layers.0.weight", flat]]) })).toBe(
    "its tensor layers.0.weight is F32 [8], and this run has F32 [4, 2]",
  );
  expect(await problems({ tensors: new Map([...tensors, ["extra", flat]]) })).toBe(
    "it has the tensor extra, which this run does not know",
  );
  expect(await problems({ state: { ...state, optimizer: "sgd" } })).toBe(
    "it is of the optimizer sgd, and this run has adamw",
  );
  expect(await problems({ state: { ...state, step: 7 } })).toBe("it is after step 7 of 6");
  expect(await problems({ state: { ...state, microStep: 1 } })).toBe(
    "it is after pass 1 of a step that has no more",
  );
  expect(await problems({}, { ...input, ambientRandomness: "seeded" })).toBe(
    "it does not hold the generator behind Math.random",
  );
  const { earlyStopping: _, ...incomplete } = state;
  expect(await problems({ state: incomplete })).toMatch(
    /^its state is not one of a training run: earlyStopping: /,
  );
});
