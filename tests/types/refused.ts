/** What the language refuses in the editor. Each `@ts-expect-error` is itself an error where the next line compiles. */
import { z } from "zod";
import { choice, range } from "../../src/config/axes.ts";
import { append, prepend, remove, replace } from "../../src/config/changes.ts";
import { derived, required } from "../../src/config/deferred.ts";
import { defineTask } from "../../src/config/define-task.ts";
import {
  alias,
  baseline,
  defineConfig,
  extend,
  fragment,
  model,
  presets,
  profiles,
  rule,
  scale,
  run,
  schema,
} from "./example-task.ts";

export const keys = [
  // @ts-expect-error a misspelt key of a member that is named
  extend(baseline, { optimizer: { kind: "adamw", learningRate: 1, weightDeacy: 1 } }),
  // @ts-expect-error a key of another member
  extend(baseline, { optimizer: { kind: "adamw", learningRate: 1, momentum: 0.9 } }),
  // @ts-expect-error a misspelt key without kind
  extend(baseline, { optimizer: { weightDeacy: 1 } }),
  // @ts-expect-error keys of two members without kind
  extend(baseline, { optimizer: { beta1: 1, momentum: 0.9 } }),
  // @ts-expect-error a misspelt key at the top
  extend(baseline, { sede: 1 }),
  // @ts-expect-error a misspelt key in a plain object
  extend(baseline, { training: { numStep: 1 } }),
  // @ts-expect-error a misspelt key in a later layer
  extend(baseline, { seed: 1 }, model.tiny, { sede: 1 }),
  defineConfig({
    // @ts-expect-error a misspelt key in a whole config
    model: { kind: "mlp", hiddenSize: [] },
    optimizer: { kind: "sgd", learningRate: 1 },
    training: { numSteps: 1, batchSize: 1 },
    data: {},
  }),
];

export const kinds = [
  // @ts-expect-error no member of that kind
  extend(baseline, { optimizer: { kind: "adam", learningRate: 1 } }),
  // @ts-expect-error a named member needs its required fields
  extend(baseline, { optimizer: { kind: "sgd" } }),
  // @ts-expect-error a kind cannot be a marker
  extend(baseline, { optimizer: { kind: choice("sgd", "adamw"), learningRate: 1 } }),
  // @ts-expect-error a union that is not there is not changed by a list
  extend(baseline, { optimizer: [] }),
];

export const values = [
  // @ts-expect-error a string for a number
  extend(baseline, { optimizer: { learningRate: "fast" } }),
  // @ts-expect-error null where the schema has none
  extend(baseline, { seed: null }),
  // @ts-expect-error undefined is not a value
  extend(baseline, { seed: undefined }),
  // @ts-expect-error no value of the enum
  extend(baseline, { precision: "float64" }),
  // @ts-expect-error a value of an axis that the enum does not have
  extend(baseline, { precision: choice("float32", "bfloat61") }),
  // @ts-expect-error strings for a number
  extend(baseline, { seed: choice("1", "2") }),
  // @ts-expect-error numbers for an enum
  extend(baseline, { precision: range(1, 3) }),
  // @ts-expect-error a marker that holds another type
  extend(baseline, { precision: choice(1, 2) }),
  // @ts-expect-error a function is no value
  extend(baseline, { seed: () => 1 }),
];

export const deferred = [
  // @ts-expect-error a misspelt key of the resolved config
  extend(baseline, { seed: derived((c) => c.training.numStep) }),
  // @ts-expect-error a result of the wrong type
  extend(baseline, { seed: derived((c) => c.precision) }),
  // @ts-expect-error a result that is no member
  extend(baseline, { optimizer: derived((c) => ({ kind: "sgd", learningRat: c.seed })) }),
  // @ts-expect-error derived takes a function
  extend(baseline, { seed: derived(3) }),
  // @ts-expect-error the output shape: `note` may be missing
  extend(baseline, { seed: derived((c) => c.training.note.length) }),
];

export const changes = [
  // @ts-expect-error a required field cannot be removed
  extend(baseline, { training: { numSteps: remove() } }),
  // @ts-expect-error a field with a default cannot be removed from a whole config
  defineConfig({ ...({} as Parameters<typeof defineConfig>[0]), model: remove() }),
  // @ts-expect-error append is for lists
  extend(baseline, { training: append(1) }),
  // @ts-expect-error a tuple keeps its length
  extend(baseline, { data: { betas: append(1) } }),
  // @ts-expect-error a misspelt key of an item
  extend(baseline, { data: { augment: append({ kind: "crop", size: 3, paddin: 1 }) } }),
  // @ts-expect-error a misspelt key of an item
  extend(baseline, { data: { augment: prepend({ kind: "crop", size: 3, paddin: 1 }) } }),
  // @ts-expect-error a misspelt key of an item of a list
  extend(baseline, { data: { augment: [{ kind: "crop", size: 3, paddin: 1 }] } }),
  // @ts-expect-error replace asks for the whole object
  extend(baseline, { training: replace({ numSteps: 1 }) }),
  // @ts-expect-error replace checks keys
  extend(baseline, { optimizer: replace({ kind: "sgd", learningRate: 1, momentun: 1 }) }),
  // @ts-expect-error replace is for objects: a scalar is replaced anyway
  extend(baseline, { seed: replace(1) }),
  // @ts-expect-error the values of an axis over objects are checked
  extend(baseline, { optimizer: choice({ kind: "sgd", learningRate: 1, momentun: 1 }) }),
  // @ts-expect-error a whole config needs its required fields
  defineConfig({
    model: { kind: "mlp", hiddenSizes: [] },
    optimizer: { kind: "sgd", learningRate: 1 },
    data: {},
  }),
  defineConfig({
    // @ts-expect-error a whole config cannot append
    model: { kind: "mlp", hiddenSizes: append(1) },
    optimizer: { kind: "sgd", learningRate: 1 },
    training: { numSteps: 1, batchSize: 1 },
    data: {},
  }),
];

export const markersInThePlaceOfUnions = [
  // @ts-expect-error a required field cannot be removed
  extend(baseline, { model: remove() }),
  // @ts-expect-error a union is not a list
  extend(baseline, { model: append(1) }),
  // @ts-expect-error a member without fields is not a list either
  extend(baseline, { schedule: append(1) }),
  // @ts-expect-error nor is a record
  extend(baseline, { data: { classWeights: append(1) } }),
  // @ts-expect-error a marker that holds something else
  extend(baseline, { schedule: range(1, 3) }),
  // @ts-expect-error a fragment stands beside the literal, not in it
  extend(baseline, { model: model.tiny }),
  // @ts-expect-error a fragment stands beside the literal, not in it
  extend(baseline, { schedule: fragment({}) }),
];

export const parts = [
  // @ts-expect-error a misspelt key of a fragment
  fragment({ sede: 1 }),
  // @ts-expect-error no field of that name
  presets("modle", {}),
  // @ts-expect-error a misspelt key of a preset
  presets("model", { tiny: { kind: "bert", numLayers: 2, numHead: 1 } }),
  // @ts-expect-error no nested field of that name
  presets("training.numStep", {}),
  // @ts-expect-error a misspelt key of a preset of a nested field
  presets("model.pooling", { first: { kind: "attention", numHead: 2 } }),
  // @ts-expect-error a preset of the wrong type
  presets("training.numSteps", { few: "five" }),
  // @ts-expect-error an axis of the wrong type in a preset
  presets("optimizer", { swept: { kind: "sgd", learningRate: choice("a", "b") } }),
  // @ts-expect-error a derived value of the wrong type in a preset
  presets("training", { long: { numSteps: derived((c) => c.precision) } }),
  // @ts-expect-error a misspelt key of the resolved config in a preset
  presets("training", { long: { numSteps: derived((c) => c.sede) } }),
  // @ts-expect-error a misspelt key of a profile
  profiles("stage", { dev: { sede: 1 } }),
  // @ts-expect-error a misspelt key deep in a profile
  profiles("stage", { dev: { training: { numStep: 1 } } }),
  // @ts-expect-error profiles cannot have the name of a field
  profiles("model", {}),
  // @ts-expect-error no profile of that name
  extend(baseline, scale.shrot),
  // @ts-expect-error the whole group of profiles
  extend(baseline, scale),
  // @ts-expect-error no preset of that name
  extend(baseline, model.tniy),
  // @ts-expect-error the whole group
  extend(baseline, model),
  // @ts-expect-error a definition is no layer
  extend(baseline, baseline),
  // @ts-expect-error a literal is no base
  extend({ seed: 1 }, {}),
  // @ts-expect-error a misspelt key of the resolved config
  rule("even", (c) => c.sede % 2 === 0),
  // @ts-expect-error a rule says yes or no
  rule("even", (c) => c.seed),
  // @ts-expect-error an alias to a path that is not there
  alias("steps", "training.numStep"),
];

const rate = choice(1e-4, 1e-3);
/** A marker is not the value that it stands for. */
export function misuse(): unknown[] {
  return [
    // @ts-expect-error arithmetic
    rate * 2,
    // @ts-expect-error joining texts
    "rate " + rate,
    // @ts-expect-error comparison
    rate === 1,
    // @ts-expect-error comparison
    rate < 1,
    // @ts-expect-error spreading
    [...rate],
    // @ts-expect-error an argument
    Math.ceil(required()),
  ];
}

export const tasks = [
  // @ts-expect-error a schema that transforms
  defineTask({ name: "a", schema: z.strictObject({ n: z.string().transform(Number) }), run }),
  // @ts-expect-error a rule over a key that is not there
  defineTask({ name: "a", schema, run, rules: { even: (c) => c.sede % 2 === 0 } }),
  // @ts-expect-error an alias to a path that is not there
  defineTask({ name: "a", schema, run, aliases: { lr: "optimizer.learninRate" } }),
  // @ts-expect-error run gets the resolved config
  defineTask({ name: "a", schema, run: ({ config }) => run(config.sede) }),
  // @ts-expect-error a run yields events
  defineTask({ name: "a", schema, run: () => 3 }),
  // @ts-expect-error no such option
  defineTask({ name: "a", schema, run, alias: {} }),
];

const other = defineTask({
  name: "other",
  schema: z.strictObject({ seed: z.int(), width: z.int() }),
  run,
});
export const mixedTasks = [
  // @ts-expect-error a definition of another task
  extend(other.defineConfig({ seed: 1, width: 2 }), {}),
  // @ts-expect-error a fragment of another task
  extend(baseline, other.fragment({ width: 1 })),
];
