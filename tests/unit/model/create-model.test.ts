import { expect, test } from "vitest";
import { z } from "zod";
import { dense, constant } from "../../../src/backend/operations.ts";
import { parameter } from "../../../src/backend/tensor.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { builtInModels, createModel } from "../../../src/model/create-model.ts";
import { filled, heNormal } from "../../../src/model/initialise.ts";
import { defineModel, type ModelFacts } from "../../../src/model/model.ts";
import { denseSpecs } from "../../../src/model/parameter-specs.ts";

const facts: ModelFacts = { input: { kind: "features", numFeatures: 4 }, numClasses: 2 };

const wide = defineModel({
  kind: "wide",
  schema: z.strictObject({ kind: z.literal("wide"), factor: z.int() }),
  build: (config, { numClasses }) => ({
    kind: "wide",
    parameters: denseSpecs("head", [numClasses * config.factor, 4], heNormal([numClasses, 4])),
    forward: (parameters, batch) => {
      if (batch.kind !== "features") throw new Error("wide reads features");
      const input = constant(batch.features, [batch.size, batch.numFeatures]);
      const weight = parameter(parameters, "head.weight");
      return dense(input, { weight, bias: parameter(parameters, "head.bias") });
    },
  }),
});

test("a user's kind is built like a built-in one", () => {
  const config: { kind: string; factor: number } = { kind: "wide", factor: 3 };
  const model = createModel(config, facts, [...builtInModels, wide]);
  expect(model.parameters.map(({ name, shape }) => [name, [...shape]])).toEqual([
    ["head.weight", [6, 4]],
    ["head.bias", [6]],
  ]);
});

test("an unknown kind is refused with the kinds there are and the nearest one", () => {
  expect(messageOf(() => createModel({ kind: "brt" }, facts))).toMatchInlineSnapshot(`
    "config: There is no such kind of model.
      model.kind: Expected one of bert, cnn, gpt, mlp. (found "brt"). Did you mean bert?
    Models of your own are registered with training.with({ models: [...] })."
  `);
});

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("two parameters of one name are refused", () => {
  const twice = defineModel({
    kind: "twice",
    schema: z.strictObject({ kind: z.literal("twice") }),
    build: () => ({
      kind: "twice",
      parameters: ["a", "a"].map((name) => ({
        name,
        shape: [1],
        decay: false,
        initialise: filled(1, 0),
      })),
      forward: () => {
        throw new Error("never run");
      },
    }),
  });
  expect(() => createModel({ kind: "twice" }, facts, [twice])).toThrow(
    "The model twice declares the parameter a twice.",
  );
});
