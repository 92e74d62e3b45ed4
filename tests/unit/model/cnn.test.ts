import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { CnnConfig } from "../../../schemas/model.ts";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
  valuesOf,
} from "../../../src/backend/gradients.ts";
import { moveTowards } from "../../../src/backend/kernels/running-average.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import type { HostTensor, HostTensors } from "../../../src/core/run-events.ts";
import { createModel } from "../../../src/model/create-model.ts";
import {
  trainedParameters,
  type Batch,
  type Mode,
  type Model,
  type ModelFacts,
} from "../../../src/model/model.ts";
import { createOptimizer } from "../../../src/optim/optimizer.ts";
import { createStreams } from "../../../src/random/streams.ts";

const [height, width, channels, numClasses, size] = [11, 10, 2, 3, 10];
const exampleSize = height * width * channels;
type Stage = CnnConfig["stages"][number];

const stage: Stage = {
  channels: 4,
  kernelSize: 3,
  stride: 1,
  padding: 1,
  pooling: "max",
  poolSize: 2,
};
const config: CnnConfig = {
  kind: "cnn",
  image: { height, width, channels },
  stages: [
    { ...stage, stride: 2 },
    { ...stage, channels: 5, padding: 2, pooling: "average" },
    { ...stage, channels: 6, kernelSize: 1, padding: 0, pooling: "none" },
  ],
  normalization: "batch",
  batchNormMomentum: 0.1,
  activation: "relu",
  hiddenSizes: [5],
  dropoutRate: 0,
};
const facts: ModelFacts = {
  input: { kind: "features", numFeatures: exampleSize },
  numClasses,
};
const model = modelOf();

/** The model of `config` with something changed. */
function modelOf(change: Partial<CnnConfig> = {}): Model {
  const own: CnnConfig = { ...config, ...change };
  return createModel(own, facts);
}

type Lists = Readonly<Record<string, readonly number[]>>;

/** What `golden/cnn.py` wrote. */
const golden = JSON.parse(
  readFileSync(new URL("golden/cnn.json", import.meta.url), "utf8"),
) as Readonly<{
  names: readonly string[];
  logits: readonly number[];
  loss: number;
  gradients: Lists;
  running: Lists;
  evaluated: readonly number[];
  losses: readonly number[];
  trained: Lists;
}>;

/** Element i of parameter k is ((37·i + 11·k) mod 101)/100 − 0.5, plus 1 for gains and variances. */
function patterned(own = model): HostTensors {
  return new Map(
    own.parameters.map(({ name, shape }, k): [string, HostTensor] => {
      const offset = /\.norm\.weight$|\.running_var$/.test(name) ? 1 : 0;
      const values = Float32Array.from(
        { length: shape.reduce((product, length) => product * length, 1) },
        (_, i) => ((37 * i + 11 * k) % 101) / 100 - 0.5 + offset,
      );
      return [name, { dtype: "F32", shape, values }];
    }),
  );
}

/** Examples `from` to below `end` of the batch of a step. */
function examples(step: number, from = 0, end = size): { batch: Batch; labels: Int32Array } {
  const all = Float32Array.from(
    { length: size * exampleSize },
    (_, i) => ((29 * i + 13 * step) % 97) / 97 - 0.5,
  );
  const features = all.slice(from * exampleSize, end * exampleSize);
  const labels = Int32Array.from({ length: end - from }, (_, i) => (from + i + step) % numClasses);
  return {
    batch: { kind: "features", size: end - from, numFeatures: exampleSize, features },
    labels,
  };
}

/** Loss and gradients of some examples; what is observed moves the running parameters. */
function pass(
  host: HostTensors,
  { batch, labels }: ReturnType<typeof examples>,
  own = model,
): { loss: number; gradients: HostTensors; logits: readonly number[] } {
  const parameters = uploadParameters(host);
  const names = new Set(trainedParameters(own).map(({ name }) => name));
  const trained = new Map([...parameters].filter(([name]) => names.has(name)));
  const observe = (name: string, values: Float32Array): void =>
    moveTowards(host.get(name)?.values as Float32Array, values, 0.1);
  const streams = createStreams(0);
  const mode: Mode = { kind: "train", streams, step: 1, position: 0, observe };
  let logits: readonly number[] = [];
  const { value: loss, gradients } = valueAndGradients(trained, () => {
    const output = own.forward(parameters, batch, mode);
    logits = [...valuesOf(() => output)];
    return softmaxCrossEntropy(output, labels, { labelSmoothing: 0.1, divisor: size });
  });
  disposeParameters(parameters);
  return { loss, gradients, logits };
}

function evaluated(host: HostTensors, batch: Batch): readonly number[] {
  const parameters = uploadParameters(host);
  const logits = valuesOf(() => model.forward(parameters, batch, { kind: "evaluate" }));
  disposeParameters(parameters);
  return [...logits];
}

/** The largest difference as a share of the largest expected value. */
function worst(actual: Iterable<number>, expected: readonly number[]): number {
  const values = [...actual];
  expect(values).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...values.map((value, i) => Math.abs(value - (expected[i] ?? NaN)))) / largest;
}

describe.each(["wasm", "cpu"] as const)("on %s, against PyTorch", (backend) => {
  beforeAll(async () => {
    await prepareBackend(backend);
  });

  test("its parameters have the names and the order of PyTorch's state dict", () => {
    expect(model.parameters.map(({ name }) => name)).toEqual(golden.names);
  });

  test("logits, loss and gradients are equal", () => {
    const { loss, gradients, logits } = pass(patterned(), examples(0));
    expect(worst(logits, golden.logits)).toBeLessThan(1e-5);
    expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(1e-6);
    expect([...gradients.keys()]).toEqual(Object.keys(golden.gradients));
    for (const [name, { values }] of gradients) {
      expect(worst(values, golden.gradients[name] ?? []), name).toBeLessThan(1e-5);
    }
  });

  test("running statistics and what evaluation makes of them are equal", () => {
    const host = patterned();
    const all = examples(0);
    pass(host, all);
    for (const [name, values] of Object.entries(golden.running)) {
      expect(worst(host.get(name)?.values ?? [], values), name).toBeLessThan(1e-5);
    }
    expect(worst(evaluated(host, all.batch), golden.evaluated)).toBeLessThan(1e-5);
  });

  test("20 steps of AdamW in two passes each have the same losses, weights and statistics", () => {
    const host = patterned();
    const trained = trainedParameters(model);
    const names = new Set(trained.map(({ name }) => name));
    const parameters = new Map([...host].filter(([name]) => names.has(name)));
    const rates = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 };
    const optimizer = createOptimizer({ kind: "adamw", ...rates }, trained);
    const state = optimizer.init(parameters);
    const losses = golden.losses.map((_, index) => {
      const step = index + 1;
      const [first, second] = [pass(host, examples(step, 0, 6)), pass(host, examples(step, 6, 10))];
      for (const [name, { values }] of first.gradients) {
        const other = second.gradients.get(name)?.values;
        values.forEach((value, i) => (values[i] = value + (other?.[i] ?? NaN)));
      }
      const { learningRate } = rates;
      optimizer.update({ parameters, gradients: first.gradients, state }, { step, learningRate });
      return first.loss + second.loss;
    });
    expect(worst(losses, golden.losses)).toBeLessThan(1e-6);
    for (const [name, values] of Object.entries(golden.trained)) {
      expect(worst(host.get(name)?.values ?? [], values), name).toBeLessThan(1e-5);
    }
  });
});

describe("in training", () => {
  beforeAll(async () => {
    await prepareBackend("wasm");
  });

  test("dropout acts in training only, and a batch norm by the batch", () => {
    const dropping = modelOf({ dropoutRate: 0.5 });
    const { batch, labels } = examples(0);
    expect(pass(patterned(), { batch, labels }, dropping).logits).not.toEqual(
      pass(patterned(), { batch, labels }).logits,
    );
    const alone = evaluated(patterned(), examples(0, 2, 3).batch);
    const together = evaluated(patterned(), batch).slice(2 * numClasses, 3 * numClasses);
    expect(alone).toEqual(together); // evaluation looks at no other example
  });

  test("without batch norm the convolution has a bias, and nothing runs along", () => {
    const plain = modelOf({ normalization: "none", activation: "gelu" });
    const names = plain.parameters.map(({ name }) => name);
    expect(names.slice(0, 3)).toEqual([
      "stages.0.convolution.weight",
      "stages.0.convolution.bias",
      "stages.1.convolution.weight",
    ]);
    expect(trainedParameters(plain)).toEqual(plain.parameters);
  });

  test("a batch norm over a single value a channel is refused", () => {
    const stages = [{ ...stage, stride: 20, padding: 0, poolSize: 1 }];
    const own = modelOf({ stages });
    const attempt = (end: number): unknown => pass(patterned(own), examples(0, 0, end), own);
    expect(() => attempt(2)).not.toThrow();
    expect(() => attempt(1)).toThrow("[1, 1, 1, 4] has fewer than two values a channel");
  });
});
