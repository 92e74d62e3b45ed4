/** Parameters that the optimizer never sees and that a model moves by what it observes. */
import { expect, test } from "vitest";
import { z } from "zod";
import { constant, dense } from "../../../src/backend/operations.ts";
import { parameter } from "../../../src/backend/tensor.ts";
import { ExpError } from "../../../src/core/errors.ts";
import { defineModel } from "../../../src/model/model.ts";
import { defineOptimizer } from "../../../src/train/members.ts";
import { eventsOf, pointsInput, resultOf, runToy, toyMembers, traceOf } from "./toy.ts";

const momentum = 0.25;

/** A linear classifier that remembers the mean of its features; what it observed goes to `observed`. */
function centred(observed: Float32Array[], observe: { name: string; size: number }) {
  const zeros = (size: number) => () => new Float32Array(size);
  return defineModel({
    kind: "centred",
    schema: z.strictObject({ kind: z.literal("centred") }),
    build: (_config, { numClasses }) => ({
      kind: "centred",
      parameters: [
        { name: "mean", shape: [2], decay: false, running: { momentum }, initialise: zeros(2) },
        { name: "weight", shape: [numClasses, 2], decay: true, initialise: zeros(2 * numClasses) },
        { name: "bias", shape: [numClasses], decay: false, initialise: zeros(numClasses) },
      ],
      forward: (parameters, batch, mode) => {
        if (batch.kind !== "features") throw new ExpError("training", "centred reads features.");
        const sums = Float64Array.of(0, 0);
        batch.features.forEach(
          (value, index) => (sums[index % 2] = (sums[index % 2] ?? 0) + value),
        );
        const mean = Float32Array.from(sums, (sum) => sum / batch.size);
        if (mode.kind === "train" && mode.observe) {
          observed.push(mean);
          const told = observe.size === 2 ? mean : new Float32Array(observe.size);
          mode.observe(observe.name, told);
          mode.observe(observe.name, told); // as a pass that is computed twice does
        }
        const [weight, bias] = [parameter(parameters, "weight"), parameter(parameters, "bias")];
        const features = constant(batch.features, [batch.size, 2]);
        return dense(features, { weight, bias, isInputConstant: true });
      },
    }),
  });
}

const observeMean = { name: "mean", size: 2 };
const training = { ...pointsInput.training, numEpochs: 1, gradientAccumulationSteps: 3 };
const input = { ...pointsInput, model: { kind: "centred" }, training };

test("a running parameter moves towards what each batch observed, batch after batch", async () => {
  const observed: Float32Array[] = [];
  const models = [centred(observed, observeMean)];
  const run = await runToy(input, { members: { ...toyMembers, models } });
  const [checkpoint] = eventsOf(run, "checkpoint");
  const expected = observed.reduce(
    (mean, batch) => mean.map((value, i) => (1 - momentum) * value + momentum * (batch[i] ?? NaN)),
    new Float32Array(2),
  );
  expect(observed.length).toBeGreaterThan(3);
  expect(checkpoint?.tensors.get("mean")?.values).toEqual(expected);
  expect(resultOf(run).weightsDigest).toMatch(/^[0-9a-f]{64}$/);
});

test("an optimizer sees trained parameters only", async () => {
  const seen: string[][] = [];
  const recording = defineOptimizer({
    kind: "recording",
    schema: z.strictObject({ kind: z.literal("recording"), learningRate: z.number() }),
    create: (_config, specs) => {
      seen.push(specs.map(({ name }) => name));
      return {
        init: (parameters) => {
          seen.push([...parameters.keys()]);
          return new Map();
        },
        update: ({ parameters, gradients }) => {
          seen.push([...parameters.keys()], [...gradients.keys()]);
        },
      };
    },
  });
  const members = { ...toyMembers, models: [centred([], observeMean)], optimizers: [recording] };
  const optimizer = { kind: "recording", learningRate: 0.1 };
  const run = await runToy({ ...input, optimizer }, { members });
  expect(eventsOf(run, "ready")[0]).toMatchObject({ numParameters: 6 });
  expect(seen.length).toBeGreaterThan(3);
  for (const names of seen) expect(names).toEqual(["weight", "bias"]);
});

test("the trace holds a running parameter and no gradient of it", async () => {
  const members = { ...toyMembers, models: [centred([], observeMean)] };
  const run = await runToy(input, { members });
  const tensors = (eventsOf(run, "trace")[0]?.row["tensors"] ?? []) as readonly string[];
  expect(tensors.slice(0, 5)).toEqual([
    "mean",
    "weight",
    "bias",
    "gradient/weight",
    "gradient/bias",
  ]);
  const [first] = traceOf(run);
  expect(first?.["checksums"]).toHaveLength(tensors.length);
});

test.each([
  [{ name: "weight", size: 2 }, 'observed "weight", which is none of its running parameters'],
  [{ name: "mean", size: 3 }, "observed 3 values for mean, which has 2"],
])("what is observed must fit: %o", async (observe, message) => {
  const members = { ...toyMembers, models: [centred([], observe)] };
  const { error } = await runToy(input, { members });
  expect(error).toMatchObject({ code: "training", message: expect.stringContaining(message) });
});
