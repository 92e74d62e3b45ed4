/** What `+= -= := ~` do, and how they meet axes. */
import { expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/config/define-task.ts";
import { append } from "../../../src/config/changes.ts";
import { choice } from "../../../src/config/axes.ts";
import { base, configOf, problemsOf, resolveWith, smallTask } from "./support/small-task.ts";

const { extend } = smallTask;

/** The lists of all runs. */
function sizes(overrides: readonly string[], definition: object = base): unknown[] {
  return resolveWith(definition, overrides).runs.map(({ config }) => config["hiddenSizes"]);
}

test("+= adds a scalar as one item, a list as its items, and starts from the default", () => {
  expect(sizes(["hiddenSizes+=8"])).toEqual([[32, 16, 8]]);
  expect(sizes(["hiddenSizes+=[8,4]", "hiddenSizes+=2"])).toEqual([[32, 16, 8, 4, 2]]);
  expect(sizes(["hiddenSizes=[1]", "hiddenSizes+=2"])).toEqual([[1, 2]]);
  expect(configOf(base, ["augment+={kind:crop,size:3}", "augment[0].size=4"]).augment).toEqual([
    { kind: "crop", size: 4 },
  ]);
});

test("-= takes equal items away, defaults filled in, and lists what is there where none is", () => {
  expect(sizes(["hiddenSizes-=32"])).toEqual([[16]]);
  expect(sizes(["hiddenSizes=[1,2,1,3]", "hiddenSizes-=[1,3]"])).toEqual([[2]]);
  const items = extend(base, { augment: append({ kind: "flip" }, { kind: "crop", size: 3 }) });
  expect(configOf(items, ["augment-={kind:flip,probability:0.5}"]).augment).toEqual([
    { kind: "crop", size: 3 },
  ]);
  expect(problemsOf(base, ["hiddenSizes-=[32,5,6]"])).toEqual([
    "hiddenSizes: has no item 5 and no item 6; it holds 32, 16",
  ]);
  expect(problemsOf(base, ["augment-={kind:flip}"])).toEqual([
    'augment: has no item {"kind":"flip"}; it is empty',
  ]);
  expect(problemsOf(base, ["hiddenSizes-=1,2"])).toEqual([
    "hiddenSizes: -= takes plain items away, not axes or references",
  ]);
});

test(":= takes the place of what is there, = merges into it", () => {
  const wide = extend(base, { training: { batchSize: 4 } });
  expect(configOf(wide, ["training={numSteps:3}"]).training.batchSize).toBe(4);
  expect(configOf(wide, ["training:={numSteps:3}"]).training).toEqual({
    numSteps: 3,
    batchSize: 8,
    maxGradNorm: null,
  });
  const { runs } = resolveWith(base, ["training:={numSteps:3},{numSteps:4,batchSize:2}"]);
  expect(runs.map(({ axisValues, config }) => [axisValues, config["training"]])).toEqual([
    [{ training: ':={"numSteps":3}' }, { numSteps: 3, batchSize: 8, maxGradNorm: null }],
    [
      { training: ':={"numSteps":4,"batchSize":2}' },
      { numSteps: 4, batchSize: 2, maxGradNorm: null },
    ],
  ]);
});

test("~ takes optional fields, entries and items away, and what has a default back to it", () => {
  const full = extend(base, { name: "x", seeds: { a: 1, b: 2 }, training: { maxGradNorm: 1 } });
  const given = ["~name", "~seeds.a", "~training.maxGradNorm", "~hiddenSizes[0]"];
  const config = configOf(full, given);
  expect(config).not.toHaveProperty("name");
  expect(config).toMatchObject({ seeds: { b: 2 }, training: { maxGradNorm: null } });
  expect(config.hiddenSizes).toEqual([16]);
  expect(configOf(full, ["~seeds"])).not.toHaveProperty("seeds");
});

test("~key=value removes only that value", () => {
  const named = extend(base, { name: "7" });
  expect(configOf(named, ["~name=7"])).not.toHaveProperty("name");
  expect(problemsOf(named, ["~name=x"])).toEqual([
    'name: is "7", not "x", and so it is not removed',
  ]);
  expect(problemsOf(base, ["~name=x"])).toEqual([
    'name: is not set, not "x", and so it is not removed',
  ]);
  expect(configOf(base, ["~seed=0"]).seed).toBe(0); // the default equals too
  expect(problemsOf(base, ["~seed=1,2"])).toEqual([
    "seed: ~ compares with a plain value, not with an axis or a reference",
  ]);
});

test.each([
  [
    "seed+=1",
    "seed: is not a list but a whole number, so += has no meaning here; write = to set it",
  ],
  [
    "optimizer-=1",
    'optimizer: is not a list but an object with kind "adamw" or "sgd", so -= has no meaning here; write = to set it',
  ],
  ["hiddenSize+=1", "hiddenSize: is not a known field → hiddenSizes"],
  ["~optimiser", "optimiser: is not a known field → optimizer"],
  ["~training", "training: is required: an object; it can be changed but not removed"],
  ["~lr", "optimizer.learningRate: is required: a number; it can be changed but not removed"],
  ["~hiddenSizes[2]", "hiddenSizes[2]: is not an item of the list, which has 2"],
  ["~seeds.a", "seeds.a: is not there to be removed; there are none"],
  [
    "~optimizer.momentum",
    'optimizer.momentum: is not a field of kind "adamw", which has kind, learningRate, beta1, weightDecay',
  ],
  ["training:={numStep:3}", "training.numStep: is not a known field (found 3) → training.numSteps"],
])("%s is refused", (override, problem) => {
  expect(problemsOf(base, [override])).toContain(problem);
});

test("an entry that a record lacks is not removed; those that it has are listed", () => {
  expect(problemsOf(extend(base, { seeds: { b: 1, c: 2 } }), ["~seeds.a"])).toEqual([
    "seeds.a: is not there to be removed; there are b, c",
  ]);
});

test("an axis of lists is changed in each of its values", () => {
  const swept = extend(base, { hiddenSizes: choice([1, 2], [2, 3]) });
  expect(sizes(["hiddenSizes+=9"], swept)).toEqual([
    [1, 2, 9],
    [2, 3, 9],
  ]);
  expect(sizes(["hiddenSizes-=2"], swept)).toEqual([[1], [3]]);
  expect(sizes(["hiddenSizes=[1,2],[2,3]", "~hiddenSizes[0]", "hiddenSizes+=7"])).toEqual([
    [2, 7],
    [3, 7],
  ]);
  expect(problemsOf(swept, ["hiddenSizes-=3"])).toEqual([
    "hiddenSizes: has no item 3; it holds 1, 2 (in the run with hiddenSizes=[1,2])",
  ]);
  expect(sizes(["~hiddenSizes"], swept)).toEqual([[32, 16]]); // ends the axis
});

test("an axis may vary what is added, though not on top of another axis of the same list", () => {
  const { runs } = resolveWith(base, ["hiddenSizes+=8,[4,2],[]"]);
  expect(runs.map(({ axisValues, config }) => [axisValues, config["hiddenSizes"]])).toEqual([
    [{ hiddenSizes: "+=8" }, [32, 16, 8]],
    [{ hiddenSizes: "+=[4,2]" }, [32, 16, 4, 2]],
    [{ hiddenSizes: "+=[]" }, [32, 16]],
  ]);
  expect(sizes(["hiddenSizes+=range(1,3)"])).toEqual([
    [32, 16, 1],
    [32, 16, 2],
  ]);
  expect(problemsOf(base, ["hiddenSizes=[1],[2]", "hiddenSizes+=3,4"])).toEqual([
    "hiddenSizes: is an axis already, so it cannot vary in what is added to it too; write the lists out",
  ]);
});

test("operations act in the order of the command line, and what a later one makes void is said", () => {
  expect(sizes(["hiddenSizes+=8", "hiddenSizes-=32", "~hiddenSizes[0]"])).toEqual([[8]]);
  const { runs, notes } = resolveWith(base, [
    "training.batchSize=2",
    "hiddenSizes+=8",
    "training:={numSteps:3}",
    "hiddenSizes=[5]",
    "seed=1",
    "~seed=1",
  ]);
  expect(runs[0]?.config).toMatchObject({ hiddenSizes: [5], seed: 0, training: { batchSize: 8 } });
  expect(notes).toEqual([
    "training.batchSize=2 has no effect: training:={numSteps:3} follows on the command line.",
    "hiddenSizes is given twice on the command line; hiddenSizes=[5] holds.",
  ]);
});

test("a value that a later argument makes an object of is said to be lost", () => {
  const schema = z.strictObject({ map: z.record(z.string(), z.json()).default({}) });
  const free = defineTask({ name: "free", schema, run: async () => {} }).defineConfig({});
  const given = (...overrides: readonly string[]): readonly string[] =>
    resolveWith(free, overrides).notes;
  expect(given("map.a=1", "map.a.b=2")).toEqual([
    "nothing is left of map.a=1: map.a.b=2 makes an object of map.a.",
  ]);
  expect(given("map.a=null", "map.a.b.c=2")).toEqual([
    "nothing is left of map.a=null: map.a.b.c=2 makes an object of map.a.",
  ]);
  expect(given("map.a={c:1}", "map.a.b=2")).toEqual([]);
  expect(given("map.a.b=2", "map.c=1")).toEqual([]);
});

test("objects given one after another both count", () => {
  const { runs, notes } = resolveWith(base, ["optimizer={beta1:0.5}", "optimizer={weightDecay:0}"]);
  expect(runs[0]?.config["optimizer"]).toMatchObject({ beta1: 0.5, weightDecay: 0 });
  expect(notes).toEqual([]);
});

test("items are typed by the list: a text where a text must stand", () => {
  const { defineConfig } = defineTask({
    name: "tagged",
    schema: z.strictObject({ tags: z.array(z.string()).default(["1.50"]) }),
    run: async function* run() {},
  });
  const tags = (...overrides: string[]): unknown =>
    resolveWith(defineConfig({}), overrides).runs.map(({ config }) => config["tags"]);
  expect(tags("tags+=2.50")).toEqual([["1.50", "2.50"]]);
  expect(tags("tags-=1.50", "tags+=[007,x]")).toEqual([["007", "x"]]);
  expect(tags("tags+=1,2")).toEqual([
    ["1.50", "1"],
    ["1.50", "2"],
  ]);
  expect(tags("~tags=[1.50]")).toEqual([["1.50"]]);
});

test("what is taken away from an axis in some run has its default there, or is no item any more", () => {
  expect(configOf(base, ["seed=choice(1)", "~seed=1"]).seed).toBe(0);
  expect(sizes(["hiddenSizes=choice([1])", "~hiddenSizes=[1]"])).toEqual([[32, 16]]);
  expect(sizes(["hiddenSizes[0]=choice(1)", "~hiddenSizes[0]=1"])).toEqual([[16]]);
  expect(problemsOf(base, ["seed=1,2", "~seed=1"])).toEqual([
    "seed: is 2, not 1, and so it is not removed (in the run with seed=2)",
  ]);
});

test("a kind that is a reference is refused: other fields hang on it", () => {
  expect(problemsOf(base, ["optimizer.kind=${mode}"])).toEqual([
    "optimizer.kind: must be written out or an axis: other fields hang on it",
  ]);
});

test("+ is refused where a default of the schema stands, but for null and objects in objects", () => {
  const has = (path: string, value: string): string =>
    `${path}: has a value already, its default ${value}; “+” only adds what is not there, “=” and “++” change it`;
  expect(problemsOf(base, ["+seed=3", "+training.batchSize=2", "+optimizer.beta1=0.5"])).toEqual([
    has("seed", "0"),
    has("training.batchSize", "8"),
    has("optimizer.beta1", "0.9"),
  ]);
  expect(
    problemsOf(base, ["+hiddenSizes=[1]", "+hiddenSizes[0]=3", "+logging.interval=1"]),
  ).toEqual([
    has("hiddenSizes", "[32,16]"),
    has("hiddenSizes[0]", "32"),
    has("logging.interval", "10"),
  ]);
  const added = ["+training.maxGradNorm=1", "+logging={interval:3}", "+seeds.a=1", "+name=x"];
  expect(configOf(base, added)).toMatchObject({
    name: "x",
    seeds: { a: 1 },
    training: { maxGradNorm: 1 },
    logging: { interval: 3 },
  });
});

test("~ is refused where nothing is set, and noted where only a default stands", () => {
  const nothing = "is not set, so there is nothing to remove";
  expect(problemsOf(base, ["~name", "~data.path", "~seeds.a", "~schedule.warmupSteps"])).toEqual([
    `name: ${nothing}`,
    `data.path: ${nothing}`,
    "seeds.a: is not there to be removed; there are none",
    `schedule.warmupSteps: ${nothing}`,
  ]);
  const seeded = extend(base, { seeds: { train: 1, test: 2 } });
  expect(problemsOf(seeded, ["~seeds.tran"])).toEqual([
    "seeds.tran: is not there to be removed; there are train, test → seeds.train",
  ]);
  const { notes, runs } = resolveWith(base, ["~seed", "~training.maxGradNorm", "~optimizer.beta1"]);
  expect(notes).toEqual([
    "~seed takes nothing away: seed has its default 0.",
    "~training.maxGradNorm takes nothing away: training.maxGradNorm has its default null.",
    "~optimizer.beta1 takes nothing away: optimizer.beta1 has its default 0.9.",
  ]);
  expect(runs[0]?.config).toEqual(configOf(base));
});

test("what ~ says of defaults is what they are: parts of one, records, null, and runs that differ", () => {
  const part = z.strictObject({ p: z.int().default(3), q: z.int().optional() });
  const schema = z.strictObject({
    map: z.record(z.string(), z.int()).default({ one: 1 }),
    part: part.default({ p: 4, q: 5 }),
    early: part.nullable().default(null),
    seed: z.int().default(0),
  });
  const run = async function* run() {};
  const plain = defineTask({ name: "defaults", schema, run }).defineConfig({});
  const taken = resolveWith(plain, ["~map.one", "~part.p", "~part.q"]);
  expect(taken.notes).toEqual([]);
  expect(taken.runs[0]?.config).toMatchObject({ map: {}, part: { p: 3 } });
  expect(problemsOf(plain, ["~map.two", "~early.p"])).toEqual([
    "map.two: is not there to be removed; there are one",
    "early.p: is not set, so there is nothing to remove",
  ]);
  expect(resolveWith(plain, ["concat(early={q:1},part.p=1)", "~seed"]).notes).toHaveLength(1);
  const some = resolveWith(plain, ["concat(seed=1,part.p=1)", "~seed"]).notes;
  expect(some.filter((text) => text.includes("takes nothing away"))).toEqual([]);
});
