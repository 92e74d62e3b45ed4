import { beforeAll, describe, expect, test } from "vitest";
import type { MlpConfig } from "../../../schemas/model.ts";
import { disposeParameters, uploadParameters, valuesOf } from "../../../src/backend/gradients.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { createModel } from "../../../src/model/create-model.ts";
import type { Batch, Mode, ModelFacts } from "../../../src/model/model.ts";
import { createStreams } from "../../../src/random/streams.ts";
import * as reference from "../backend/reference.ts";
import { expectClose } from "../backend/compare.ts";
import { firstValues } from "./first-values.ts";

const config: MlpConfig = { kind: "mlp", hiddenSizes: [5, 3], activation: "relu", dropoutRate: 0 };
const facts: ModelFacts = { input: { kind: "features", numFeatures: 4 }, numClasses: 2 };
const batch: Batch = {
  kind: "features",
  size: 3,
  numFeatures: 4,
  features: Float32Array.from({ length: 12 }, (_, i) => (i % 5) - 2),
};
const activations = { relu: (x: number) => Math.max(x, 0), gelu: reference.gelu, tanh: Math.tanh };

function logitsOf(own: MlpConfig, mode: Mode = { kind: "evaluate" }): number[] {
  const model = createModel(own, facts);
  const parameters = uploadParameters(firstValues(model, createStreams(1)));
  const logits = valuesOf(() => model.forward(parameters, batch, mode));
  disposeParameters(parameters);
  return [...logits];
}

beforeAll(async () => {
  await prepareBackend("wasm");
});

describe.each(["relu", "gelu", "tanh"] as const)("with %s", (activation) => {
  test.each([{ hiddenSizes: [5, 3] }, { hiddenSizes: [] }])(
    "and $hiddenSizes it equals the reference",
    ({ hiddenSizes }) => {
      const own = { ...config, activation, hiddenSizes };
      const host = firstValues(createModel(own, facts), createStreams(1));
      let hidden = reference.matrix(3, 4, (row, column) => ((4 * row + column) % 5) - 2);
      for (let index = 0; index <= hiddenSizes.length; index++) {
        const weight = host.get(`layers.${index}.weight`);
        const bias = host.get(`layers.${index}.bias`);
        if (!weight || !bias) throw new Error(`no layer ${index}`);
        const [rows = 0, columns = 0] = weight.shape;
        hidden = reference.dense(
          hidden,
          { rows, columns, values: [...weight.values] },
          { rows: 1, columns: rows, values: [...bias.values] },
        );
        const isLast = index === hiddenSizes.length;
        if (!isLast) hidden = { ...hidden, values: hidden.values.map(activations[activation]) };
      }
      expectClose(logitsOf(own), hidden.values);
    },
  );
});

test("dropout acts in training only", () => {
  const own = { ...config, dropoutRate: 0.5 };
  const mode: Mode = { kind: "train", streams: createStreams(3), step: 1, position: 0 };
  expect(logitsOf(own)).toEqual(logitsOf(config));
  expect(logitsOf(own, mode)).not.toEqual(logitsOf(own));
});

test("its parameters are the layers in order, [out, in]", () => {
  const shapes = createModel(config, facts).parameters.map(({ name, shape, decay }) => [
    name,
    [...shape],
    decay,
  ]);
  expect(shapes).toEqual([
    ["layers.0.weight", [5, 4], true],
    ["layers.0.bias", [5], false],
    ["layers.1.weight", [3, 5], true],
    ["layers.1.bias", [3], false],
    ["layers.2.weight", [2, 3], true],
    ["layers.2.bias", [2], false],
  ]);
});

test("text is refused with the way out", () => {
  const tokens = { kind: "tokens", sequenceLength: 8, vocabSize: 10, padId: 0 } as const;
  expect(() => createModel(config, { input: tokens, numClasses: 2 })).toThrow(
    "The model does not fit the data.",
  );
});
