import { expect, test } from "vitest";
import { choice } from "../../../../src/config/axes.ts";
import { configsOf, linesOf } from "../support/runs.ts";
import {
  base,
  groupsOf,
  problemsOf,
  resolveWith,
  smallTask,
  start,
} from "../support/small-task.ts";

const { extend, zip, variants, product, concat, when, repeat } = smallTask;

const rates = { optimizer: { learningRate: choice(0.1, 0.2) } };

test.each([
  [
    "zip(lr=[0.1,0.2], training.batchSize=[1,2])",
    zip({ ...rates, training: { batchSize: choice(1, 2) } }),
  ],
  [
    "variants(small={hiddenSizes:[1],lr:0.5}, none={})",
    variants({ small: { hiddenSizes: [1], optimizer: { learningRate: 0.5 } }, none: {} }),
  ],
  [
    "variants(size, a={seed:1}, b={training:{batchSize:2}})",
    variants("size", { a: { seed: 1 }, b: { training: { batchSize: 2 } } }),
  ],
  ["product(seed=[1,2], lr=[0.1,0.2])", product({ seed: choice(1, 2) }, rates)],
  [
    "product(seed=range(1,3), hiddenSizes=[[1],[2,3]])",
    product({ seed: choice(1, 2) }, { hiddenSizes: choice([1], [2, 3]) }),
  ],
  ["product(hiddenSizes=[1,2])", product({ hiddenSizes: [1, 2] })],
  [
    "concat(seed=[1,2], training.batchSize=3, zip(lr=[0.1,0.2]))",
    concat({ seed: choice(1, 2) }, { training: { batchSize: 3 } }, zip(rates)),
  ],
  [
    "when(optimizer.kind=adamw, optimizer.beta1=[0.5,0.6])",
    when((c) => c.optimizer.kind === "adamw", { optimizer: { beta1: choice(0.5, 0.6) } }),
  ],
  ["when(seed>0, lr=[0.1,0.2])", when((c) => c.seed > 0, rates)],
  ["repeat(2)", repeat(2)],
  ["repeat([7,3])", repeat([7, 3])],
  ["product(repeat(4), filter(seed>1))", repeat(4).filter((c) => c.seed > 1)],
] as const)("%s is what a module writes", (text, layer) => {
  expect(configsOf(base, [text])).toEqual(configsOf(extend(base, layer)));
  expect(linesOf(base, [text])).toEqual(linesOf(extend(base, layer)));
});

test("arguments count in order: what follows a combinator pins its axes, what stands before does not", () => {
  const zipped = "zip(lr=[0.1,0.2], training.batchSize=[1,2])";
  expect(linesOf(base, [zipped, "lr=5"])).toEqual(["training.batchSize=1", "training.batchSize=2"]);
  expect(linesOf(base, ["lr=5", zipped])[1]).toBe(
    "optimizer.learningRate=0.2 training.batchSize=2",
  );
  expect(linesOf(extend(base, rates), ["zip(lr=[7,8], seed=[1,2])"])).toEqual([
    "optimizer.learningRate=7 seed=1",
    "optimizer.learningRate=8 seed=2",
  ]);
});

test("variants of the command line are chosen like those of modules", () => {
  expect(linesOf(base, ["variants(a={seed:1}, b={seed:2})", "variant=b"])).toEqual(["variant=b"]);
  const own = extend(base, variants({ x: {}, y: { seed: 5 } }));
  expect(linesOf(own, ["variants(a={seed:1}, b={seed:2})", "variant=x", "variant2=b"])).toEqual([
    "variant=x variant2=b",
  ]);
});

test("filters compare by type; a field that a run does not have equals nothing", () => {
  const kinds = extend(base, {
    optimizer: choice({ kind: "sgd", learningRate: 1 }, { kind: "adamw", learningRate: 2 }),
  });
  const kindsOf = (argument: string): unknown[] =>
    resolveWith(kinds, [argument]).runs.map(
      ({ config }) => (config["optimizer"] as { kind: string }).kind,
    );
  expect(kindsOf("filter(optimizer.kind==sgd)")).toEqual(["sgd"]);
  expect(kindsOf("filter(optimizer.kind!=sgd)")).toEqual(["adamw"]);
  expect(kindsOf("filter(lr>=2)")).toEqual(["adamw"]);
  expect(kindsOf("filter(optimizer.momentum==0)")).toEqual(["sgd"]);
  expect(kindsOf("filter(optimizer.momentum<1)")).toEqual(["sgd"]);
  expect(kindsOf("filter(hiddenSizes==[32,16])")).toEqual(["sgd", "adamw"]);
});

test("everything that is wrong is told at once, each with its argument", () => {
  const given = [
    "filter(sed>3)",
    "repeat(0)",
    "zip(lr=[1,2,3], seed=[1,2])",
    "zip(lr=0.1)",
    "when(seed=0)",
    "filter(mode>train)",
    "variants(lr, a={seed:1})",
    "variants(a=3)",
    "product(trainig.batchSize=[1,2])",
  ];
  expect(problemsOf(base, given)).toEqual([
    "sed: is not a known field → seed",
    ": repeat(): takes a number of seeds from 1 to 1000000, or a list of seeds",
    ": zip(): takes axes with equally many values: optimizer.learningRate has 3, seed has 2",
    ": zip(): optimizer.learningRate needs a list of values, as in seed=[1,2]",
    ": when(): needs a change behind its condition",
    "mode: can be compared by > with a number only",
    ': variants(): the axis name "lr" means something else on the command line; choose a name of its own',
    ": variants(): a=3 is no object of changes, such as {seed:1}",
    "trainig.batchSize: is not a known field → training.batchSize",
  ]);
  const [problem] = resolveWith(base, given).problems;
  expect(problem?.place).toMatchObject({ layer: { source: { text: "filter(sed>3)" } } });
});

test("presets are named in combinators too", () => {
  const group = smallTask.presets("optimizer", {
    plain: { kind: "sgd", learningRate: 3 },
    fast: { kind: "adamw", learningRate: 4 },
  });
  const resolved = resolveWith(
    smallTask.defineConfig(start),
    ["zip(optimizer=[plain,fast], seed=[1,2])", "product(training.batchSize=[3,4])"],
    groupsOf(group),
  );
  expect(resolved.runs.map(({ axisValues }) => axisValues)).toEqual([
    { optimizer: "plain", seed: 1, "training.batchSize": 3 },
    { optimizer: "plain", seed: 1, "training.batchSize": 4 },
    { optimizer: "fast", seed: 2, "training.batchSize": 3 },
    { optimizer: "fast", seed: 2, "training.batchSize": 4 },
  ]);
  expect(resolved.runs[3]?.config["optimizer"]).toMatchObject({ kind: "adamw", learningRate: 4 });
});

test("a condition that never holds because of a slip is refused, with what was probably meant", () => {
  const groups = groupsOf(
    smallTask.presets("optimizer", { fast: { kind: "adamw", learningRate: 4 } }),
    smallTask.profiles("environment", { dev: { seed: 1 } }),
  );
  const given = [
    "when(optimizer.kind=sdg, lr=1)",
    "filter(mode==trian)",
    "filter(optimizer==fast)",
    "when(environment=dev, lr=1)",
    "filter(seed==one)",
    "filter(column==seven)",
  ];
  const { problems } = resolveWith(base, given, groups);
  expect(problems.map(({ message, suggestion }) => [message, suggestion])).toEqual([
    ['is never "sdg"; it is one of adamw, sgd', "sgd"],
    ['is never "trian"; it is one of train, evaluate', "train"],
    [
      'is an object, and so never "fast"; a condition compares values, which presets set too: optimizer.kind',
      undefined,
    ],
    ["names profiles, which set values; a condition compares the values themselves", undefined],
    ['is no text, and so never "one"', undefined],
  ]);
});

test("only numbers are in an order, and what a field never is cannot be asked for", () => {
  const given = [
    "filter(name>1)",
    "filter(hiddenSizes>1)",
    "filter(optimizer>1)",
    "when(name<5,seed=3)",
    "filter(seed>=${name})",
    "filter(seed==true)",
    "filter(name==null)",
    "filter(hiddenSizes!=5)",
  ];
  expect(problemsOf(base, given)).toEqual([
    "name: is a text, and > compares numbers only",
    "hiddenSizes: is a list, and > compares numbers only",
    'optimizer: is an object with kind "adamw" or "sgd", and > compares numbers only',
    "name: is a text, and < compares numbers only",
    "name: is a text, and >= compares numbers only",
    "seed: is a whole number, and so never true",
    "name: is a text, and so never null",
    "hiddenSizes: is a list, and so never 5",
  ]);
  const held = ["filter(training.maxGradNorm==null)", "filter(column!=5)", "filter(seed<=${seed})"];
  expect(problemsOf(base, [...held, "filter(training.maxGradNorm!=1)"])).toEqual([]);
});

test("a slip in a condition of a module is told with the nearest path", () => {
  const slip = smallTask.filter((c) => (c as never as { sead: number }).sead > 1);
  expect(problemsOf(extend(base, slip))).toEqual([
    ": filter(): the condition reads sead, which is no path of the config → seed",
  ]);
});

test("what is wrong with a zip hides nothing of what is wrong beside it", () => {
  const found = problemsOf(base, [
    "zip(seed=[])",
    "training.batchSize=0",
    "zip(lr=[1],seed=[1,2])",
  ]);
  expect(found).toEqual([
    ": zip(): seed needs a list of values, as in seed=[1,2], not an empty one",
    ": zip(): takes axes with equally many values: optimizer.learningRate has 1, seed has 2",
    "training.batchSize: must be at least 1 (found 0)",
  ]);
});

test("what is wrong with arguments is told before their combinations are made, however many there would be", () => {
  const given = Array.from({ length: 30 }, (_, index) => `concat(nosuch${index}=1,seed=${index})`);
  const problems = problemsOf(base, given);
  expect(problems).toHaveLength(30);
  expect(problems[29]).toBe("nosuch29: is not a known field");
});

test("an axis that the command line replaces keeps its place, also where a variant pins it, and in a zip", () => {
  const size = (pinned: object): object =>
    extend(
      smallTask.defineConfig({ ...start, seed: choice(1, 2) }),
      variants("size", { tiny: { mode: "train" }, big: { mode: "evaluate", ...pinned } }),
      { hiddenSizes: choice([1], [2]) },
    );
  const swept = [1, 2].flatMap((seed) =>
    ["tiny", "big"].flatMap((name) =>
      [1, 2].map((hidden) => `seed=${seed} size=${name} hiddenSizes=[${hidden}]`),
    ),
  );
  expect(linesOf(size({}), ["seed=1,2"])).toEqual(swept);
  expect(linesOf(size({ seed: 7 }), ["seed=1,2"])).toEqual(swept);
  const zipped = swept.map((line) => line.replace(/^seed=(.)/u, "seed=$1 training.batchSize=$1"));
  for (const pinned of [{}, { seed: 7 }])
    expect(linesOf(size(pinned), ["zip(seed=[1,2],training.batchSize=[1,2])"])).toEqual(zipped);
  expect(linesOf(size({ seed: 7 }), ["concat(seed=1,seed=2)"])).toEqual(swept);
});
