import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { GptConfig } from "../../../schemas/model.ts";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
  valuesOf,
} from "../../../src/backend/gradients.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import type { HostTensor, HostTensors } from "../../../src/core/run-events.ts";
import { createModel } from "../../../src/model/create-model.ts";
import type { Batch, Mode, Model, ModelFacts } from "../../../src/model/model.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { expectClose } from "../backend/compare.ts";

const config: GptConfig = {
  kind: "gpt",
  numLayers: 2,
  hiddenSize: 8,
  numHeads: 2,
  feedForwardSize: 12,
  contextLength: 6,
  dropoutRate: 0,
};
const vocabSize = 11;
const facts: ModelFacts = {
  input: { kind: "language", sequenceLength: 5, vocabSize },
  numClasses: vocabSize,
};
const batch = {
  kind: "tokens",
  size: 2,
  sequenceLength: 5,
  tokens: Int32Array.of(2, 7, 1, 9, 10, 2, 3, 5, 0, 0),
  lengths: Int32Array.of(5, 5),
} as const satisfies Batch;
const targets = Int32Array.of(7, 1, 9, 10, 4, 3, 5, 0, 0, 6);
const evaluate: Mode = { kind: "evaluate" };

/** What `golden/gpt.py` wrote. */
const golden = JSON.parse(
  readFileSync(new URL("golden/gpt.json", import.meta.url), "utf8"),
) as Readonly<{
  logits: readonly number[];
  loss: number;
  gradients: Readonly<Record<string, readonly [norm: number, product: number]>>;
}>;

/** Element i of parameter k is ((37·i + 11·k) mod 101)/100 − 0.5, plus 1 for the gains of layer norms. */
function patterned(model: Model): HostTensors {
  return new Map(
    model.parameters.map(({ name, shape }, k): [string, HostTensor] => {
      const offset = /\.ln_\w+\.weight$/.test(name) ? 1 : 0;
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
  run: { batch?: Batch; mode?: Mode; host?: HostTensors } = {},
): number[] {
  const { batch: given = batch, mode = evaluate, host = patterned(model) } = run;
  const parameters = uploadParameters(host);
  const logits = valuesOf(() => model.forward(parameters, given, mode));
  disposeParameters(parameters);
  return [...logits];
}

function gradientsOf(model: Model): { loss: number; gradients: HostTensors } {
  const parameters = uploadParameters(patterned(model));
  const { value: loss, gradients } = valueAndGradients(parameters, () => {
    const options = { labelSmoothing: 0.1, divisor: targets.length };
    return softmaxCrossEntropy(model.forward(parameters, batch, evaluate), targets, options);
  });
  disposeParameters(parameters);
  return { loss, gradients };
}

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  return Array.from(left, (value, i) => value * (right[i] ?? NaN)).reduce((a, b) => a + b, 0);
}

describe.each(["wasm", "cpu"] as const)("on %s", (name) => {
  beforeAll(async () => {
    await prepareBackend(name);
  });

  test("logits are those of Hugging Face's GPT2LMHeadModel", () => {
    expectClose(logitsOf(createModel(config, facts)), golden.logits);
  });

  test("loss and gradients are its too, also where the embeddings are used twice", () => {
    const model = createModel(config, facts);
    const { loss, gradients } = gradientsOf(model);
    expect(Math.abs(loss / golden.loss - 1)).toBeLessThan(1e-6);
    expect([...gradients.keys()]).toEqual(Object.keys(golden.gradients));
    const host = patterned(model);
    for (const [parameter, { values }] of gradients) {
      const [norm, product] = golden.gradients[parameter] ?? [NaN, NaN];
      // The gradients of key biases are 0 but for rounding: a softmax does not see what all its scores share.
      const scale = Math.max(norm, 1e-2);
      const pattern = host.get(parameter)?.values ?? [];
      const patternNorm = Math.sqrt(dot(pattern, pattern));
      expect(Math.abs(Math.sqrt(dot(values, values)) - norm) / scale, parameter).toBeLessThan(1e-4);
      expect(
        Math.abs(dot(values, pattern) - product) / (scale * patternNorm),
        parameter,
      ).toBeLessThan(1e-4);
    }
  });

  test.each([1, 2, 3, 4])("a token at %i changes no logits before it", (position) => {
    const model = createModel(config, facts);
    const tokens = batch.tokens.map((token, i) => (i === position ? (token + 3) % 11 : token));
    const before = logitsOf(model);
    const after = logitsOf(model, { batch: { ...batch, tokens } });
    const firstChanged = before.findIndex((value, i) => value !== after[i]);
    expect(Math.floor(firstChanged / vocabSize)).toBe(position);
    expect(after.slice(5 * vocabSize)).toEqual(before.slice(5 * vocabSize)); // the other example
  });

  test("a shorter sequence has the logits of the beginning of a longer one", () => {
    const model = createModel(config, facts);
    const tokens = Int32Array.of(2, 7, 1);
    const short = { kind: "tokens", size: 1, sequenceLength: 3, tokens, lengths: Int32Array.of(3) };
    const begun = logitsOf(model, { batch: short as Batch });
    expectClose(begun, logitsOf(model).slice(0, 3 * vocabSize));
  });
});

describe("dropout", () => {
  const dropped = createModel(variant({ dropoutRate: 0.3 }), facts);
  const mode = { kind: "train", streams: createStreams(5), step: 2, position: 0 } as const;

  test("acts in training only, and gives the same at the same step", () => {
    const trained = logitsOf(dropped, { mode });
    expect(trained).toEqual(logitsOf(dropped, { mode }));
    expect(trained).not.toEqual(logitsOf(dropped, { mode: { ...mode, step: 3 } }));
    expect(logitsOf(dropped)).toEqual(logitsOf(createModel(config, facts)));
  });

  test("drops the same of an example in a micro-batch as in the whole batch", () => {
    const tokens = batch.tokens.slice(5);
    const second = { ...batch, size: 1, tokens, lengths: Int32Array.of(5) };
    const alone = logitsOf(dropped, { batch: second, mode: { ...mode, position: 1 } });
    expectClose(alone, logitsOf(dropped, { mode }).slice(5 * vocabSize));
  });
});

describe("its parameters", () => {
  test("have Hugging Face's names, with c_attn in three and weights as [out, in]", () => {
    const model = createModel(variant({ numLayers: 1 }), facts);
    const lines = model.parameters.map(
      ({ name, shape, decay }) => `${name} [${shape.join()}]${decay ? " decays" : ""}`,
    );
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "transformer.wte.weight [11,8] decays
      transformer.wpe.weight [6,8] decays
      transformer.h.0.ln_1.weight [8]
      transformer.h.0.ln_1.bias [8]
      transformer.h.0.attn.c_attn.query.weight [8,8] decays
      transformer.h.0.attn.c_attn.query.bias [8]
      transformer.h.0.attn.c_attn.key.weight [8,8] decays
      transformer.h.0.attn.c_attn.key.bias [8]
      transformer.h.0.attn.c_attn.value.weight [8,8] decays
      transformer.h.0.attn.c_attn.value.bias [8]
      transformer.h.0.attn.c_proj.weight [8,8] decays
      transformer.h.0.attn.c_proj.bias [8]
      transformer.h.0.ln_2.weight [8]
      transformer.h.0.ln_2.bias [8]
      transformer.h.0.mlp.c_fc.weight [12,8] decays
      transformer.h.0.mlp.c_fc.bias [12]
      transformer.h.0.mlp.c_proj.weight [8,12] decays
      transformer.h.0.mlp.c_proj.bias [8]
      transformer.ln_f.weight [8]
      transformer.ln_f.bias [8]"
    `);
  });

  test("begin as in GPT-2: normal of 0.02, smaller where they add to the residual stream", () => {
    const sizes = { numLayers: 8, hiddenSize: 64, numHeads: 2, feedForwardSize: 256 };
    const model = createModel(variant(sizes), facts);
    const deviation = (name: string): number => {
      const spec = model.parameters.find((each) => each.name === name);
      const values = spec?.initialise(createStreams(1).stream(`initialization/${name}`)) ?? [];
      return Math.sqrt(dot(values, values) / values.length);
    };
    expect(deviation("transformer.h.3.mlp.c_fc.weight") / 0.02).toBeCloseTo(1, 1);
    expect(deviation("transformer.h.3.attn.c_attn.key.weight") / 0.02).toBeCloseTo(1, 1);
    expect(deviation("transformer.h.3.mlp.c_proj.weight") / 0.005).toBeCloseTo(1, 1); // 0.02/√16
    expect(deviation("transformer.h.3.attn.c_proj.weight") / 0.005).toBeCloseTo(1, 1);
    expect(deviation("transformer.h.3.mlp.c_proj.bias")).toBe(0);
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

  test.each([
    ["text with classes", { kind: "tokens", sequenceLength: 5, vocabSize: 9, padId: 0 }],
    ["features", { kind: "features", numFeatures: 4 }],
  ] as const)("%s", (_name, input) => {
    const wrong = (): Model => createModel(config, { input, numClasses: 2 });
    expect(messageOf(wrong)).toContain("gpt predicts the next character of a text, and the data");
  });

  test("characters for a BERT", () => {
    const bert = { ...config, kind: "bert", normalization: "post", pooling: "first" };
    expect(messageOf(() => createModel(bert, facts))).toMatchInlineSnapshot(`
      "config: The model does not fit the data.
        model.kind: bert tells classes of texts, and the data has none. (found "bert")
      Choose model.kind=gpt for characters."
    `);
  });
});

/** A variable of its own type: the literal of an object may only name what the parameter's type names. */
function variant(changes: Partial<GptConfig>): GptConfig {
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
