import { expect, test } from "vitest";
import { choice, range } from "../../../../src/config/axes.ts";
import { append } from "../../../../src/config/changes.ts";
import { derived } from "../../../../src/config/deferred.ts";
import { linesOf } from "../support/runs.ts";
import { base, problemsOf, resolveWith, smallTask } from "../support/small-task.ts";

const { extend, zip, variants, product, concat, when, filter, repeat } = smallTask;
const { fragment, presets, rule } = smallTask;

const rates = { optimizer: { learningRate: choice(0.1, 0.2) } };
const kinds = {
  optimizer: choice({ kind: "sgd", learningRate: 1 }, { kind: "adamw", learningRate: 2 }),
} as const;
const momenta = { optimizer: { momentum: choice(0, 0.9) } };

test("axes of a zip advance together, and count as one where they stand", () => {
  const zipped = zip({ ...rates, training: { batchSize: range(1, 3) } });
  expect(linesOf(extend(base, { hiddenSizes: choice([1], [2]) }, zipped, repeat(2)))).toEqual([
    "hiddenSizes=[1] optimizer.learningRate=0.1 training.batchSize=1 seed=0",
    "hiddenSizes=[1] optimizer.learningRate=0.1 training.batchSize=1 seed=1",
    "hiddenSizes=[1] optimizer.learningRate=0.2 training.batchSize=2 seed=0",
    "hiddenSizes=[1] optimizer.learningRate=0.2 training.batchSize=2 seed=1",
    "hiddenSizes=[2] optimizer.learningRate=0.1 training.batchSize=1 seed=0",
    "hiddenSizes=[2] optimizer.learningRate=0.1 training.batchSize=1 seed=1",
    "hiddenSizes=[2] optimizer.learningRate=0.2 training.batchSize=2 seed=0",
    "hiddenSizes=[2] optimizer.learningRate=0.2 training.batchSize=2 seed=1",
  ]);
});

test("the later of two layers varies faster, whatever the base wrote first", () => {
  const start = extend(base, { seed: 7 });
  const sizes = variants("size", { small: { hiddenSizes: [1] }, large: { hiddenSizes: [9] } });
  expect(linesOf(extend(start, sizes, repeat([3, 4])))).toEqual([
    "size=small seed=3",
    "size=small seed=4",
    "size=large seed=3",
    "size=large seed=4",
  ]);
  expect(linesOf(extend(start, repeat([3, 4]), sizes))[1]).toBe("seed=3 size=large");
  expect(linesOf(extend(start, rates, repeat([3, 4])))[1]).toBe(
    "optimizer.learningRate=0.1 seed=4",
  );
  expect(linesOf(extend(base, product({ seed: choice(3, 4) }, rates)))[1]).toBe(
    "seed=3 optimizer.learningRate=0.2",
  );
});

test("a later value takes the place of an axis and keeps its place in the order", () => {
  const grid = extend(base, rates, variants({ a: {}, b: { hiddenSizes: [1] } }));
  expect(linesOf(extend(grid, { optimizer: { learningRate: choice(5, 6) } }))).toEqual([
    "optimizer.learningRate=5 variant=a",
    "optimizer.learningRate=5 variant=b",
    "optimizer.learningRate=6 variant=a",
    "optimizer.learningRate=6 variant=b",
  ]);
});

test("a path of a zip that a later layer or the command line sets is pinned; the others go on", () => {
  const zipped = extend(base, zip({ ...rates, training: { batchSize: choice(1, 2) } }));
  const pinned = ["training.batchSize=1", "training.batchSize=2"];
  expect(linesOf(zipped, ["lr=0.5"])).toEqual(pinned);
  expect(linesOf(extend(zipped, { optimizer: { learningRate: 0.5 } }))).toEqual(pinned);
  expect(linesOf(extend(zipped, { optimizer: { kind: "sgd", learningRate: 1 } }))).toEqual(pinned);
  const both = resolveWith(zipped, ["lr=0.5", "training.batchSize=4"]);
  expect(both.runs.map(({ axisValues }) => axisValues)).toEqual([{}]);
  expect(both.notes).toEqual([expect.stringContaining("1 of 2 runs ask for the same")]);
});

test("what excludes a zipped field pins it too, and an axis takes its place", () => {
  const zipped = extend(base, zip({ ...rates, training: { numSteps: choice(1, 2) } }));
  expect(linesOf(extend(zipped, { training: { numEpochs: 3 } }))).toEqual([
    "optimizer.learningRate=0.1",
    "optimizer.learningRate=0.2",
  ]);
  expect(linesOf(zipped, ["lr=7,8", "training.numSteps=4"])).toEqual([
    "optimizer.learningRate=7",
    "optimizer.learningRate=8",
  ]);
});

test("zips hold lists, items that are added, and whole members of a union", () => {
  const zipped = zip({
    optimizer: kinds.optimizer,
    hiddenSizes: choice([1], [2, 3]),
    augment: append({ kind: "flip" }, { kind: "crop", size: choice(4, 5) }),
  });
  const first = extend(base, { augment: [{ kind: "flip" }] }, zipped);
  expect(linesOf(first)).toEqual([
    'optimizer={"kind":"sgd","learningRate":1} hiddenSizes=[1] augment[2].size=4',
    'optimizer={"kind":"adamw","learningRate":2} hiddenSizes=[2,3] augment[2].size=5',
  ]);
  expect(resolveWith(first).runs[1]?.config["augment"]).toEqual([
    { kind: "flip", probability: 0.5 },
    { kind: "flip", probability: 0.5 },
    { kind: "crop", size: 5 },
  ]);
});

test("variants hold axes, presets and combinators; each layer of them is an axis of its own", () => {
  const optimizers = presets("optimizer", { plain: { kind: "sgd", learningRate: 3 } });
  const first = variants({
    swept: { training: { batchSize: choice(1, 2) } },
    preset: optimizers.plain,
    both: product(zip({ ...rates, seed: choice(5, 6) }), { hiddenSizes: [1] }),
  });
  expect(linesOf(extend(base, first, variants({ on: {}, off: { mode: "evaluate" } })))).toEqual([
    "variant=swept training.batchSize=1 optimizer.learningRate=0.001 seed=0 variant2=on",
    "variant=swept training.batchSize=1 optimizer.learningRate=0.001 seed=0 variant2=off",
    "variant=swept training.batchSize=2 optimizer.learningRate=0.001 seed=0 variant2=on",
    "variant=swept training.batchSize=2 optimizer.learningRate=0.001 seed=0 variant2=off",
    "variant=preset training.batchSize=8 optimizer.learningRate=3 seed=0 variant2=on",
    "variant=preset training.batchSize=8 optimizer.learningRate=3 seed=0 variant2=off",
    "variant=both training.batchSize=8 optimizer.learningRate=0.1 seed=5 variant2=on",
    "variant=both training.batchSize=8 optimizer.learningRate=0.1 seed=5 variant2=off",
    "variant=both training.batchSize=8 optimizer.learningRate=0.2 seed=6 variant2=on",
    "variant=both training.batchSize=8 optimizer.learningRate=0.2 seed=6 variant2=off",
  ]);
  const all = variants("optimizers", optimizers);
  expect(linesOf(extend(base, all))).toEqual(["optimizers=plain"]);
});

test("the command line chooses variants by name, also several; a wrong name is told", () => {
  const sizes = extend(
    base,
    variants("size", { small: { seed: 1 }, middle: { seed: 2 }, large: { seed: 3 } }),
  );
  expect(linesOf(sizes, ["size=large"])).toEqual(["size=large"]);
  expect(linesOf(sizes, ["size=large,small"])).toEqual(["size=small", "size=large"]);
  expect(problemsOf(sizes, ["size=smal"])).toEqual([
    'size: has no variant "smal"; there are small, middle, large → small',
  ]);
});

test("names of axes that mean something else, or two things, are refused", () => {
  const change = { a: {}, b: { hiddenSizes: [1] } };
  expect(problemsOf(extend(base, variants("lr", change), variants("mode", change)))).toEqual([
    ': variants(): the axis name "lr" means something else on the command line; choose a name of its own',
    ': variants(): the axis name "mode" means something else on the command line; choose a name of its own',
  ]);
  expect(problemsOf(extend(base, variants("x", change), variants("x", change)))).toEqual([
    ': variants(): the axis name "x" names another one already; choose a name of its own',
  ]);
  const apart = concat(variants("x", change), variants("x", { c: { seed: 1 } }));
  expect(linesOf(extend(base, apart))).toEqual(["x=a", "x=b", "x=c"]);
});

test("concat makes the runs of each layer in turn; plain changes are told apart by what they set", () => {
  const optimizers = presets("optimizer", { plain: { kind: "sgd", learningRate: 3 } });
  const definition = extend(
    base,
    concat(rates, zip({ seed: choice(5, 6) }), optimizers.plain, { training: { batchSize: 3 } }),
  );
  expect(linesOf(definition)).toEqual([
    "training.batchSize=8 optimizer.learningRate=0.1 seed=0",
    "training.batchSize=8 optimizer.learningRate=0.2 seed=0",
    "training.batchSize=8 optimizer.learningRate=0.001 seed=5",
    "training.batchSize=8 optimizer.learningRate=0.001 seed=6",
    "optimizer=plain training.batchSize=8 optimizer.learningRate=3 seed=0",
    "training.batchSize=3 optimizer.learningRate=0.001 seed=0",
  ]);
});

test("when adds axes to some runs only, and makes no run twice", () => {
  const definition = extend(
    base,
    kinds,
    when((c) => c.optimizer.kind === "sgd", momenta),
    repeat(2),
  );
  expect(linesOf(definition).map((line) => line.replace(/\{"kind":"(\w+)".*?\}/, "$1"))).toEqual([
    "optimizer=sgd optimizer.momentum=0 seed=0",
    "optimizer=sgd optimizer.momentum=0 seed=1",
    "optimizer=sgd optimizer.momentum=0.9 seed=0",
    "optimizer=sgd optimizer.momentum=0.9 seed=1",
    "optimizer=adamw seed=0",
    "optimizer=adamw seed=1",
  ]);
  expect(resolveWith(definition).notes).toEqual([]);
});

test("a condition sees derived values and the layers before it, not those behind it", () => {
  const derivedSize = fragment({ training: { batchSize: derived((c) => c.seed * 10) } });
  const asked = when((c) => c.training.batchSize > 15, { hiddenSizes: choice([1], [2]) });
  expect(linesOf(extend(base, repeat([1, 2]), derivedSize, asked))).toEqual([
    "seed=1 hiddenSizes=[32,16]",
    "seed=2 hiddenSizes=[1]",
    "seed=2 hiddenSizes=[2]",
  ]);
  expect(linesOf(extend(base, repeat([1, 2]), asked, derivedSize))).toEqual(["seed=1", "seed=2"]);
});

test("a condition sees what the command line sets, and its axes", () => {
  const definition = extend(
    base,
    when((c) => c.training.batchSize > 8, { hiddenSizes: choice([1], [2]) }),
  );
  expect(linesOf(definition)).toEqual([""]);
  expect(linesOf(definition, ["training.batchSize=9"])).toEqual([
    "hiddenSizes=[1]",
    "hiddenSizes=[2]",
  ]);
  expect(linesOf(definition, ["training.batchSize=8,16"])).toEqual([
    "hiddenSizes=[32,16] training.batchSize=8",
    "hiddenSizes=[1] training.batchSize=16",
    "hiddenSizes=[2] training.batchSize=16",
  ]);
});

test("conditions stand inside variants and conditions, and may pin what they ask about", () => {
  const inner = when((c) => c.seed > 1, { training: { batchSize: 2 } });
  const nested = when((c) => c.mode === "train", { seed: choice(1, 2) }, inner);
  const definition = extend(base, variants({ train: nested, evaluate: { mode: "evaluate" } }));
  expect(linesOf(definition)).toEqual([
    "variant=train seed=1",
    "variant=train seed=2",
    "variant=evaluate seed=0",
  ]);
  const pinned = extend(
    base,
    repeat([1, 2, 3]),
    when((c) => c.seed > 1, { seed: 9 }),
  );
  const { runs, notes } = resolveWith(pinned);
  expect(runs.map(({ config }) => config["seed"])).toEqual([1, 9]);
  expect(notes).toEqual([
    "1 of 3 runs ask for the same as an earlier one and are left out (seed=3).",
  ]);
});

test("a filter, as layer or method, sees the whole config and leaves runs out before they are checked", () => {
  const odd = filter((c) => c.seed % 2 === 1);
  expect(linesOf(extend(base, odd, { seed: range(0, 4) }))).toEqual(["seed=1", "seed=3"]);
  const some = product({ seed: choice(0, 1) }, { training: { batchSize: choice(0, 1) } });
  expect(
    linesOf(
      extend(
        base,
        some.filter((c) => c.training.batchSize > 0),
      ),
    ),
  ).toHaveLength(2);
  expect(problemsOf(extend(base, some))).toEqual([expect.stringContaining("must be at least 1")]);
  const part = concat(
    product({ seed: choice(1, 2) }).filter((c) => c.seed === 2),
    { seed: 1 },
  );
  expect(linesOf(extend(base, part))).toEqual(["seed=2", "seed=1"]);
});

test("filters that leave nothing are named with what they left out", () => {
  const three = { seed: range(0, 3) };
  expect(
    problemsOf(
      extend(
        base,
        three,
        filter(() => false),
      ),
    ),
  ).toEqual([": filter(): all 3 runs are left out"]);
  const two = extend(
    base,
    three,
    filter((c) => c.seed > 0),
    filter((c) => c.seed < 1),
  );
  expect(problemsOf(two)).toEqual([
    ": filter(): all 3 runs are left out, 1 of them by this one",
    ": filter(): all 3 runs are left out, 2 of them by this one",
  ]);
});

test("conditions that throw, give no boolean or read what is not there are told with their call", () => {
  const bad = extend(
    base,
    { seed: choice(1, 2) },
    when((c) => c.seed as never, { hiddenSizes: [1] }),
    filter((c) => {
      if (c.seed === 2) throw new RangeError("two");
      return true;
    }),
    filter((c) => (c as unknown as { optimizer: { momentum: number } }).optimizer.momentum > 0),
  );
  expect(problemsOf(bad)).toEqual([
    ": when(): the condition gave 1 instead of true or false (in the run with seed=1)",
    ": when(): the condition gave 2 instead of true or false (in the run with seed=2)",
    ": filter(): the condition reads optimizer.momentum, which is no path of the config",
    ": filter(): the condition threw RangeError: two (in the run with seed=2)",
  ]);
  const [problem] = resolveWith(bad).problems;
  expect(problem?.place).toMatchObject({ kind: "call", call: { file: import.meta.filename } });
});

test("a problem of some runs names their variant and zipped values, and the layer of that variant", () => {
  const definition = extend(
    base,
    variants({ good: {}, bad: { training: { batchSize: 0 } } }),
    zip({ seed: choice(1, 2), ...rates }),
  );
  expect(problemsOf(definition)).toEqual([
    'training.batchSize: must be at least 1 (in 2 of 4 runs, first variant="bad", seed=1, optimizer.learningRate=0.1) (found 0)',
  ]);
  const place = resolveWith(definition).problems[0]?.place;
  const setter = place?.kind === "setter" ? place.assignments?.setter(place.path) : undefined;
  expect(setter?.layer.label).toBe('variants "bad"');
});

test("a layer that cannot be merged is wrong in its own runs only", () => {
  const faulty = { mode: append("x") } as never;
  expect(problemsOf(extend(base, variants({ good: {}, bad: faulty })))).toEqual([
    expect.stringContaining('(in the run with variant="bad")'),
  ]);
});

test("rules hold where they stand: in every run, or in those of a variant", () => {
  const small = rule("small", (c) => c.seed < 2);
  expect(
    linesOf(extend(base, variants({ free: { seed: 5 }, ruled: product(small, { seed: 1 }) }))),
  ).toEqual(["variant=free", "variant=ruled"]);
  expect(problemsOf(extend(base, variants({ ruled: product(small, { seed: 3 }) })))).toEqual([
    expect.stringContaining('breaks the rule "small"'),
  ]);
});

test("too many combinations are refused before they are made", () => {
  const thousand = variants(
    Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`v${index}`, {}])),
  );
  expect(() => resolveWith(extend(base, thousand, zip({ seed: range(0, 1000) })))).toThrow(
    "The sweep has 1001000 runs (1001 × 1000 combinations of changes); at most 1000000 are allowed.",
  );
});

test("who wrote a value is asked of the run's own layers", () => {
  const { runs } = resolveWith(
    extend(base, variants({ a: { seed: 1 }, b: { seed: 2 } }), zip({ ...rates })),
  );
  const labels = runs.map(({ assignments }) =>
    ["seed", "optimizer.learningRate"].map(
      (path) => assignments.setter(path.split("."))?.layer.label,
    ),
  );
  expect(labels).toEqual([
    ['variants "a"', "zip"],
    ['variants "a"', "zip"],
    ['variants "b"', "zip"],
    ['variants "b"', "zip"],
  ]);
});
