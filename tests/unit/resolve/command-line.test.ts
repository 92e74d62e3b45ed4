import { expect, test } from "vitest";
import { z } from "zod";
import { append } from "../../../src/config/changes.ts";
import { defineTask } from "../../../src/config/define-task.ts";
import { parseArguments } from "../../../src/resolve/command-line.ts";
import {
  base,
  configOf,
  problemsOf,
  resolvePinned,
  resolveWith,
  smallTask,
} from "./support/small-task.ts";

const { extend, alias } = smallTask;

test("an override sets a path, through brackets and aliases too", () => {
  expect(configOf(base, ["training.batchSize=4"]).training.batchSize).toBe(4);
  expect(configOf(base, ["lr=0.5"]).optimizer.learningRate).toBe(0.5);
  expect(configOf(base, ["hiddenSizes[1]=8"]).hiddenSizes).toEqual([32, 8]);
  const items = extend(base, { augment: append({ kind: "crop", size: 1 }) });
  expect(configOf(items, ["augment[0].size=9"]).augment).toEqual([{ kind: "crop", size: 9 }]);
  const named = extend(base, alias("bs", "training.batchSize"));
  expect(configOf(named, ["bs=3"]).training.batchSize).toBe(3);
});

test("a path that the schema lacks is refused, with the nearest", () => {
  expect(problemsOf(base, ["optimizer.lerningRate=1", "batchSize=3", "rl=2", "x.y=1"])).toEqual([
    "optimizer.lerningRate: is not a known field → optimizer.learningRate",
    "batchSize: is not a known field → training.batchSize",
    "rl: is not a known field → lr",
    "x.y: is not a known field",
  ]);
});

test("an item that the list does not have is refused", () => {
  expect(problemsOf(base, ["hiddenSizes[2]=8"])).toEqual([
    "hiddenSizes[2]: is not an item of the list, which has 2",
  ]);
});

test("a value is typed by its field", () => {
  expect(configOf(base, ["name=7"]).name).toBe("7");
  expect(configOf(base, ["name=1e3"]).name).toBe("1e3");
  expect(configOf(base, ["name=true"]).name).toBe("true");
  expect(configOf(base, ['name="null"']).name).toBe("null");
  expect(configOf(base, ["training.maxGradNorm=null"]).training.maxGradNorm).toBeNull();
  expect(configOf(base, ["column=7"]).column).toBe(7);
  expect(configOf(base, ["column=seven"]).column).toBe("seven");
  expect(problemsOf(base, ['seed="7"'])).toEqual(['seed: must be a whole number (found "7")']);
});

test("a text is exactly what was written, in sweeps, lists and objects too", () => {
  const { defineConfig } = defineTask({
    name: "texts",
    schema: z.strictObject({
      word: z.string().default(""),
      tags: z.array(z.string()).default([]),
      labels: z.record(z.string(), z.string()).default({}),
      mixed: z.array(z.union([z.string(), z.int()])).default([]),
    }),
    run: async function* run() {},
  });
  const given = (override: string): unknown[] =>
    resolveWith(defineConfig({}), [override]).runs.map(
      ({ config }) => config[/^\w+/.exec(override)?.[0] ?? ""],
    );
  expect(given("word= 1_000 ")).toEqual(["1_000"]);
  expect(given("word=1e3,007,+1, 1.50 ,True")).toEqual(["1e3", "007", "+1", "1.50", "True"]);
  expect(given("word=choice(1.50, 'null','2.10')")).toEqual(["1.50", "null", "2.10"]);
  expect(given("tags=[1.50,2.10,-0, x]")).toEqual([["1.50", "2.10", "-0", "x"]]);
  expect(given("tags=[1.0],[2.0]")).toEqual([["1.0"], ["2.0"]]);
  expect(given("labels={a:1.50,'b c':1E3}")).toEqual([{ a: "1.50", "b c": "1E3" }]);
  expect(given("labels.a=1.50")).toEqual([{ a: "1.50" }]);
  expect(given("mixed=[1.0,x]")).toEqual([[1, "x"]]);
  expect(given("word=12e4567,12345678901234567890,inf,-NaN")).toEqual([
    "12e4567",
    "12345678901234567890",
    "inf",
    "-NaN",
  ]);
  expect(given("tags=[1e-999,inf]")).toEqual([["1e-999", "inf"]]);
  expect(given("labels={a:1e999}")).toEqual([{ a: "1e999" }]);
});

test("a number beyond a 64-bit float is refused where a number may stand, with its path", () => {
  const beyond = "this number cannot be held exactly enough: JSON's numbers are 64-bit floats";
  expect(problemsOf(base, ["seed=12345678901234567890", "lr=1e999,1"])).toEqual([
    `seed: ${beyond}`,
    `optimizer.learningRate: ${beyond}`,
  ]);
  expect(problemsOf(base, ["column=1e999", "hiddenSizes=[1,inf]", "seeds={a:nan}"])).toEqual([
    `column: ${beyond}`,
    "hiddenSizes[1]: inf is not a value that a config can hold: its numbers are finite",
    "seeds.a: nan is not a value that a config can hold: its numbers are finite",
  ]);
});

test("null is no text: it is refused where only a text may stand, and says how to leave the field out", () => {
  const schema = z.strictObject({
    word: z.string().default(""),
    words: z.array(z.string()).default([]),
    note: z.string().optional(),
    inner: z.strictObject({ note: z.string().optional() }).prefault({}),
    path: z.string().nullable().default("x"),
    answer: z.enum(["yes", "null"]).default("yes"),
  });
  const run = async function* run() {};
  const texts = defineTask({ name: "texts", schema, run }).defineConfig({});
  const no = 'takes a text, and null is none; the text is "null" in quotes';
  expect(problemsOf(texts, ["word=null", "words=[5,null]", "note=x,null"])).toEqual([
    `word: ${no}`,
    `words[1]: ${no}`,
    `note: ${no}, and ~note leaves it out`,
  ]);
  expect(problemsOf(texts, ["inner={note:null}", "words+=null"])).toEqual([
    `inner.note: ${no}, and ~inner.note leaves it out`,
    `words: ${no}`,
  ]);
  expect(problemsOf(texts, ["zip(word=[null,a],note=[a,b])"])).toEqual([`word: ${no}`]);
  const given = ["path=null", 'word="null"', "answer=null", "words=[str(null)]"];
  expect(resolveWith(texts, given).runs[0]?.config).toMatchObject({
    path: null,
    word: "null",
    answer: "null",
    words: ["null"],
  });
});

test("an object merges into what is there, as in code", () => {
  expect(configOf(base, ["optimizer={beta1:0.5}"]).optimizer).toMatchObject({
    learningRate: 0.001,
    beta1: 0.5,
  });
});

test("what chooses the fields comes before what sets them, in whatever order both are given", () => {
  const given = ["optimizer.learningRate=0.5", "optimizer.kind=sgd"];
  expect(configOf(base, given).optimizer).toEqual({ kind: "sgd", learningRate: 0.5, momentum: 0 });
  expect(problemsOf(base, ["optimizer.kind=sgd"])).toEqual([
    "optimizer.learningRate: is required: a number",
  ]);
});

test("what takes the place of a value that nobody typed is no slip", () => {
  const { runs, notes } = resolvePinned(base, ["seed=1", "optimizer.kind=adamw"], ["seed=2"]);
  expect(runs[0]?.config["seed"]).toBe(2);
  expect(notes).toEqual([]);
  const alias = resolvePinned(base, ["optimizer.learningRate=0.5", "seed=1"], ["lr=0.25"]);
  expect(alias.runs[0]?.config["optimizer"]).toMatchObject({ learningRate: 0.25 });
  expect(alias.notes).toEqual([]);
  const twice = resolvePinned(base, ["seed=0"], ["seed=1", "seed=2"]);
  expect(twice.notes).toEqual(["seed is given twice on the command line; seed=2 holds."]);
});

test("a path given twice takes the last value and says so; an alias and its path contradict", () => {
  const { runs, notes } = resolveWith(base, ["seed=1", "seed=2"]);
  expect(runs[0]?.config["seed"]).toBe(2);
  expect(notes).toEqual(["seed is given twice on the command line; seed=2 holds."]);
  expect(problemsOf(base, ["lr=1", "optimizer.learningRate=2"])).toEqual([
    "optimizer.learningRate: is set twice on the command line, by lr=1 and by optimizer.learningRate=2",
  ]);
});

test("fields that exclude each other cannot both be given", () => {
  expect(problemsOf(base, ["training.numSteps=1", "training.numEpochs=1"])).toEqual([
    "training.numEpochs: cannot be set together with training.numSteps",
  ]);
  expect(configOf(base, ["training.numEpochs=2"]).training).not.toHaveProperty("numSteps");
});

test("+ adds only what is not there, ++ in any case", () => {
  expect(configOf(base, ["+name=x"]).name).toBe("x");
  expect(configOf(base, ["+training.maxGradNorm=1"]).training.maxGradNorm).toBe(1);
  expect(problemsOf(base, ["+training.numSteps=1"])).toEqual([
    "training.numSteps: has a value already; “+” only adds what is not there, “=” and “++” change it",
  ]);
  expect(configOf(base, ["++training.numSteps=1"]).training.numSteps).toBe(1);
  expect(configOf(base, ["+optimizer={beta1:0.5}"]).optimizer).toMatchObject({ beta1: 0.5 });
});

test("sweeps stand wherever a value may", () => {
  expect(resolveWith(base, ["seed=range(1,4)"]).runs).toHaveLength(3);
  expect(
    resolveWith(base, ["hiddenSizes=[1],[2]"]).runs.map(({ axisValues }) => axisValues),
  ).toEqual([{ hiddenSizes: [1] }, { hiddenSizes: [2] }]);
  expect(resolveWith(base, ["name=choice(1,b)"]).runs.map(({ config }) => config["name"])).toEqual([
    "1",
  ]);
});

test("arguments that cannot be read are told all at once, each with its place", () => {
  const read = (): unknown => parseArguments(["lr=[1", "seed=2", "tags=[2"]);
  expect(read).toThrow(/^override 1, column 4: [^]*\n {2}lr=\[1\n[^]*\noverride 3, column 6: /u);
  expect(read).toThrow(expect.objectContaining({ code: "usage" }));
});

test("Hydra's mark for a missing value is told what to do instead, where it is refused", () => {
  expect(problemsOf(base, ["seed='???'"])).toEqual([
    'seed: must be a whole number: Hydra\'s ??? for a missing value is required() in a module; on the command line leave it out (found "???")',
  ]);
});
