import { beforeAll, describe, expect, test } from "vitest";
import type { BertConfig } from "../../../schemas/model.ts";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
  valuesOf,
} from "../../../src/backend/gradients.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import type { HostTensor, HostTensors } from "../../../src/core/run-events.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { createModel } from "../../../src/model/create-model.ts";
import type { Batch, Model, Mode, ModelFacts } from "../../../src/model/model.ts";
import { globalNorm } from "../../../src/optim/clip.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { expectClose } from "../backend/compare.ts";
import { bertReference } from "./bert-reference.ts";

const config: BertConfig = {
  kind: "bert",
  numLayers: 2,
  hiddenSize: 8,
  numHeads: 2,
  feedForwardSize: 12,
  contextLength: 6,
  dropoutRate: 0,
  normalization: "post",
  pooling: "first",
};
const facts: ModelFacts = {
  input: { kind: "tokens", sequenceLength: 5, vocabSize: 11, padId: 0 },
  numClasses: 3,
};
const batch = {
  kind: "tokens",
  size: 2,
  sequenceLength: 5,
  tokens: Int32Array.of(2, 7, 1, 9, 10, 2, 3, 5, 0, 0),
  lengths: Int32Array.of(5, 3),
} as const satisfies Batch;
const evaluate: Mode = { kind: "evaluate" };

/** Element i of parameter k is ((37·i + 11·k) mod 101 − 50)/100, plus 1 for the gains of layer norms. */
function patterned(model: Model): HostTensors {
  return new Map(
    model.parameters.map(({ name, shape }, k): [string, HostTensor] => {
      const offset = name.endsWith("LayerNorm.weight") ? 1 : 0;
      const values = Float32Array.from(
        { length: shape.reduce((size, length) => size * length, 1) },
        (_, i) => ((37 * i + 11 * k) % 101) / 100 - 0.5 + offset,
      );
      return [name, { dtype: "F32", shape, values }];
    }),
  );
}

function logitsOf(
  model: Model,
  host: HostTensors,
  run: { batch?: Batch; mode?: Mode } = {},
): number[] {
  const parameters = uploadParameters(host);
  const { batch: given = batch, mode = evaluate } = run;
  const logits = valuesOf(() => model.forward(parameters, given, mode));
  disposeParameters(parameters);
  return [...logits];
}

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  beforeAll(async () => {
    await prepareBackend(name);
  });

  test("logits, loss and gradients are those of Hugging Face's BertForSequenceClassification", () => {
    // transformers on PyTorch in float64, eval(), the parameters of `patterned`, load_state_dict strict:
    // ids [[2,7,1,9,10],[2,3,5,0,0]], mask of lengths 5 and 3, labels [2,0], label_smoothing=0.1
    const model = createModel(config, facts);
    const host = patterned(model);
    expectClose(
      logitsOf(model, host),
      [
        0.0749295353089186, 0.5287361481680691, -0.09934800901252316, 0.0869442174804726,
        0.5365917439363734, -0.14901057351756336,
      ],
    );
    const parameters = uploadParameters(host);
    const { value, gradients } = valueAndGradients(parameters, () =>
      softmaxCrossEntropy(model.forward(parameters, batch, evaluate), Int32Array.of(2, 0), {
        labelSmoothing: 0.1,
        divisor: 2,
      }),
    );
    disposeParameters(parameters);
    const normOf = (parameter: string): number => {
      const gradient = gradients.get(parameter);
      if (gradient === undefined) throw new Error(`no gradient of ${parameter}`);
      return globalNorm(new Map([[parameter, gradient]]));
    };
    expect(value).toBeCloseTo(1.2898087832354777, 6);
    expect(globalNorm(gradients)).toBeCloseTo(1.3943842947914167, 5);
    const norms = {
      "bert.embeddings.word_embeddings.weight": 0.10215863479157365,
      "bert.encoder.layer.0.attention.self.query.weight": 0.006817076138673823,
      "bert.encoder.layer.1.output.LayerNorm.weight": 0.1982380851227293,
      "bert.pooler.dense.weight": 0.5781374832270626,
    };
    for (const [parameter, norm] of Object.entries(norms)) {
      expect(normOf(parameter) / norm).toBeCloseTo(1, 5);
    }
  });

  test.each([
    { normalization: "post", pooling: "first" },
    { normalization: "post", pooling: "mean" },
    { normalization: "pre", pooling: "first" },
    { normalization: "pre", pooling: "mean" },
  ] as const)("logits are those of the reference: %o", (options) => {
    const own = { ...config, ...options };
    const model = createModel(own, facts);
    const host = patterned(model);
    expectClose(logitsOf(model, host), bertReference(own, host, batch).values);
  });

  test("what stands in the padding does not matter", () => {
    const model = createModel(variant({ normalization: "pre", pooling: "mean" }), facts);
    const host = patterned(model);
    const other = { ...batch, tokens: batch.tokens.map((id, i) => (i >= 8 ? 6 : id)) };
    expect(logitsOf(model, host, { batch: other })).toEqual(logitsOf(model, host));
  });
});

describe("dropout", () => {
  const dropped = { ...config, dropoutRate: 0.3 };
  const mode = { kind: "train", streams: createStreams(5), step: 2, position: 0 } as const;

  test("acts in training only, and gives the same at the same step", () => {
    const model = createModel(dropped, facts);
    const host = patterned(model);
    const trained = logitsOf(model, host, { mode });
    expect(trained).toEqual(logitsOf(model, host, { mode }));
    expect(trained).not.toEqual(logitsOf(model, host));
    expect(trained).not.toEqual(logitsOf(model, host, { mode: { ...mode, step: 3 } }));
    expect(logitsOf(model, host)).toEqual(logitsOf(createModel(config, facts), host));
  });

  test("drops the same of an example in a micro-batch as in the whole batch", () => {
    const model = createModel(dropped, facts);
    const host = patterned(model);
    const second = {
      ...batch,
      size: 1,
      tokens: batch.tokens.slice(5),
      lengths: batch.lengths.slice(1),
    };
    const alone = logitsOf(model, host, { batch: second, mode: { ...mode, position: 1 } });
    const whole = logitsOf(model, host, { mode });
    expectClose(alone, whole.slice(3));
    expect(alone).not.toEqual(logitsOf(model, host, { batch: second, mode }));
  });
});

describe("its parameters", () => {
  test("have Hugging Face's names and layout", () => {
    const model = createModel(variant({ numLayers: 1 }), facts);
    const lines = model.parameters.map(
      ({ name, shape, decay }) => `${name} [${shape.join()}]${decay ? " decays" : ""}`,
    );
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "bert.embeddings.word_embeddings.weight [11,8] decays
      bert.embeddings.position_embeddings.weight [6,8] decays
      bert.embeddings.token_type_embeddings.weight [2,8] decays
      bert.embeddings.LayerNorm.weight [8]
      bert.embeddings.LayerNorm.bias [8]
      bert.encoder.layer.0.attention.self.query.weight [8,8] decays
      bert.encoder.layer.0.attention.self.query.bias [8]
      bert.encoder.layer.0.attention.self.key.weight [8,8] decays
      bert.encoder.layer.0.attention.self.key.bias [8]
      bert.encoder.layer.0.attention.self.value.weight [8,8] decays
      bert.encoder.layer.0.attention.self.value.bias [8]
      bert.encoder.layer.0.attention.output.dense.weight [8,8] decays
      bert.encoder.layer.0.attention.output.dense.bias [8]
      bert.encoder.layer.0.attention.output.LayerNorm.weight [8]
      bert.encoder.layer.0.attention.output.LayerNorm.bias [8]
      bert.encoder.layer.0.intermediate.dense.weight [12,8] decays
      bert.encoder.layer.0.intermediate.dense.bias [12]
      bert.encoder.layer.0.output.dense.weight [8,12] decays
      bert.encoder.layer.0.output.dense.bias [8]
      bert.encoder.layer.0.output.LayerNorm.weight [8]
      bert.encoder.layer.0.output.LayerNorm.bias [8]
      bert.pooler.dense.weight [8,8] decays
      bert.pooler.dense.bias [8]
      classifier.weight [3,8] decays
      classifier.bias [3]"
    `);
  });

  test("of a model with norms before the blocks have a last norm and no norms after", () => {
    const names = createModel(
      variant({ numLayers: 1, normalization: "pre", pooling: "mean" }),
      facts,
    )
      .parameters.map(({ name }) => name)
      .filter((name) => name.endsWith("LayerNorm.weight") || name.includes("pooler"));
    expect(names).toEqual([
      "bert.embeddings.LayerNorm.weight",
      "bert.encoder.layer.0.attention.LayerNorm.weight",
      "bert.encoder.layer.0.intermediate.LayerNorm.weight",
      "bert.LayerNorm.weight",
    ]);
  });
});

describe("a config that does not fit the data is refused", () => {
  test("with all that is wrong at once", () => {
    const wrong = (): Model => createModel(variant({ hiddenSize: 9, contextLength: 4 }), facts);
    expect(messageOf(wrong)).toMatchInlineSnapshot(`
      "config: The model does not fit the data.
        model.hiddenSize: Expected a multiple of model.numHeads, which is 2. (found 9)
        data.sequenceLength: The model has positions for 4 tokens only (model.contextLength). (found 5)
      Change one of the two values."
    `);
  });

  test("features instead of text", () => {
    const wrong = (): Model =>
      createModel(config, { input: { kind: "features", numFeatures: 4 }, numClasses: 2 });
    expect(messageOf(wrong)).toMatchInlineSnapshot(`
      "config: The model does not fit the data.
        model.kind: bert reads text, and the data has numeric features. (found "bert")
      Choose model.kind=mlp for features."
    `);
  });
});

/** A variable of its own type: the literal of an object may only name what the parameter's type names. */
function variant(changes: Partial<BertConfig>): BertConfig {
  return { ...config, ...changes };
}

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  throw new Error("nothing was refused");
}
