/** Configs and models that are refused, and runs that end before their last step. */
import { sum, zeros } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { eventsOf, pointsInput, runToy, sentencesInput } from "./toy.ts";
import { membersWith, type Mlp } from "./user-kinds.ts";

const loop = pointsInput.training;

test("patience ends a run that does not improve", async () => {
  const optimizer = { kind: "sgd", learningRate: 1e-9 };
  const training = { ...loop, numEpochs: 9, earlyStopping: { patience: 2 } };
  const run = await runToy({ ...pointsInput, optimizer, training });
  expect(run.error).toBeUndefined();
  expect(run.events.at(-1)).toMatchObject({ step: 15, details: { stoppedEarly: true } });
  const lines = eventsOf(run, "log").map(({ text }) => text);
  const about = lines.filter((text) => !text.startsWith("peak memory: "));
  expect(about.at(-2)).toMatch(
    /^stopped early: no improvement in 2 evaluations; the best was 0\.\d+ at step 5$/,
  );
});

test("patience that is over at the last step has not stopped the run early", async () => {
  const optimizer = { kind: "sgd", learningRate: 1e-9 };
  const training = { ...loop, numEpochs: 3, earlyStopping: { patience: 2 } };
  const run = await runToy({ ...pointsInput, optimizer, training });
  expect(run.events.at(-1)).toMatchObject({ step: 15, details: { stoppedEarly: false } });
});

test("a selection metric that does not exist is refused before anything is trained", async () => {
  const selection = { metric: "validation.f1.abov", direction: "max" };
  const run = await runToy({ ...pointsInput, selection });
  expect(run.events).toEqual([]);
  expect(run.error).toMatchObject({
    code: "config",
    message: "selection.metric names no metric of this run.",
    issues: [
      {
        path: ["selection", "metric"],
        value: '"validation.f1.abov"',
        suggestion: "validation.f1.above",
      },
    ],
  });
});

test("a warm-up that is longer than the epochs is refused, one of the same length is not", async () => {
  const schedule = { kind: "linear", warmupSteps: 11 };
  const run = await runToy({ ...pointsInput, schedule });
  expect(run.events).toEqual([]);
  expect(run.error).toMatchObject({
    code: "config",
    message: "The warm-up is longer than the run.",
    issues: [
      {
        path: ["schedule", "warmupSteps"],
        message: "11 steps of warm-up in a run of 10 steps (5 an epoch)",
      },
    ],
    hint: expect.stringContaining("warmupFraction"),
  });
  const whole = await runToy({ ...pointsInput, schedule: { kind: "linear", warmupSteps: 10 } });
  expect(whole.error).toBeUndefined();
});

test("a metric of one class can choose the best checkpoint", async () => {
  const selection = { metric: "validation.f1.below_the_line", direction: "max" };
  const run = await runToy({ ...pointsInput, selection });
  expect(run.error).toBeUndefined();
});

test("texts that are longer than the model can read are refused", async () => {
  const model = { ...sentencesInput.model, contextLength: 5 };
  const run = await runToy({ ...sentencesInput, model });
  expect(run.error).toMatchObject({ code: "config" });
  expect(run.events).toEqual([]);
});

test("a model that does not read this kind of data is refused", async () => {
  const bert = await runToy({ ...pointsInput, model: sentencesInput.model });
  expect(bert.error).toMatchObject({ code: "config" });
  const mlp = await runToy({ ...sentencesInput, model: pointsInput.model });
  expect(mlp.error).toMatchObject({ code: "config" });
});

test("dropLastBatch that leaves nothing is refused", async () => {
  const training = { numSteps: 2, batchSize: 64, dropLastBatch: true };
  const run = await runToy({ ...pointsInput, training });
  expect(run.error).toMatchObject({ code: "config" });
});

test.each([
  [
    "logits of a wrong shape",
    /^Model broken gave logits of shape \[\]; expected \[8, 2\], that is examples × classes\.$/,
    (mlp: Mlp) => ({
      forward: (...given: Parameters<typeof mlp.forward>) => sum(mlp.forward(...given)),
    }),
  ],
  [
    "a forward pass that gives nothing",
    /^Model broken gave nothing; its forward must return a tensor of logits, \[8, 2\]\.$/,
    () => ({ forward: () => undefined }),
  ],
  [
    "a forward pass that gives a promise",
    /^Model broken gave a promise; its forward must return a tensor of logits, \[8, 2\]\.$/,
    (mlp: Mlp) => ({
      forward: async (...given: Parameters<typeof mlp.forward>) => mlp.forward(...given),
    }),
  ],
  [
    "a forward pass that gives numbers",
    /^Model broken gave an array; its forward must return a tensor of logits, \[8, 2\]\.$/,
    () => ({ forward: () => [1, 2] }),
  ],
  [
    "disposed logits",
    /^Model broken gave a tensor that is disposed; its forward must return a tensor of logits, \[8, 2\]\.$/,
    () => ({
      forward: () => {
        const logits = zeros([8, 2]);
        logits.dispose();
        return logits;
      },
    }),
  ],
  [
    "whole numbers as logits",
    /^Model broken gave logits of int32; expected float32\.$/,
    () => ({ forward: () => zeros([8, 2], "int32") }),
  ],
  [
    "a parameter with a slash in its name",
    /^Model broken has a parameter named "a\/b"; expected a name without a slash\.$/,
    (mlp: Mlp) => ({
      parameters: mlp.parameters.map((each, index) =>
        index === 0 ? { ...each, name: "a/b" } : each,
      ),
    }),
  ],
  [
    "first values that do not fill the shape",
    /^Parameter layers\.0\.weight of model broken has 3 first values; its shape \[4, 2\] has 8 elements\.$/,
    (mlp: Mlp) => ({
      parameters: mlp.parameters.map((each) => ({
        ...each,
        initialise: () => new Float32Array(3),
      })),
    }),
  ],
  [
    "Math.random while it is built",
    /^Math\.random was called while the run computes/,
    () => {
      throw new Error(`unreachable ${Math.random()}`);
    },
  ],
  ["no parameters", /^Model broken has no parameters\.$/, () => ({ parameters: [] })],
  [
    "Math.random in the forward pass",
    /^Math\.random was called while the run computes/,
    () => ({
      forward: () => {
        throw new Error(`unreachable ${Math.random()}`);
      },
    }),
  ],
])("a user's model with %s is refused", async (_what, message, change) => {
  const members = membersWith(change);
  const run = await runToy({ ...pointsInput, model: { kind: "broken" } }, { members });
  expect(run.error).toMatchObject({ code: "training", message: expect.stringMatching(message) });
});

test("with seeded ambient randomness Math.random repeats, and its state is in the checkpoints", async () => {
  const members = membersWith((mlp) => ({
    forward: (parameters, batch, mode) => {
      if (batch.kind !== "features") throw new Error("points are features");
      const features = batch.features.map((value) => value + 0.1 * Math.random());
      return mlp.forward(parameters, { ...batch, features }, mode);
    },
  }));
  const input = { ...pointsInput, model: { kind: "broken" }, ambientRandomness: "seeded" };
  const outside = Math.random;
  const seen = new Set<unknown>();
  const onEvent = () => seen.add(Math.random);
  const [first, second] = [
    await runToy(input, { members, onEvent }),
    await runToy(input, { members }),
  ];
  const other = await runToy({ ...input, seed: 1 }, { members });
  expect([...seen]).toEqual([outside]); // the consumer's own code is never sealed
  expect(first.error).toBeUndefined();
  expect(first.events.at(-1)).toEqual(second.events.at(-1));
  expect(first.events.at(-1)).not.toEqual(other.events.at(-1));
  const states = eventsOf(first, "checkpoint").map(({ state }) => state["ambientState"]);
  expect(states).toHaveLength(2);
  expect(states[0]).toMatchObject({ i: expect.any(Number), j: expect.any(Number) });
  expect(states[1]).not.toEqual(states[0]);
});
