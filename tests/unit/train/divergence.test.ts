/** Runs whose numbers stop being numbers: what they throw, and which checkpoints they leave. */
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { defineOptimizer } from "../../../src/train/members.ts";
import { eventsOf, pointsInput, runToy, toyMembers, traceOf } from "./toy.ts";
import { membersWith } from "./user-kinds.ts";

beforeAll(async () => {
  await prepareBackend("cpu"); // tensors cannot be counted before
});

test("a NaN among the features ends the run at its step, with the state before it", async () => {
  const data = { kind: "points", spoiled: true };
  const before = memory().numTensors;
  const run = await runToy({ ...pointsInput, data, training: { numSteps: 3, batchSize: 1 } });
  expect(run.error).toMatchObject({
    code: "diverged",
    message: expect.stringMatching(/^The run diverged at step [123]: the loss is NaN\.$/),
    hint: expect.stringContaining("optimizer.learningRate"),
  });
  const failed = Number(/step (\d+)/.exec(String(run.error))?.[1]);
  expect(traceOf(run)).toHaveLength(failed - 1);
  const last = run.events.at(-1);
  expect(last).toMatchObject({ kind: "checkpoint", names: ["last"], step: failed - 1 });
  expect(memory().numTensors).toBe(before);
});

test("weights that explode end the run, and every checkpoint is finite", async () => {
  const optimizer = { kind: "sgd", learningRate: 1000, l2Penalty: 10 }; // each step multiplies weights by -9999
  const training = { numEpochs: 9, batchSize: 8, evaluationInterval: 1 };
  const run = await runToy({ ...pointsInput, optimizer, training });
  expect(run.error).toMatchObject({
    code: "diverged",
    message: expect.stringMatching(/^The run diverged at step \d+: .* (NaN|Infinity|number)\.$/),
  });
  const saved = eventsOf(run, "checkpoint");
  expect(saved.length).toBeGreaterThan(3);
  for (const { tensors } of saved) {
    for (const { values } of tensors.values()) expect(values.every(Number.isFinite)).toBe(true);
  }
  expect(
    eventsOf(run, "metrics").every(({ values }) => Object.values(values).every(Number.isFinite)),
  ).toBe(true);
});

test("first values that are not finite leave nothing to save, and the error says so", async () => {
  const members = membersWith((mlp) => ({
    parameters: mlp.parameters.map((each) => ({
      ...each,
      initialise: () => new Float32Array(each.shape.reduce((a, b) => a * b, 1)).fill(NaN),
    })),
  }));
  const run = await runToy({ ...pointsInput, model: { kind: "broken" } }, { members });
  expect(run.error).toMatchObject({
    code: "diverged",
    message: "The run diverged at step 1: the loss is NaN.",
    hint: expect.stringMatching(/^No checkpoint was saved: .* Lower optimizer\.learningRate/),
  });
  expect(eventsOf(run, "checkpoint")).toEqual([]);
});

/** Whatever the step, an update that plants a value: into the weights, or into a slot. */
function planting(step: number, where: "weights" | "slots", value: number) {
  const planter = defineOptimizer({
    kind: "planter",
    schema: z.strictObject({ kind: z.literal("planter"), learningRate: z.number() }),
    create: () => ({
      init: () => new Map([["m/x", { dtype: "F32", shape: [1], values: new Float32Array(1) }]]),
      update: ({ parameters, state }, at) => {
        for (const { values } of (where === "slots" ? state : parameters).values()) {
          if (at.step === step) values.fill(value);
        }
      },
    }),
  });
  return { members: { ...toyMembers, optimizers: [planter] } };
}

const planted = {
  ...pointsInput,
  optimizer: { kind: "planter", learningRate: 1 },
  training: { numSteps: 6, batchSize: 8, evaluationInterval: 2 },
};

test("weights spoiled by an update are never saved: the checkpoint before stays", async () => {
  const run = await runToy(planted, planting(3, "weights", NaN));
  expect(run.error).toMatchObject({
    code: "diverged",
    message: "The run diverged at step 4: the loss is NaN.",
    hint: expect.stringMatching(/^The checkpoint last holds the finite state after step 2\. Lower/),
  });
  expect(eventsOf(run, "checkpoint").map(({ names, step }) => [names, step])).toEqual([
    [["last", "best"], 2],
  ]);
});

test("a slot that is not finite is not saved either", async () => {
  const run = await runToy(planted, planting(4, "slots", Infinity));
  expect(run.error).toMatchObject({
    code: "diverged",
    message:
      "The run diverged at step 4: after it, a value of optimizer/m/x is not a finite number.",
    hint: expect.stringContaining("holds the finite state after step 2."),
  });
  expect(eventsOf(run, "checkpoint")).toHaveLength(1);
});

test("a loss that is not finite in evaluation ends the run, and earlier checkpoints stay", async () => {
  const run = await runToy(planted, planting(4, "weights", 3e38)); // finite weights, infinite logits
  expect(run.error).toMatchObject({
    code: "diverged",
    message: expect.stringMatching(
      /^The run diverged at step 4: after it, the validation loss is (NaN|Infinity)\.$/,
    ),
    hint: expect.stringContaining("The checkpoint last holds the finite state after step 2."),
  });
  expect(eventsOf(run, "checkpoint").map(({ step }) => step)).toEqual([2]);
  expect(eventsOf(run, "metrics").map(({ step }) => step)).toEqual([2]);
});
