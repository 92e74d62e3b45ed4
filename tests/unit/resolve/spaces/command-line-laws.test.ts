/** Laws of the command line, over random definitions with conditions and random arguments. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { choice } from "../../../../src/config/axes.ts";
import { parsePath, valueAt } from "../../../../src/core/path.ts";
import { base, groupsOf, resolveWith, smallTask } from "../support/small-task.ts";

const { extend, when, variants, zip, presets, profiles } = smallTask;
const groups = groupsOf(
  presets("optimizer", {
    plain: { kind: "sgd", learningRate: 3 },
    fast: { kind: "adamw", learningRate: 4, beta1: 0.5 },
  }),
  profiles("environment", {
    dev: { training: { batchSize: 2 }, seed: 1 },
    prod: { training: { batchSize: 64 }, schedule: { warmupSteps: 3 } },
  }),
);

const small = fc.integer({ min: 1, max: 4 });
const fields = ["seed", "training.batchSize", "lr", "schedule.warmupSteps"] as const;
const values = fc.uniqueArray(small, { minLength: 1, maxLength: 3 });
const field = fc.constantFrom(...fields);

/** Conditions and axes of a module that the command line may meet. */
const layer = fc.oneof(
  fc
    .tuple(small, small)
    .map(([least, size]) => when((c) => c.seed >= least, { training: { batchSize: size } })),
  fc
    .tuple(small, small)
    .map(([least, seed]) => when((c) => c.training.batchSize >= least, { seed })),
  small.map((least) => when((c) => c.seed < least, { optimizer: { learningRate: choice(5, 6) } })),
  values.map((list) => ({ seed: choice(...list) })),
  values.map((list) => ({ training: { batchSize: choice(...list) } })),
  small.map((seed) => variants({ a: {}, b: { seed } })),
  fc.constant(zip({ seed: choice(3, 2), training: { batchSize: choice(1, 4) } })),
);
const definition = fc
  .array(layer, { maxLength: 3 })
  .map((layers) => extend(base, ...(layers as never[])));

const argument = fc.oneof(
  fc.tuple(field, small).map(([path, value]) => `${path}=${value}`),
  fc.tuple(field, values).map(([path, list]) => `${path}=${list.join(",")}`),
  fc.tuple(field, values).map(([path, list]) => `product(${path}=[${list.join(",")}])`),
  fc.tuple(field, small, field, small).map(([a, one, b, other]) => {
    return `concat(${a}=${one}, ${b}=${other})`;
  }),
  fc.tuple(small, field, small).map(([least, path, value]) => {
    return `when(seed>=${least}, ${path}=${value})`;
  }),
  fc.tuple(field, small).map(([path, value]) => `variants(x={}, y={${path}:${value}})`),
  fc.constantFrom(
    "repeat(2)",
    "optimizer=plain,fast",
    "optimizer=fast",
    "environment=dev,prod",
    "zip(optimizer=[fast,plain], seed=[2,3])",
    "product(environment=[prod,dev])",
  ),
);

test("what a plan shows of a run is what its config holds", () => {
  let numShown = 0;
  const property = fc.property(
    definition,
    fc.array(argument, { maxLength: 4 }),
    (experiment, args) => {
      const { runs, axes } = resolveWith(experiment, args, groups);
      for (const { axisValues, config } of runs) {
        expect(Object.keys(axisValues)).toEqual(axes.filter((name) => name in axisValues));
        for (const [name, value] of Object.entries(axisValues)) {
          if (/^(variant|environment|optimizer$)/.test(name)) continue; // names
          numShown++;
          expect([name, valueAt(config, parsePath(name) ?? [])]).toEqual([name, value]);
        }
      }
    },
  );
  fc.assert(property, { numRuns: 200 });
  expect(numShown).toBeGreaterThan(1000);
});

/** Settings in all the ways in which a command line can say them. */
const ways: readonly ((settings: readonly string[]) => readonly string[])[] = [
  (settings) => settings.toReversed(),
  (settings) => [`product(${settings.join(", ")})`],
  (settings) => settings.map((one) => `product(${one})`),
  (settings) => settings.map((one) => `concat(${one})`),
  (settings) => [`zip(${settings.map((one) => one.replace(/=(.*)/, "=[$1]")).join(", ")})`],
  (settings) => [`variants(x={${settings.map((one) => one.replace("=", ":")).join(", ")}})`],
  (settings) => [`when(mode==train, ${settings.join(", ")})`],
  ([first = "", ...settings]) => [...settings, `concat(${first}, ${first})`],
];

test("equal settings are equal runs, however they are written", () => {
  const settings = fc
    .tuple(
      fc.subarray([...fields], { minLength: 1 }),
      fc.array(small, { minLength: 4, maxLength: 4 }),
      fc.constantFrom(undefined, "optimizer=plain", "optimizer=fast"),
    )
    .map(([paths, numbers, preset]) => [
      ...paths.map((path, index) => `${path}=${numbers[index]}`),
      ...(preset === undefined ? [] : [preset]),
    ]);
  const property = fc.property(
    definition,
    settings,
    fc.constantFrom(...ways),
    (experiment, given, way) => {
      const hashes = (args: readonly string[]): readonly string[] =>
        resolveWith(experiment, args, groups)
          .runs.map(({ configHash }) => configHash)
          .toSorted();
      expect(hashes(way(given))).toEqual(hashes(given));
      expect(hashes(given).length).toBeGreaterThan(0);
    },
  );
  fc.assert(property, { numRuns: 200 });
});

test("a sweep has the runs that its values have one by one", () => {
  const property = fc.property(definition, field, values, (experiment, path, list) => {
    const hashes = (args: readonly string[]): readonly string[] =>
      resolveWith(experiment, args, groups).runs.map(({ configHash }) => configHash);
    const each = new Set(list.flatMap((value) => hashes([`${path}=${value}`])));
    const swept = [
      `${path}=${list.join(",")}`,
      `zip(${path}=[${list.join(",")}])`,
      `concat(${list.map((value) => `${path}=${value}`).join(", ")})`,
      `variants(${list.map((value) => `v${value}={${path}:${value}}`).join(", ")})`,
    ];
    for (const one of swept) expect(new Set(hashes([one]))).toEqual(each);
    expect(each.size).toBeGreaterThan(0);
  });
  fc.assert(property, { numRuns: 60 });
});
