/** A task that users extend with members of a union, as a built-in task's own `with` does; checked by compiling. */
import { z } from "zod";
import { choice } from "../../src/config/axes.ts";
import { callSite } from "../../src/config/call-site.ts";
import { derived } from "../../src/config/deferred.ts";
import { type MemberSchema, taskVariant, type WithMembers } from "../../src/config/extend-task.ts";
import type { Definition, Task } from "../../src/config/task-types.ts";
import type { SchemaTypes } from "../../src/core/named.ts";
import {
  baseline,
  example,
  type ExampleConfig,
  type ExampleInput,
  extend,
  model,
  run,
} from "./example-task.ts";

/** What a user adds: a schema, and how to build the model from a config of that schema. */
interface AddedModel<C extends { readonly kind: string }, I extends { readonly kind: string }> {
  readonly schema: SchemaTypes<C, I>;
  readonly build: (config: C) => string;
}

function defineModel<
  C extends { readonly kind: string },
  I extends { readonly kind: string },
>(options: {
  readonly schema: SchemaTypes<C, I>;
  readonly build: (config: NoInfer<C>) => string;
}): AddedModel<C, I> {
  return options;
}

type AnyAddedModel = { readonly schema: MemberSchema; readonly build: (config: never) => string };
type Added<M extends readonly AnyAddedModel[]> = { readonly model: readonly M[number]["schema"][] };

/** The shape of `training.with`, on the example task. */
function withModels<const M extends readonly AnyAddedModel[]>(options: {
  readonly models: M;
}): Task<
  WithMembers<ExampleConfig, Added<M>, "output">,
  WithMembers<ExampleInput, Added<M>, "input">
> {
  const schemas: readonly M[number]["schema"][] = options.models.map(({ schema }) => schema);
  return taskVariant(example, { members: { model: schemas }, run, call: callSite(withModels) });
}

const perceiver = defineModel({
  schema: z.strictObject({
    kind: z.literal("perceiver"),
    numLatents: z.int(),
    width: z.int().default(64),
  }),
  build: (config) => `${config.numLatents * config.width}`,
});

const lines = z.strictObject({ kind: z.literal("cosine"), numCycles: z.int().default(1) });

const linear = defineModel({
  schema: z.strictObject({ kind: z.literal("linear") }),
  build: (config) => config.kind,
});

const variant = withModels({ models: [perceiver, linear] });
export const direct = taskVariant(example, {
  members: { model: [perceiver.schema], schedule: [lines] },
  run,
  rules: { few: (c) => c.model.kind !== "perceiver" || c.model.numLatents < 100 },
  aliases: { latents: "model.numLatents", cycles: "schedule.numCycles" },
});

export const whole = variant.defineConfig({
  model: { kind: "perceiver", numLatents: choice(8, 16) },
  optimizer: { kind: "adamw", learningRate: 1 },
  training: { numSteps: 1, batchSize: 1 },
  data: {},
});

export const accepted = [
  variant.extend(baseline, { model: { kind: "perceiver", numLatents: 8 } }), // a base of the task it extends
  variant.extend(baseline, model.tiny, { model: { numLayers: 3 } }), // and its presets
  variant.extend(whole, { model: { width: 3 } }),
  variant.extend(whole, { model: { kind: "linear" } }),
  variant.extend(whole, {
    seed: derived((c) => (c.model.kind === "perceiver" ? c.model.width : 0)),
  }),
  direct.extend(baseline, { schedule: { kind: "cosine" }, model: { numLatents: 3 } }),
];
export const same: Definition<ExampleConfig, ExampleInput> = extend(baseline, { seed: 2 });

export const refused = [
  // @ts-expect-error a misspelt key of the added member
  variant.extend(baseline, { model: { kind: "perceiver", numLatents: 8, widht: 3 } }),
  // @ts-expect-error its required field
  variant.extend(baseline, { model: { kind: "perceiver" } }),
  // @ts-expect-error the wrong type
  variant.extend(baseline, { model: { kind: "perceiver", numLatents: "8" } }),
  // @ts-expect-error a kind that nobody added
  variant.extend(baseline, { model: { kind: "perciever", numLatents: 8 } }),
  // @ts-expect-error the other unions are as before
  variant.extend(baseline, { schedule: { kind: "cosine" } }),
  // @ts-expect-error the base does not know the added member
  extend(baseline, { model: { kind: "perceiver", numLatents: 8 } }),
  // @ts-expect-error the base cannot run what was written for the variant
  extend(whole, { seed: 1 }),
  // @ts-expect-error nor can a variant that lacks one of its members
  direct.extend(whole, { seed: 1 }),
  // @ts-expect-error nor take its parts
  extend(baseline, variant.fragment({ model: { kind: "perceiver", numLatents: 1 } })),
  // @ts-expect-error no such field
  taskVariant(example, { members: { modle: [perceiver.schema] }, run }),
  // @ts-expect-error a member needs a kind
  taskVariant(example, { members: { model: [z.strictObject({ width: z.int() })] }, run }),
  // @ts-expect-error build gets the config of its own schema
  defineModel({ schema: lines, build: (config) => config.numCycle }),
];
