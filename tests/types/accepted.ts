/** What the language lets one write; checked by compiling. */
import { append, prepend, remove, replace } from "../../src/config/changes.ts";
import { choice, range } from "../../src/config/axes.ts";
import { derived, required } from "../../src/config/deferred.ts";
import { defineTask } from "../../src/config/define-task.ts";
import type { ConfigOf, Definition } from "../../src/config/task-types.ts";
import {
  alias,
  baseline,
  defineConfig,
  type example,
  type ExampleConfig,
  type ExampleInput,
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

const rates = choice(1e-4, 1e-3); // a marker that stands alone

export const experiment: Definition<ExampleConfig, ExampleInput> = extend(
  baseline,
  model.tiny,
  {
    seed: range(1, 4),
    precision: choice("float32", "bfloat16"),
    optimizer: { kind: "adamw", learningRate: choice(1e-5, 1e-4, 1e-3) },
    schedule: { kind: "linear", warmupSteps: derived((c) => Math.ceil(0.1 * c.training.numSteps)) },
    model: { pooling: { kind: "attention", numHeads: choice(2, 4) } },
    training: { note: remove(), batchSize: required(), maxGradNorm: choice(null, 1) },
    data: {
      augment: append({ kind: "flip", probability: choice(0.1, 0.2) }, { kind: "crop", size: 24 }),
      classWeights: { ham: 1, spam: remove() },
      anything: { deep: [1, { er: null }] },
    },
  },
  rule("even", (c) => c.seed % 2 === 0),
  alias("steps", "training.numSteps"),
);

export const otherWays = [
  extend(baseline),
  extend(experiment, {}, { optimizer: { learningRate: rates } }),
  extend(baseline, { optimizer: { momentum: 0.5 } }), // a field of one member, without kind
  extend(baseline, { optimizer: { kind: "sgd", learningRate: 1 } }),
  extend(baseline, { optimizer: replace({ kind: "sgd", learningRate: choice(1, 2) }) }),
  extend(baseline, { training: replace({ numSteps: 1, batchSize: derived((c) => c.seed) }) }),
  extend(baseline, { optimizer: derived((c) => ({ kind: "sgd", learningRate: c.seed })) }),
  extend(baseline, {
    optimizer: choice({ kind: "sgd", learningRate: 1 }, { kind: "adamw", learningRate: 2 }),
  }),
  extend(baseline, {
    data: { augment: prepend({ kind: "crop", size: choice(24, 28) }), betas: [0.5, range(1, 3)] },
  }),
  extend(baseline, { data: { augment: [] } }),
  extend(baseline, fragment({ seed: 3, model: { numLayers: 3 } })),
  extend(baseline, presets("schedule", { flat: { kind: "constant" } }).flat),
  extend(baseline, presets("training", { short: { numSteps: 5 } }).short),
  extend(baseline, presets("model.pooling", { first: { kind: "attention", numHeads: 2 } }).first),
  extend(baseline, presets("training.numSteps", { few: 5, more: derived((c) => 2 * c.seed) }).more),
  extend(baseline, presets("optimizer.momentum", { high: 0.9 }).high), // a field of one member
  extend(
    baseline,
    presets("data.augment", { flip: append({ kind: "flip", probability: 1 }) }).flip,
  ),
  extend(baseline, presets("data.betas", { rising: [0.5, range(1, 3)] }).rising),
  extend(baseline, scale.short, scale["long"]),
  extend(
    baseline,
    profiles("stage", {
      dev: { seed: choice(1, 2), training: { batchSize: derived((c) => c.training.numSteps) } },
      production: {},
    }).dev,
  ),
  defineConfig(
    {
      model: { kind: "mlp", hiddenSizes: [8] },
      optimizer: { kind: "sgd", learningRate: required() },
      training: { numSteps: choice(1, 2), batchSize: derived((c) => c.training.numSteps) },
      data: {},
    },
    model.wide,
    { seed: 1 },
  ),
];

/** Markers in a preset are typed by its field, of whatever depth. */
export const marked = presets("model", {
  swept: { kind: "bert", numLayers: choice(2, 4), activation: choice("gelu", "relu") },
  deep: { kind: "bert", numLayers: derived((c) => c.seed), pooling: { kind: "mean" } },
});

/** The result of `derived` is checked where it stands, and `c` is the resolved config. */
export const config: ConfigOf<typeof example>["optimizer"] = {
  kind: "sgd",
  learningRate: 1,
  momentum: 0,
};

/** Type arguments are only for names: without them everything works the same. */
const anonymous = defineTask({
  name: "anonymous",
  version: 2,
  schema,
  run: async function* ({ config: { seed, training } }) {
    yield* run();
    yield { kind: "log", level: "info", text: `${seed + training.numSteps}` };
  },
  listDataFiles: (resolved) => Promise.resolve([{ path: `/${resolved.precision}`, name: "a" }]),
  rules: { even: (c) => c.seed % 2 === 0 },
  aliases: { steps: "training.numSteps" },
});
export const fromAnonymous = anonymous.extend(
  anonymous.defineConfig({
    model: { kind: "bert", numLayers: 4 },
    optimizer: { kind: "adamw", learningRate: 1e-3 },
    training: { numSteps: 100, batchSize: 8 },
    data: {},
  }),
  { schedule: { kind: "linear", warmupSteps: derived((c) => c.training.numSteps) } },
);
