/** The exponential moving average of the weights: PyTorch's, kept, measured and tested in place of the weights. */
import { expect, test } from "vitest";
import type { HostTensors } from "../../../src/core/run-events.ts";
import type { ParameterSpec } from "../../../src/model/model.ts";
import { initialAverage, moveAverage } from "../../../src/train/average.ts";
import { encodeSafetensors } from "../../../src/core/safetensors.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { tensorsOf, valuesAt } from "../optim/host-tensors.ts";
import { bitsOf, eventsOf, metricsOf, pointsInput, resultOf, runToy, traceOf } from "./toy.ts";

const initialise = (): Float32Array => new Float32Array(2);
const specs: readonly ParameterSpec[] = [
  { name: "weight", shape: [2], decay: true, initialise },
  { name: "bias", shape: [1], decay: false, initialise },
  { name: "mean", shape: [2], decay: false, running: { momentum: 0.1 }, initialise },
];

function averages(settings: { decay: number; startStep: number }, numSteps: number): number[][] {
  const training = { exponentialMovingAverage: settings };
  const setup = { model: { parameters: specs }, config: { training } };
  const average = initialAverage(training, tensorsOf({ weight: [9, 9], bias: [9], mean: [9, 9] }));
  for (let t = 1; t <= numSteps; t++) {
    const parameters = tensorsOf({ weight: [t / 2, 4 / t], bias: [-t * t], mean: [t, 2 * t] });
    moveAverage(setup, { parameters, average }, t);
  }
  return specs.map(({ name }) => valuesAt(average ?? new Map(), name));
}

test("is PyTorch's AveragedModel, which copies at first and averages no buffers", () => {
  // torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9)), torch 2.15, float64
  const close = (lists: number[][]) => lists.map((list) => list.map((x) => expect.closeTo(x, 5)));
  const settings = { decay: 0.9, startStep: 1 };
  expect(averages(settings, 1)).toEqual([[0.5, 4], [-1], [1, 2]]);
  expect(averages(settings, 2)).toEqual(close([[0.55, 3.8], [-1.3], [2, 4]]));
  expect(averages(settings, 6)).toEqual(
    close([[1.157_205, 2.810_046_666_666_666_6], [-8.655_03], [6, 12]]),
  );
});

test("a later start takes the weights of that step, whatever came before", () => {
  expect(averages({ decay: 0.5, startStep: 3 }, 2)[1]).toEqual([-4]);
  expect(averages({ decay: 0.5, startStep: 3 }, 3)[1]).toEqual([-9]);
  expect(averages({ decay: 0.5, startStep: 3 }, 4)[1]).toEqual([-12.5]);
});

const decay = 0.9;
const checkpointing = { interval: 1, keep: 100 };
const training = { ...pointsInput.training, evaluationInterval: 1 };
const plain = { ...pointsInput, training, checkpointing };
const averaged = {
  ...plain,
  training: { ...training, exponentialMovingAverage: { decay } },
};

/** The tensors whose names begin so, without that beginning. */
function below(tensors: HostTensors, beginning: string): HostTensors {
  const kept = [...tensors].filter(([name]) => name.startsWith(beginning));
  return new Map(kept.map(([name, tensor]) => [name.slice(beginning.length), tensor]));
}

function measured(tensors: HostTensors): HostTensors {
  return new Map([...tensors].filter(([name]) => !name.includes("/")));
}

test("training is the same as without, step by step; checkpoints hold both", async () => {
  const [without, run] = [await runToy(plain), await runToy(averaged)];
  const losses = (of: typeof run) =>
    traceOf(of).map(({ step, loss, gradientNorm }) => [step, loss, gradientNorm]);
  expect(losses(run)).toEqual(losses(without));
  const [expected, actual] = [eventsOf(without, "checkpoint"), eventsOf(run, "checkpoint")];
  expect(actual).toHaveLength(expected.length);
  let average: number[] = [];
  for (const [index, { tensors, step }] of actual.entries()) {
    const weights = below(tensors, "unaveraged/");
    const other = expected[index]?.tensors ?? new Map();
    expect(bitsOf(weights)).toEqual(bitsOf(measured(other)));
    expect(bitsOf(below(tensors, "optimizer/"))).toEqual(bitsOf(below(other, "optimizer/")));
    const values = valuesAt(weights, "layers.0.weight");
    average =
      step === 1
        ? values
        : average.map((x, i) => Math.fround(decay * x + (1 - decay) * (values[i] ?? NaN)));
    const found = valuesAt(tensors, "layers.0.weight");
    expect(found).toEqual(average.map((x) => expect.closeTo(x, 6)));
    average = found;
  }
});

test("evaluations, the best checkpoint, the test and the digest are those of the average", async () => {
  const run = await runToy(averaged);
  const losses = metricsOf(run).map((values) => values["validation.loss"]);
  expect(losses).not.toEqual(
    metricsOf(await runToy(plain)).map((values) => values["validation.loss"]),
  );
  const last = eventsOf(run, "checkpoint").findLast(({ names }) => names.includes("last"));
  const digest = sha256(encodeSafetensors(measured(last?.tensors ?? new Map())));
  expect(resultOf(run).weightsDigest).toBe(digest);

  // The checkpoint measured by itself, as mode=evaluate does.
  const best = eventsOf(run, "checkpoint").findLast(({ names }) => names.includes("best"));
  const artifacts = eventsOf(run, "artifact");
  const trained = {
    name: "best",
    tensors: best?.tensors ?? new Map(),
    step: best?.step,
    artifacts: Object.fromEntries(artifacts.map(({ name, json }) => [name, json])),
    artifactFolder: "model",
  };
  const again = await runToy(
    { ...averaged, mode: "evaluate", checkpoint: "best.safetensors" },
    { trained },
  );
  expect(resultOf(again).metrics["test.loss"]).toBe(resultOf(run).metrics["test.loss"]);
});

test("the trace names what the checkpoint names, with a checksum each", async () => {
  const run = await runToy(averaged);
  const names = eventsOf(run, "trace")[0]?.row["tensors"] as readonly string[];
  expect(names.filter((name) => name.endsWith("layers.0.bias"))).toEqual([
    "layers.0.bias",
    "unaveraged/layers.0.bias",
    "gradient/layers.0.bias",
    "optimizer/m/layers.0.bias",
    "optimizer/v/layers.0.bias",
  ]);
  expect(traceOf(run)[0]?.["checksums"]).toHaveLength(names.length);
});

test("the same run has the same bits again", async () => {
  const [first, second] = [await runToy(averaged), await runToy(averaged)];
  expect(resultOf(second).weightsDigest).toBe(resultOf(first).weightsDigest);
});
