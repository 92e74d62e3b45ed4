import { expect, test } from "vitest";
import { append } from "../../../src/config/changes.ts";
import { choice } from "../../../src/config/axes.ts";
import {
  base,
  configOf,
  groupsOf,
  problemsOf,
  resolveWith,
  smallTask,
  untyped,
} from "./support/small-task.ts";

const { alias, deprecated, extend, presets, profiles } = smallTask;

const optimizer = presets("optimizer", {
  adam: { kind: "adamw", learningRate: 0.01, beta1: 0.8 },
  decayed: { weightDecay: 0.5 },
  sgd: { kind: "sgd", learningRate: 0.1 },
  "big sgd": { kind: "sgd", learningRate: 1 },
  swept: { kind: "sgd", learningRate: choice(1, 2) },
});
const clipping = presets("training.maxGradNorm", { tight: 0.1, off: null });
const name = presets("name", { wide: "a wide one" });
const column = presets("column", { first: 0, "7": 70 });
const run = profiles("run", {
  dryrun: { training: { numSteps: 1 }, hiddenSizes: append(1) },
  seeded: { seed: 5, hiddenSizes: append(2) },
  fullrun: {},
});
const groups = groupsOf(optimizer, clipping, name, column, run);

const config = (...overrides: string[]): ReturnType<typeof configOf> =>
  configOf(base, overrides, groups);
const problems = (...overrides: string[]): string[] => problemsOf(base, overrides, groups);

test("a preset is chosen by name, what is set beside it holds, in whatever order", () => {
  const given = config("optimizer.learningRate=0.5", "optimizer=adam");
  expect(given.optimizer).toMatchObject({ learningRate: 0.5, beta1: 0.8, weightDecay: 0.01 });
});

test("several at once follow each other; := takes the place of what was there", () => {
  expect(config("optimizer=[adam,decayed]").optimizer).toEqual({
    kind: "adamw",
    learningRate: 0.01,
    beta1: 0.8,
    weightDecay: 0.5,
  });
  expect(config("optimizer=[sgd,adam]").optimizer).toMatchObject({ kind: "adamw", beta1: 0.8 });
  const changed = extend(base, { optimizer: { weightDecay: 0.25 } });
  expect(configOf(changed, ["optimizer=adam"], groups).optimizer).toMatchObject({
    weightDecay: 0.25,
  });
  expect(configOf(changed, ["optimizer:=adam"], groups).optimizer).toMatchObject({
    weightDecay: 0.01,
  });
});

test("of two choices of one field the last holds, and that is said", () => {
  const { runs, notes } = resolveWith(base, ["optimizer=adam", "optimizer=decayed"], groups);
  expect(runs[0]?.config["optimizer"]).toMatchObject({ beta1: 0.9, weightDecay: 0.5 });
  expect(notes).toEqual(["optimizer is given twice on the command line; optimizer=decayed holds."]);
});

test("a kind that a later preset or profile sets anew is noted; the same kind, and a kind behind, are not", () => {
  const size = profiles("size", { plain: { optimizer: { kind: "adamw", learningRate: 0.5 } } });
  const known = groupsOf(optimizer, size);
  const notes = (...given: string[]): readonly string[] => resolveWith(base, given, known).notes;
  expect(notes("optimizer.kind=sgd", "optimizer=adam")).toEqual([
    "optimizer.kind is given twice on the command line; optimizer=adam holds, with the kind adamw.",
  ]);
  expect(notes("optimizer.kind=sgd", "optimizer=[decayed,adam]")).toHaveLength(1);
  expect(notes("optimizer.kind=adamw", "optimizer=adam,sgd")).toEqual([
    "optimizer.kind is given twice on the command line; optimizer=adam,sgd holds, with the kind adamw or sgd.",
  ]);
  expect(notes("optimizer.kind=sgd", "size=plain")).toEqual([
    "optimizer.kind is given twice on the command line; size=plain holds, with the kind adamw.",
  ]);
  expect(notes("optimizer.kind=sgd", "optimizer=sgd")).toEqual([]);
  expect(notes("optimizer=adam", "optimizer.kind=sgd")).toEqual([]);
  expect(notes("optimizer.kind=adamw", "optimizer=decayed")).toEqual([]);
});

test("presets of a nested field are chosen at its path, through an alias too", () => {
  expect(config("training.maxGradNorm=tight").training.maxGradNorm).toBe(0.1);
  expect(config("training.maxGradNorm=off").training.maxGradNorm).toBeNull();
  const named = extend(base, alias("clip", "training.maxGradNorm"));
  expect(configOf(named, ["clip=tight"], groups).training.maxGradNorm).toBe(0.1);
  expect(config("training.maxGradNorm=2").training.maxGradNorm).toBe(2); // the field's type decides
});

test("a preset wins over a text of the same spelling, and quotes make a text of it", () => {
  expect(config("name=wide").name).toBe("a wide one");
  expect(config('name="wide"').name).toBe("wide");
  expect(config("name=str(wide)").name).toBe("wide");
  expect(config("name=wider").name).toBe("wider");
  expect(config("column=7").column).toBe(70);
  expect(config("column=8").column).toBe(8);
  expect(config("optimizer='big sgd'").optimizer.learningRate).toBe(1); // no text fits here
});

test("profiles change any part, in order, under what is set beside them", () => {
  expect(config("run=dryrun")).toMatchObject({ training: { numSteps: 1 }, seed: 0 });
  expect(config("run=[dryrun,seeded]").hiddenSizes).toEqual([32, 16, 1, 2]);
  expect(config("run=[seeded,dryrun]").hiddenSizes).toEqual([32, 16, 2, 1]);
  expect(config("training.numSteps=7", "run=dryrun").training.numSteps).toBe(7);
  expect(config("run=fullrun")).toEqual(config());
  expect(config("run=[]")).toEqual(config());
  expect(config("+run=dryrun").training.numSteps).toBe(1);
});

test.each([
  [
    "optimizer=adma",
    'optimizer: has no preset "adma"; there are adam, decayed, sgd, big sgd, swept → adam',
  ],
  [
    "optimizer=[adam,dekayed]",
    'optimizer: has no preset "dekayed"; there are adam, decayed, sgd, big sgd, swept → decayed',
  ],
  [
    "optimizer=glob(rms*)",
    'optimizer: has no preset "rms*"; there are adam, decayed, sgd, big sgd, swept',
  ],
  ["run=dry", ': names no profile of run: "dry"; there are dryrun, seeded, fullrun'],
  ["run=3", ': names no profile of run: "3"; there are dryrun, seeded, fullrun'],
  [
    "run={}",
    ": takes the name of a profile of run, or a list of names; there are dryrun, seeded, fullrun",
  ],
  ["run+=dryrun", ": is chosen with =, as in run=dryrun"],
  ["~run", ": is chosen with =, as in run=dryrun"],
  ["rnu=dryrun", "rnu: is not a known field → run"],
  ["run.seed=3", "run.seed: is not a known field → seed"],
])("%s is refused", (override, problem) => {
  expect(problems(override)).toEqual([problem]);
});

test("a name that is an alias and profiles too is ambiguous; so is an alias with two meanings", () => {
  const clash = extend(base, alias("run", "training.numSteps"), alias("lr", "training.batchSize"));
  const [first] = problemsOf(clash, ["run=dryrun"], groups);
  expect(first).toMatch(
    /^run: is ambiguous: it stands for training\.numSteps \(.*choose-preset\.test\.ts:\d+:\d+\) and for the profiles of presets\/run\.ts; write/,
  );
  const [second] = problemsOf(clash, ["lr=3"], groups);
  expect(second).toMatch(
    /^lr: is ambiguous: it stands for optimizer\.learningRate \(task small\) and for training\.batchSize \(.*:\d+\); write the one that you mean in full$/,
  );
  expect(configOf(clash, ["optimizer.learningRate=3"], groups).optimizer.learningRate).toBe(3);
  const same = extend(base, alias("lr", "optimizer.learningRate"));
  expect(configOf(same, ["lr=3"]).optimizer.learningRate).toBe(3);
});

test("an axis of presets shows their names", () => {
  const { runs } = resolveWith(base, ["optimizer=adam,sgd", "optimizer.learningRate=3"], groups);
  expect(runs.map(({ axisValues, config: one }) => [axisValues, one["optimizer"]])).toEqual([
    [{ optimizer: "adam" }, { kind: "adamw", learningRate: 3, beta1: 0.8, weightDecay: 0.01 }],
    [{ optimizer: "sgd" }, { kind: "sgd", learningRate: 3, momentum: 0 }],
  ]);
});

test("lists of presets, values and presets with axes of their own may be swept too", () => {
  const given = ["optimizer=[adam,decayed],sgd,{weightDecay:0}", "optimizer.learningRate=3"];
  const { runs } = resolveWith(base, given, groups);
  expect(runs.map(({ axisValues, config: one }) => [axisValues, one["optimizer"]])).toEqual([
    [
      { optimizer: ["adam", "decayed"] },
      { kind: "adamw", learningRate: 3, beta1: 0.8, weightDecay: 0.5 },
    ],
    [{ optimizer: "sgd" }, { kind: "sgd", learningRate: 3, momentum: 0 }],
    [
      { optimizer: { weightDecay: 0 } },
      { kind: "adamw", learningRate: 3, beta1: 0.9, weightDecay: 0 },
    ],
  ]);
  const nested = resolveWith(base, ["optimizer=adam,swept"], groups);
  expect(nested.runs.map(({ axisValues }) => axisValues)).toEqual([
    { optimizer: "adam", "optimizer.learningRate": 0.01 },
    { optimizer: "swept", "optimizer.learningRate": 1 },
    { optimizer: "swept", "optimizer.learningRate": 2 },
  ]);
  expect(nested.axes).toEqual(["optimizer", "optimizer.learningRate"]);
});

test("what a preset sets by a former name of a path goes to the new one", () => {
  const renamed = extend(base, deprecated("rounds", "training.numSteps"));
  const old = groupsOf(profiles("old", { a: untyped({ rounds: 4 }), b: untyped({ rounds: 5 }) }));
  expect(configOf(renamed, ["old=a"], old).training.numSteps).toBe(4);
  const { runs } = resolveWith(renamed, ["old=a,b"], old);
  expect(runs.map(({ config: one }) => one["training"])).toMatchObject([
    { numSteps: 4 },
    { numSteps: 5 },
  ]);
});

test("a glob is an axis over the names that it fits", () => {
  const names = (glob: string): unknown[] =>
    resolveWith(base, [`optimizer=${glob}`], groups).runs.map(
      ({ axisValues }) => axisValues["optimizer"],
    );
  expect(names("glob(*sgd)")).toEqual(["sgd", "big sgd"]);
  expect(names("glob('[ad]*',exclude=de?ayed)")).toEqual(["adam"]);
  expect(names("glob('[!a-s]*')")).toEqual([]);
});

test("profiles are swept, beside axes and other profiles", () => {
  const other = profiles("stage", { dev: { seed: 1 }, prod: { seed: 2 } });
  const all = groupsOf(run, other);
  const { runs, axes } = resolveWith(
    base,
    ["run=dryrun,[seeded,dryrun]", "stage=dev,prod", "lr=1,2"],
    all,
  );
  expect(axes).toEqual(["run", "stage", "optimizer.learningRate"]);
  expect(runs.map(({ axisValues }) => Object.values(axisValues))).toEqual([
    ["dryrun", "dev", 1],
    ["dryrun", "dev", 2],
    ["dryrun", "prod", 1],
    ["dryrun", "prod", 2],
    [["seeded", "dryrun"], "dev", 1],
    [["seeded", "dryrun"], "dev", 2],
    [["seeded", "dryrun"], "prod", 1],
    [["seeded", "dryrun"], "prod", 2],
  ]);
  expect(runs[5]?.config).toMatchObject({
    seed: 1,
    hiddenSizes: [32, 16, 2, 1],
    training: { numSteps: 1 },
    optimizer: { learningRate: 2 },
  });
  expect(problemsOf(base, ["run=dryrun,dyrun"], all)).toEqual([
    ': names no profile of run: "dyrun"; there are dryrun, seeded, fullrun → dryrun',
  ]);
});

test("+ adds no preset to what has a value, ++ and = do", () => {
  expect(problemsOf(base, ["+optimizer=adam"], groups)).toEqual([
    "optimizer: has a value already; “+” only adds what is not there, “=” and “++” change it",
  ]);
  expect(config("++optimizer=adam")).toEqual(config("optimizer=adam"));
});
