/** Laws of combinators, over random definitions. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { choice } from "../../../../src/config/axes.ts";
import { configsOf } from "../support/runs.ts";
import { base, resolveWith, smallTask } from "../support/small-task.ts";

const { extend, zip, variants, product, concat, when, filter, repeat } = smallTask;
type Space = ReturnType<typeof zip>;

const changes = {
  seed: (value: unknown) => ({ seed: value }),
  batchSize: (value: unknown) => ({ training: { batchSize: value } }),
  learningRate: (value: unknown) => ({ optimizer: { learningRate: value } }),
  interval: (value: unknown) => ({ schedule: { warmupSteps: value } }),
} as const;
type Field = keyof typeof changes;
const fields = Object.keys(changes) as Field[];

const values = (size: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: size, maxLength: size });
const someValues = fc.integer({ min: 1, max: 3 }).chain(values);

/** A layer over some fields: plain values, axes, zips, variants and combinations of those. */
const { space } = fc.letrec<{ space: Space; leaf: Space }>((tie) => ({
  leaf: fc.oneof(
    fc
      .tuple(fc.constantFrom(...fields), someValues)
      .map(([field, list]) => product(changes[field](choice(...list)) as never)),
    fc
      .tuple(fc.constantFrom(...fields), fc.integer({ min: 1, max: 9 }))
      .map(([field, value]) => product(changes[field](value) as never)),
    fc
      .tuple(fc.subarray(fields, { minLength: 2, maxLength: 2 }), values(2), values(2))
      .map(([[first = "seed", second = "seed"], one, other]) => {
        const patch = { ...changes[first](choice(...one)), ...changes[second](choice(...other)) };
        return zip(patch as never);
      }),
    someValues.map((list) => repeat(list)),
  ),
  space: fc.oneof(
    { maxDepth: 2, depthSize: "small" },
    tie("leaf"),
    fc.tuple(tie("space"), tie("space")).map(([first, second]) => product(first, second)),
    fc.tuple(tie("space"), tie("space")).map(([first, second]) => concat(first, second)),
    fc.tuple(tie("space"), tie("space")).map(([a, b]) => variants({ a, b })),
    fc
      .tuple(fc.integer({ min: 0, max: 9 }), tie("space"))
      .map(([least, inner]) => when((c) => c.seed >= least, inner)),
  ),
}));

function check(property: fc.IProperty<unknown>): void {
  fc.assert(property, { numRuns: 40 });
}

/** Each once, where it stands first: what equal runs are merged into. */
function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

test("equal definitions make equal plans, and each run differs from the others", () => {
  check(
    fc.property(space, (one) => {
      const texts = configsOf(extend(base, one));
      expect(configsOf(extend(base, one))).toEqual(texts);
      expect(distinct(texts)).toEqual(texts);
    }),
  );
});

test("the runs of a product are those of its second layer in each run of the first, in that order", () => {
  const first = fc.constantFrom<Field>("seed", "batchSize");
  const second = fc.constantFrom<Field>("learningRate", "interval");
  check(
    fc.property(fc.tuple(first, second), someValues, someValues, ([one, other], ones, others) => {
      const axes = [changes[one](choice(...ones)), changes[other](choice(...others))] as never[];
      const expected = ones.flatMap((value) =>
        others.flatMap((inner) =>
          configsOf(extend(base, changes[one](value) as never, changes[other](inner) as never)),
        ),
      );
      expect(configsOf(extend(base, product(...axes)))).toEqual(expected);
      expect(configsOf(extend(base, ...axes)).toSorted()).toEqual(expected.toSorted());
      const named = Object.fromEntries(ones.map((value) => [`v${value}`, changes[one](value)]));
      expect(configsOf(extend(base, variants(named as never), axes[1] ?? {}))).toEqual(expected);
    }),
  );
});

test("a product is associative, and makes the runs of the chain of its layers", () => {
  check(
    fc.property(space, space, space, (a, b, c) => {
      const texts = configsOf(extend(base, product(a, b, c)));
      expect(configsOf(extend(base, product(product(a, b), c)))).toEqual(texts);
      expect(configsOf(extend(base, product(a, product(b, c))))).toEqual(texts);
      expect(configsOf(extend(extend(base, a), b, c)).toSorted()).toEqual(texts.toSorted());
    }),
  );
});

test("concat makes the runs of one after those of the other, and is associative", () => {
  check(
    fc.property(space, space, space, (a, b, c) => {
      const all = [a, b, c].flatMap((one) => configsOf(extend(base, one)));
      const texts = configsOf(extend(base, concat(a, b, c)));
      expect(texts).toEqual(distinct(all));
      expect(configsOf(extend(base, concat(concat(a, b), c)))).toEqual(texts);
      expect(configsOf(extend(base, concat(a, concat(b, c))))).toEqual(texts);
    }),
  );
});

test("a zip makes as many runs as its axes have values, and each takes the values of its place", () => {
  check(
    fc.property(
      fc.integer({ min: 1, max: 5 }).chain((size) => fc.tuple(values(size), values(size))),
      ([seeds, sizes]) => {
        const zipped = zip({ seed: choice(...seeds), training: { batchSize: choice(...sizes) } });
        const found = resolveWith(extend(base, zipped)).runs.map(({ axisValues }) => axisValues);
        expect(found).toEqual(
          seeds.map((seed, index) => ({ seed, "training.batchSize": sizes[index] })),
        );
      },
    ),
  );
});

test("a filter leaves exactly the runs that it holds for", () => {
  check(
    fc.property(space, fc.integer({ min: 1, max: 9 }), (one, least) => {
      const all = resolveWith(extend(base, one)).runs.map(({ config }) => config);
      const kept = all.filter(({ seed }) => Number(seed) >= least).map((c) => JSON.stringify(c));
      const keep = (c: { readonly seed: number }): boolean => c.seed >= least;
      expect(configsOf(extend(base, one.filter(keep)))).toEqual(kept);
      expect(configsOf(extend(base, filter(keep), one))).toEqual(kept);
      const problems = resolveWith(extend(base, one, filter(keep))).problems;
      expect(problems.length > 0).toBe(kept.length === 0);
    }),
  );
});

test("overriding the path of an axis is like setting the value in its place", () => {
  check(
    fc.property(someValues, space, fc.integer({ min: 1, max: 9 }), (list, rest, value) => {
      const size = (written: unknown): never => ({ training: { batchSize: written } }) as never;
      // What comes before the axis may vary with it; what comes behind may not set the path again.
      const swept = extend(base, rest, size(choice(...list)));
      const set = configsOf(extend(base, rest, size(value)));
      expect(configsOf(extend(swept, size(value)))).toEqual(set);
      expect(configsOf(swept, [`training.batchSize=${value}`])).toEqual(set);
      expect(configsOf(swept, [`product(training.batchSize=${value})`])).toEqual(set);
    }),
  );
});

test("where the path is asked about, overriding it is like setting the value in its place", () => {
  check(
    fc.property(
      someValues,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (list, value, least) => {
        const asked = when((c) => c.seed >= least, { training: { batchSize: choice(1, 2) } });
        const swept = extend(base, { seed: choice(...list) }, asked);
        expect(configsOf(swept, [`seed=${value}`])).toEqual(
          configsOf(extend(base, { seed: value }, asked)),
        );
      },
    ),
  );
});
