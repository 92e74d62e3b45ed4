/** Combinators over whole changes, as the language lets one write them; checked by compiling. */
import { choice, linspace, logRange, range } from "../../src/config/axes.ts";
import { append, remove, replace } from "../../src/config/changes.ts";
import { derived } from "../../src/config/deferred.ts";
import type { Space } from "../../src/config/space-types.ts";
import type { ConfigOf } from "../../src/config/task-types.ts";
import {
  concat,
  type defineConfig,
  extend as extendTraining,
  filter,
  product,
  repeat,
  variants,
  when,
  zip,
} from "../../src/train/language.ts";
import type { training } from "../../src/train/task.ts";
import {
  baseline,
  example,
  type ExampleConfig,
  type ExampleInput,
  extend,
  fragment,
  model,
  rule,
} from "./example-task.ts";

/** Those of another task than the one that `extend` belongs to: the call around them types them. */
export const byTheCallAround = [
  extend(
    baseline,
    zip({
      optimizer: { kind: "adamw", learningRate: logRange(1e-5, 1e-3, 3) },
      training: { batchSize: choice(8, 16, 32), note: remove() },
      schedule: { kind: "linear", warmupSteps: derived((c) => c.training.numSteps) },
      data: { augment: append({ kind: "crop", size: range(24, 30, 2) }) },
    }),
    { precision: choice("float32", "bfloat16") },
  ),
  extend(
    baseline,
    variants({
      small: { optimizer: { beta1: 0.8 }, model: { pooling: { kind: "attention", numHeads: 2 } } },
      swept: {
        precision: choice("float32", "bfloat16"),
        training: { maxGradNorm: choice(null, 1) },
      },
      none: {},
      preset: model.tiny,
      whole: { optimizer: replace({ kind: "sgd", learningRate: derived((c) => c.seed) }) },
      nested: zip({ seed: choice(1, 2), model: { numLayers: choice(2, 4) } }),
      conditional: when((c) => c.optimizer.kind === "sgd", { optimizer: { momentum: 0.9 } }),
    }),
    variants("size", { small: { model: { numLayers: 2 } }, large: { model: { numLayers: 12 } } }),
  ),
  extend(
    baseline,
    product(zip({ seed: choice(1, 2) }), concat({ seed: 3 }, model.wide), repeat([7, 8])),
    when((c) => c.model.kind === "bert" && c.model.numLayers > 2, model.tiny, {
      optimizer: { learningRate: linspace(0.1, 0.3, 3) },
    }),
    filter((c) => c.training.batchSize < c.training.numSteps),
    rule("even", (c) => c.seed % 2 === 0),
    repeat(3),
  ),
];

const seeds = repeat(2);
/** Seeds by themselves fit every task. */
export const byThemselves = [
  extend(baseline, seeds, repeat([5, 6])),
  extend(baseline, variants({ one: seeds })),
  seeds.filter((c) => c.training.batchSize > 1), // the built-in task's, where there is no place
];

/** A task's own need no call around them, and know its config in `.filter`. */
const own: Space<ExampleConfig, ExampleInput> = example
  .product(
    example.zip({ seed: derived((c) => c.training.numSteps), precision: choice("float32") }),
    example.variants({ a: { seed: derived((c) => c.training.batchSize) }, b: fragment({}) }),
  )
  .filter((c) => c.optimizer.kind === "adamw" && c.optimizer.beta1 > 0)
  .filter((c) => c.seed > 0);

export const byItself = [
  extend(
    baseline,
    own,
    own.filter((c) => c.seed < 9),
  ),
  extend(
    baseline,
    example.when((c) => c.seed > 1, own),
    example.repeat(2),
  ),
];

/** What the package exports means the training task where no call says otherwise. */
const alone = zip({
  optimizer: { learningRate: choice(1e-4, 1e-3) },
  training: { batchSize: choice(8, 16) },
});

export const ofTraining = (definition: ReturnType<typeof defineConfig>): unknown =>
  extendTraining(
    definition,
    alone.filter((c) => c.training.batchSize > 8),
    variants({ a: { seed: 1 }, b: {} }).filter((c) => c.seed > 0),
    filter((c: ConfigOf<typeof training>) => c.seed > 0),
  );
