/** Laws of objects on the command line: they are their fields, in whatever form and wherever they stand. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { choice } from "../../../../src/config/axes.ts";
import {
  base,
  configOf,
  groupsOf,
  problemsOf,
  resolveWith,
  smallTask,
} from "../support/small-task.ts";

const { extend, presets } = smallTask;
const groups = groupsOf(
  presets("optimizer", {
    plain: { kind: "sgd", learningRate: 3, momentum: 0.25 },
    fast: { kind: "adamw", learningRate: 4, beta1: 0.5 },
  }),
  presets("training", { large: { batchSize: 64, maxGradNorm: 2 } }),
);

const definition = fc.constantFrom(
  base,
  extend(base, { optimizer: { kind: "sgd", learningRate: 1, momentum: 0.75 } }),
  extend(base, { optimizer: { learningRate: choice(1, 2) }, training: { batchSize: 16 } }),
  extend(base, { training: choice({ batchSize: 3 }, { maxGradNorm: 5 }) }),
);

const amount = fc.integer({ min: 1, max: 3 });
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
/** Fields of one object by path, with the kind if any; each is written alone or in objects. */
const optimizerFields = fc.record({
  kind: optional(fc.constantFrom("sgd", "adamw")),
  learningRate: optional(amount),
});
const trainingFields = fc.record({ batchSize: optional(amount), maxGradNorm: optional(amount) });
const preset = fc.constantFrom(undefined, "optimizer=plain", "optimizer=fast", "training=large");

const entriesOf = (fields: object): string[] =>
  Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${value}`],
  );
const singlesOf = (path: string, fields: object): string[] =>
  entriesOf(fields).map((entry) => `${path}.${entry.replace(": ", "=")}`);
const objectOf = (path: string, fields: object): string[] => {
  const entries = entriesOf(fields);
  return entries.length === 0 ? [] : [`${path}={${entries.join(", ")}}`];
};

/** What an argument becomes. */
const forms: readonly ((argument: string) => readonly string[])[] = [
  (argument) => [argument],
  (argument) => [`product(${argument})`],
  (argument) => [`when(mode==train, ${argument})`],
  (argument) => [`concat(${argument}, ${argument})`],
  (argument) => [`product(${argument.replace(/=(.*)/, "=[$1]")})`],
  (argument) => [`zip(${argument.replace(/=(.*)/, "=[$1]")})`],
  (argument) => [`variants(x={${argument.replace("=", ":")}})`],
];

const outcome = (experiment: object, args: readonly string[]): readonly string[] | "refused" => {
  const { runs, problems } = resolveWith(experiment, args, groups);
  if (problems.length > 0) return "refused";
  return sortedHashes(runs.map(({ configHash }) => configHash));
};
const sortedHashes = (hashes: readonly string[]): readonly string[] =>
  [...new Set(hashes)].toSorted((one, other) => one.localeCompare(other));

test("an object is its fields, beside kinds, presets and axes, in any form and order", () => {
  let numResolved = 0;
  const property = fc.property(
    fc.record({ definition, optimizerFields, trainingFields, preset, isReversed: fc.boolean() }),
    fc.infiniteStream(fc.constantFrom(...forms)),
    fc.infiniteStream(fc.boolean()),
    ({ isReversed, ...given }, form, isObject) => {
      const chosen = given.preset === undefined ? [] : [given.preset];
      const { optimizerFields: optimizer, trainingFields: training } = given;
      const plain = [
        ...chosen,
        ...singlesOf("optimizer", optimizer),
        ...singlesOf("training", training),
      ];
      const mixed = [
        ...(isObject.next().value
          ? objectOf("optimizer", optimizer)
          : singlesOf("optimizer", optimizer)),
        ...objectOf("training", training),
      ];
      const all = isReversed ? [...mixed.toReversed(), ...chosen] : [...chosen, ...mixed];
      const preset = given.preset?.startsWith("optimizer") === true && optimizer.kind !== undefined;
      if (preset && isReversed) return; // a preset behind a kind has its own
      const args = all.flatMap((one) => form.next().value(one));
      const expected = outcome(given.definition, plain);
      if (expected !== "refused") numResolved++;
      expect(outcome(given.definition, args)).toEqual(expected);
    },
  );
  fc.assert(property, { numRuns: 300 });
  expect(numResolved).toBeGreaterThan(100);
});

test("a sweep of objects has the runs that its objects have one by one", () => {
  const sweep = fc.array(
    fc.oneof(
      optimizerFields.map((fields) => ["optimizer", fields] as const),
      trainingFields.map((fields) => ["training", fields] as const),
    ),
    { minLength: 2, maxLength: 3 },
  );
  const before = fc.constantFrom(
    [],
    ["optimizer=plain"],
    ["optimizer.kind=sgd"],
    ["training=large"],
    ["training.batchSize=7,9"],
  );
  const property = fc.property(
    fc.record({ experiment: definition, list: sweep, others: before, isLast: fc.boolean() }),
    ({ experiment, list, others, isLast }) => {
      const [first] = list;
      const path = first?.[0] ?? "";
      const objects = list.flatMap(([own, fields]) =>
        own === path && entriesOf(fields).length > 0 ? [`{${entriesOf(fields).join(", ")}}`] : [],
      );
      const beside = (argument: string): string[] =>
        isLast ? [...others, argument] : [argument, ...others];
      if (objects.length < 2) return;
      const each = objects.map((object) => outcome(experiment, beside(`${path}=${object}`)));
      const expected = each.includes("refused") ? "refused" : sortedHashes(each.flat());
      expect(outcome(experiment, beside(`${path}=${objects.join(",")}`))).toEqual(expected);
      expect(outcome(experiment, beside(`product(${path}=[${objects.join(",")}])`))).toEqual(
        expected,
      );
      expect(outcome(experiment, beside(`zip(${path}=[${objects.join(",")}])`))).toEqual(expected);
    },
  );
  fc.assert(property, { numRuns: 200 });
});

const sgd = "optimizer={kind: sgd, learningRate: 1}";

test.each([
  [["optimizer.momentum=0.9", sgd], [0.9]],
  [[sgd, "optimizer.momentum=0.9"], [0.9]],
  [
    ["optimizer.momentum=0.9,0.5", sgd],
    [0.9, 0.5],
  ],
  [
    [
      "optimizer.momentum=0.9",
      "optimizer={kind: sgd, learningRate: 1},{kind: sgd, learningRate: 2}",
    ],
    [0.9, 0.9],
  ],
  [
    ["optimizer=plain", "optimizer={learningRate: 1},{learningRate: 2}"],
    [0.25, 0.25],
  ],
])("a kind in an object comes first: %j", (args, momenta) => {
  const { runs, notes } = resolveWith(base, args, groups);
  expect(runs.map(({ config }) => (config as { optimizer: object }).optimizer)).toMatchObject(
    momenta.map((momentum) => ({ kind: "sgd", momentum })),
  );
  expect(notes).toEqual([]);
});

test("fields that the kind of an object does not have are refused", () => {
  const expected = problemsOf(base, ["optimizer.beta1=0.5", "optimizer.kind=sgd"]);
  expect(expected.length).toBeGreaterThan(0);
  expect(problemsOf(base, ["optimizer.beta1=0.5", "optimizer={kind: sgd}"])).toEqual(expected);
});

test.each([
  [["training={batchSize: 9}", "training=large"]],
  [["training=large", "training={batchSize: 9}"]],
  [["training={batchSize: 9}", "product(training=[large])"]],
  [["product(training={batchSize: 9})", "training=large"]],
  [["training={batchSize: 9}", "training:=large", "training.numSteps=10"]],
])("an object beside a preset holds over it, wherever it stands: %j", (args) => {
  const { batchSize, maxGradNorm } = configOf(base, args, groups).training;
  expect({ batchSize, maxGradNorm }).toEqual({ batchSize: 9, maxGradNorm: 2 });
  expect(resolveWith(base, args, groups).notes).toEqual([]);
});

test.each([
  [["training.batchSize=3", "training={batchSize: 4}"]],
  [["training.batchSize=3,5", "training={batchSize: 4}"]],
  [["training={batchSize: 3, maxGradNorm: 1}", "training={batchSize: 4}"]],
])("a field that an object writes again is noted: %j", (args) => {
  expect(resolveWith(base, args).notes).toEqual([
    "training.batchSize is given twice on the command line; training={batchSize: 4} holds.",
  ]);
  expect(configOf(base, args).training.batchSize).toBe(4);
});

test("what every object of an axis writes again is noted", () => {
  const args = ["training.batchSize=3", "training={batchSize: 4},{batchSize: 5}"];
  expect(resolveWith(base, args).notes).toEqual([
    "training.batchSize is given twice on the command line; training={batchSize: 4},{batchSize: 5} holds.",
  ]);
});

test.each([
  [["lr=1", "optimizer={learningRate: 2}"], "is set twice on the command line"],
  [["lr=1", "optimizer={learningRate: 2},{learningRate: 3}"], "is set twice on the command line"],
  [["training.numEpochs=1", "training={numSteps: 2}"], "cannot be set together with"],
  [["optimizer:={kind: sgd, learningRate: 1}", "optimizer.kind=adamw"], "is chosen before"],
  [["augment.0.probability=1", "augment.0={kind: flip}"], "names a kind behind"],
])("what an object says against another argument is refused: %j", (args, message) => {
  expect(problemsOf(base, args).join("\n")).toContain(message);
});
