import { Ajv2020 } from "ajv/dist/2020.js";
import { expect, test } from "vitest";
import { noFieldDocs, type FieldDocs } from "../../../src/resolve/field-docs.ts";
import { taskJsonSchema } from "../../../src/resolve/json-schema.ts";
import { trainingSchema } from "../../../schemas/training.ts";
import { smallSchema, start } from "./support/small-task.ts";

const small = { name: "small", version: 1, schema: smallSchema };
/** Docs of one object, by its keys. */
const docs: FieldDocs = {
  ofObject: ({ keys, kind }) =>
    new Map(keys.map((key) => [key, `${key} of ${typeof kind === "string" ? kind : "an object"}`])),
};

test.each([
  ["a small task", small],
  ["the training task", { name: "training", version: 1, schema: trainingSchema }],
])("the schema of %s is JSON Schema 2020-12", (_name, task) => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  ajv.addVocabulary(["x-unit", "x-mark"]);
  const schema = taskJsonSchema(task, noFieldDocs);
  expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true);
  expect(typeof ajv.compile(schema)).toBe("function");
});

test("it takes what a config may be written as, and refuses what the task refuses", () => {
  const ajv = new Ajv2020({ strict: false });
  const isValid = ajv.compile(taskJsonSchema(small, noFieldDocs));
  expect(isValid(start)).toBe(true);
  expect(isValid({ ...start, unknown: 1 })).toBe(false);
  expect(isValid({ ...start, optimizer: { kind: "sgd", learningRate: 0 } })).toBe(false);
  expect(isValid({ ...start, training: { numSteps: 1, numEpochs: 1 } })).toBe(false);
  expect(isValid({ ...start, training: {} })).toBe(false);
  const both = { warmupSteps: 1, warmupFraction: 0.1 };
  expect(isValid({ ...start, schedule: both })).toBe(false);
  expect(isValid({ ...start, schedule: { warmupSteps: 1 } })).toBe(true);
});

test("docs, marks and units are annotations, and nothing of Lockstep's own is left", () => {
  const schema = taskJsonSchema(small, docs);
  expect(schema["properties"]).toMatchObject({
    seed: { "x-mark": "seed", description: "seed of an object", default: 0 },
    optimizer: {
      oneOf: [{ description: "kind of adamw" }, { description: "kind of sgd" }],
    },
  });
  expect(JSON.stringify(schema)).not.toMatch(/"lockstep"|"~/u);
});
