/** Combinators that the language refuses in the editor. Each `@ts-expect-error` is an error where the next line compiles. */
import { choice, linspace, logRange } from "../../src/config/axes.ts";
import { derived } from "../../src/config/deferred.ts";
import { concat, filter, product, repeat, variants, when, zip } from "../../src/train/language.ts";
import { baseline, example, extend } from "./example-task.ts";

export const keys = [
  // @ts-expect-error a misspelt key at the top
  extend(baseline, zip({ sede: choice(1, 2) })),
  // @ts-expect-error a misspelt key of a member that is named
  extend(baseline, zip({ optimizer: { kind: "adamw", learningRate: 1, weightDeacy: 1 } })),
  // @ts-expect-error a misspelt key in a variant
  extend(baseline, variants({ small: { training: { numStep: 1 } } })),
  // @ts-expect-error the same where the axis has a name
  extend(baseline, variants("size", { small: { training: { numStep: 1 } } })),
  // @ts-expect-error a misspelt key in a product
  extend(baseline, product({ seed: 1 }, { sede: 1 })),
  // @ts-expect-error a misspelt key in a nested combinator
  extend(baseline, concat({ seed: 1 }, product(zip({ sede: choice(1) })))),
  extend(
    baseline,
    // @ts-expect-error a misspelt key behind a condition
    when((c) => c.seed > 1, { sede: 1 }),
  ),
  // @ts-expect-error a misspelt key in a task's own
  example.zip({ sede: choice(1, 2) }),
  // @ts-expect-error a key of another task's config
  extend(baseline, zip({ tokenizer: { vocabSize: choice(1, 2) } })),
];

export const values = [
  // @ts-expect-error a text for a number
  extend(baseline, zip({ seed: choice("a", "b") })),
  // @ts-expect-error no value of the enumeration
  extend(baseline, variants({ a: { precision: choice("float32", "bfloat61") } })),
  // @ts-expect-error a number for a text
  extend(baseline, variants({ a: { training: { note: linspace(0, 1, 3) } } })),
  // @ts-expect-error a derived text for a number
  extend(baseline, product({ seed: derived((c) => c.precision) })),
  // @ts-expect-error a range of texts
  logRange("1", 2, 3),
  // @ts-expect-error seeds are numbers
  extend(baseline, repeat(["a"])),
  // @ts-expect-error a variant is a change
  extend(baseline, variants({ a: 1 })),
  // @ts-expect-error a product is of layers
  extend(baseline, product(3)),
];

export const conditions = [
  extend(
    baseline,
    // @ts-expect-error a misspelt path of the config
    filter((c) => c.sede > 1),
  ),
  extend(
    baseline,
    // @ts-expect-error a field of one member, before its kind is known
    when((c) => c.optimizer.momentum > 0, { seed: 1 }),
  ),
  extend(
    baseline,
    // @ts-expect-error no boolean
    filter((c) => c.seed),
  ),
  // @ts-expect-error the same in the method
  example.zip({ seed: choice(1, 2) }).filter((c) => c.seed),
  // @ts-expect-error a misspelt path in the method
  example.zip({ seed: choice(1, 2) }).filter((c) => c.sede > 1),
  // @ts-expect-error a condition comes first
  extend(baseline, when({ seed: 1 })),
];
