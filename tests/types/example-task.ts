/** A small task with everything that the types of the language treat apart; not the training task, which changes. */
import { z } from "zod";
import { defineTask } from "../../src/config/define-task.ts";
import { named } from "../../src/core/named.ts";
import type { RunEvent } from "../../src/core/run-events.ts";

const adamwFields = z.strictObject({
  kind: z.literal("adamw"),
  /** Step size, before the schedule. */
  learningRate: z.number().positive(),
  beta1: z.number().default(0.9),
  weightDecay: z.number().min(0).default(0.01),
});
export interface Adamw extends z.output<typeof adamwFields> {}
export interface AdamwInput extends z.input<typeof adamwFields> {}

const sgdFields = z.strictObject({
  kind: z.literal("sgd"),
  learningRate: z.number().positive(),
  momentum: z.number().default(0),
});
export interface Sgd extends z.output<typeof sgdFields> {}
export interface SgdInput extends z.input<typeof sgdFields> {}

const pooling = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("mean") }),
  z.strictObject({ kind: z.literal("attention"), numHeads: z.int() }),
]);
const bertFields = z.strictObject({
  kind: z.literal("bert"),
  numLayers: z.int(),
  activation: z.enum(["gelu", "relu"]).default("gelu"),
  pooling: pooling.prefault({ kind: "mean" }),
});
export interface Bert extends z.output<typeof bertFields> {}
export interface BertInput extends z.input<typeof bertFields> {}

const mlpFields = z.strictObject({ kind: z.literal("mlp"), hiddenSizes: z.array(z.int()) });
export interface Mlp extends z.output<typeof mlpFields> {}
export interface MlpInput extends z.input<typeof mlpFields> {}

const augmentation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("flip"), probability: z.number() }),
  z.strictObject({ kind: z.literal("crop"), size: z.int(), padding: z.int().default(0) }),
]);

export const schema = z.strictObject({
  seed: z.int().default(0),
  precision: z.enum(["float32", "bfloat16"]).default("float32"),
  model: z.discriminatedUnion("kind", [
    named<Bert, BertInput>(bertFields),
    named<Mlp, MlpInput>(mlpFields),
  ]),
  optimizer: z.discriminatedUnion("kind", [
    named<Adamw, AdamwInput>(adamwFields),
    named<Sgd, SgdInput>(sgdFields),
  ]),
  schedule: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("constant") }),
      z.strictObject({ kind: z.literal("linear"), warmupSteps: z.int() }),
    ])
    .prefault({ kind: "constant" }),
  training: z.strictObject({
    numSteps: z.int(),
    batchSize: z.int(),
    maxGradNorm: z.number().nullable().default(null),
    note: z.string().optional(),
  }),
  data: z.strictObject({
    augment: z.array(augmentation).default([]),
    classWeights: z.record(z.string(), z.number()).default({}),
    betas: z.tuple([z.number(), z.number()]).default([0, 1]),
    anything: z.json().optional(),
  }),
});
export interface ExampleConfig extends z.output<typeof schema> {}
export interface ExampleInput extends z.input<typeof schema> {}

/** A run that computes nothing. */
// eslint-disable-next-line require-yield -- the task is never run
export async function* run(): AsyncGenerator<RunEvent> {
  await Promise.resolve();
}

export const example = defineTask<ExampleConfig, ExampleInput>({
  name: "example",
  schema,
  run,
  rules: {
    "warm-up fits": (c) =>
      c.schedule.kind === "constant" || c.schedule.warmupSteps <= c.training.numSteps,
  },
  aliases: { lr: "optimizer.learningRate" },
});

export const { defineConfig, extend, fragment, presets, profiles, rule, alias } = example;

export const model = presets("model", {
  tiny: { kind: "bert", numLayers: 2, activation: "gelu", pooling: { kind: "mean" } },
  wide: { kind: "mlp", hiddenSizes: [256, 256] },
});

/** Changes of the whole config. */
export const scale = profiles("scale", {
  short: { training: { numSteps: 1 }, optimizer: { learningRate: 1e-2 } },
  long: { training: { numSteps: 1_000 } },
});

export const baseline = defineConfig({
  model: { kind: "bert", numLayers: 4 },
  optimizer: { kind: "adamw", learningRate: 1e-3 },
  training: { numSteps: 100, batchSize: 8 },
  data: { augment: [{ kind: "flip", probability: 0.5 }] },
});
