/** Recorded inputs and secrets: what the language lets one write, and what it refuses; checked by compiling. */
import { z } from "zod";
import {
  choice,
  defineTask,
  env,
  external,
  readSecret,
  secret,
  secretField,
  type Secret,
} from "../../src/index.ts";
import { run, schema } from "./example-task.ts";

export const task = defineTask({
  name: "inputs",
  schema: schema.extend({
    token: secretField().optional(),
    tokens: z.record(z.string(), secretField()).default({}),
    label: z.string().default(""),
  }),
  run: async ({ config, log }) => {
    if (config.token !== undefined) log(readSecret(config.token));
    // @ts-expect-error a text of the config is no secret
    readSecret(config.label);
    // @ts-expect-error a secret is no text
    log(config.token);
    return Promise.resolve();
  },
  deprecated: { "train.lr": "optimizer.learningRate", oldToken: "token" },
});
const { defineConfig, extend, deprecated } = task;
const baseline = defineConfig({
  model: { kind: "bert", numLayers: env("NUM_LAYERS", 4) },
  optimizer: { kind: "adamw", learningRate: external("rate", () => 1e-3) },
  training: { numSteps: env("NUM_STEPS"), batchSize: 8 },
  data: {},
  token: secret("TOKEN"),
});

const depth = env("DEPTH", 2); // a marker that stands alone

export const accepted = [
  extend(baseline, {
    seed: env("SEED", 1),
    precision: env("PRECISION", "bfloat16"),
    label: external("label", async ({ signal }) => Promise.resolve(String(signal.aborted))),
    training: { maxGradNorm: env("CLIP", null), note: env("NOTE") },
    model: { numLayers: depth },
    data: { betas: [env("BETA", 0.9), 1], classWeights: external("weights", () => ({ ham: 1 })) },
    tokens: { first: secret("FIRST") },
  }),
  extend(baseline, deprecated("old", "training.batchSize")),
];

export const refused = [
  // @ts-expect-error a fallback that is no number
  extend(baseline, { seed: env("SEED", "one") }),
  // @ts-expect-error a fallback that is not among the values
  extend(baseline, { precision: env("PRECISION", "bfloat61") }),
  // @ts-expect-error a fallback of null where null is none
  extend(baseline, { seed: env("SEED", null) }),
  // @ts-expect-error the name is a text
  extend(baseline, { seed: env(7, 1) }),
  // @ts-expect-error a look-up of another type
  extend(baseline, { seed: external("seed", () => "one") }),
  // @ts-expect-error a look-up of another type, later
  extend(baseline, { seed: external("seed", async () => Promise.resolve("one")) }),
  // @ts-expect-error a value in place of its look-up
  extend(baseline, { seed: external("seed", 1) }),
  // @ts-expect-error a secret in a field for text
  extend(baseline, { label: secret("TOKEN") }),
  // @ts-expect-error a text in a field for a secret
  extend(baseline, { token: "hunter2" }),
  // @ts-expect-error an environment variable in a field for a secret
  extend(baseline, { token: env("TOKEN", "hunter2") }),
  // @ts-expect-error an axis over texts in a field for a secret
  extend(baseline, { token: choice("a", "b") }),
  // @ts-expect-error a former name of a path that is not there
  extend(baseline, deprecated("old", "training.batchSiz")),
  // @ts-expect-error a former name of a path that is not there
  defineTask({ name: "a", schema, run, deprecated: { old: "training.batchSiz" } }),
  // @ts-expect-error the name of a path that no longer exists
  extend(baseline, { train: { lr: 1 } }),
];

export const reference: Secret = secret("TOKEN");
