/** Each rule that needs no evaluation on a planted fault, and on the same without it. */
import { describe, expect, test } from "vitest";
import { ruleIds, type RuleId } from "../../../src/lint/rule-ids.ts";
import { rules } from "../../../src/lint/rules/all.ts";
import { told } from "./look.ts";

test("the list of rules and the list of their names agree", () => {
  expect(rules.map(({ id }) => id)).toEqual(ruleIds);
});

/** An experiment with a value in place of its learning rate. */
function experiment(value: string, head = ""): string {
  return `import { defineConfig } from "lockstep";\n${head}export default defineConfig({\n  optimizer: { learningRate: ${value} },\n});\n`;
}

function taskOf({
  schema = "gain: z.number()",
  run = "({ config }) => config.gain",
  head = "",
}): string {
  return `import { defineTask } from "lockstep";
import { z } from "zod";
${head}
export const task = defineTask({
  name: "task",
  schema: z.strictObject({ ${schema} }),
  run: ${run},
});
`;
}

interface Case {
  readonly rule: RuleId;
  readonly what: string;
  readonly text: string;
  /** Lines that the rule tells; none for code that it must leave alone. */
  readonly lines: readonly number[];
}

const cases: readonly Case[] = [
  { rule: "ambient-randomness", what: "a call", text: experiment("Math.random()"), lines: [3] },
  {
    rule: "ambient-randomness",
    what: "another spelling",
    text: experiment('globalThis["Math"].random()'),
    lines: [3],
  },
  {
    rule: "ambient-randomness",
    what: "a renamed global",
    text: experiment("m.random()", "const m = Math;\n"),
    lines: [4],
  },
  {
    rule: "ambient-randomness",
    what: "a pattern",
    text: experiment("random()", "const { random } = Math;\n"),
    lines: [2],
  },
  {
    rule: "ambient-randomness",
    what: "node:crypto",
    text: experiment("randomInt(3)", 'import { randomInt } from "node:crypto";\n'),
    lines: [4],
  },
  {
    rule: "ambient-randomness",
    what: "other functions of Math",
    text: experiment("Math.max(1, 2)"),
    lines: [],
  },
  {
    rule: "ambient-randomness",
    what: "a variable called Math",
    text: experiment(
      "f({ random: () => 1 })",
      "const f = (Math: { random(): number }) => Math.random();\n",
    ),
    lines: [],
  },
  { rule: "ambient-clock", what: "Date.now", text: experiment("Date.now()"), lines: [3] },
  { rule: "ambient-clock", what: "new Date", text: experiment("new Date().getTime()"), lines: [3] },
  {
    rule: "ambient-clock",
    what: "Date as a function",
    text: experiment("Number(Date())"),
    lines: [3],
  },
  {
    rule: "ambient-clock",
    what: "performance of node:perf_hooks",
    text: experiment("performance.now()", 'import { performance } from "node:perf_hooks";\n'),
    lines: [4],
  },
  {
    rule: "ambient-clock",
    what: "a date that is written out",
    text: experiment("new Date(2024, 1).getTime()"),
    lines: [],
  },
  {
    rule: "ambient-clock",
    what: "a hook that watches runs",
    text: `${experiment("1")}export const onEvent = () => console.log(Date.now());\n`,
    lines: [],
  },
  {
    rule: "ambient-environment",
    what: "a variable",
    text: experiment("Number(process.env.RATE)"),
    lines: [3],
  },
  {
    rule: "ambient-environment",
    what: "env of node:process",
    text: experiment('Number(env["RATE"])', 'import { env } from "node:process";\n'),
    lines: [4],
  },
  {
    rule: "ambient-environment",
    what: "the machine",
    text: experiment("os.cpus().length", 'import os from "node:os";\n'),
    lines: [4],
  },
  {
    rule: "ambient-environment",
    what: "a recorded input",
    text: experiment('env("RATE", 1)', 'import { env } from "lockstep";\n'),
    lines: [],
  },
  {
    rule: "ambient-environment",
    what: "a type",
    text: experiment("1", "type Variables = typeof process.env;\n"),
    lines: [],
  },
  {
    rule: "unused-key",
    what: "a field that nobody reads",
    text: taskOf({ schema: "gain: z.number(), loss: z.number()" }),
    lines: [6],
  },
  {
    rule: "unused-key",
    what: "a nested field",
    text: taskOf({
      schema: "gain: z.strictObject({ low: z.number(), high: z.number() })",
      run: "({ config }) => config.gain.low",
    }),
    lines: [6],
  },
  {
    rule: "unused-key",
    what: "a pattern",
    text: taskOf({
      schema: "gain: z.number(), loss: z.number()",
      run: "({ config: { gain, loss: l } }) => gain - l",
    }),
    lines: [],
  },
  {
    rule: "unused-key",
    what: "a config that leaves as a whole",
    text: taskOf({ run: "({ config }) => JSON.stringify(config)" }),
    lines: [],
  },
  {
    rule: "unused-key",
    what: "a config that leaves through a function",
    text: taskOf({
      run: "(context) => save(context.config)",
      head: "function save(all: object) { const copy = all; return { ...copy }; }",
    }),
    lines: [],
  },
  {
    rule: "unused-key",
    what: "a function that takes it and does not read it",
    text: taskOf({
      run: "(context) => save(context.config)",
      head: "function save(all: object) { return all !== undefined ? 1 : 2; }",
    }),
    lines: [],
  },
  {
    rule: "unused-key",
    what: "a field of every task",
    text: taskOf({ schema: "seed: z.int(), gain: z.number()" }),
    lines: [],
  },
  {
    rule: "unused-key",
    what: "a rule that reads it",
    text: taskOf({ run: "() => 1 , rules: { positive: (c) => c.gain > 0 }" }),
    lines: [],
  },
  {
    rule: "hard-coded-hyperparameter",
    what: "a constant",
    text: taskOf({
      run: "({ config }) => { const learningRate = 0.1; return config.gain * learningRate; }",
    }),
    lines: [7],
  },
  {
    rule: "hard-coded-hyperparameter",
    what: "an argument",
    text: taskOf({
      run: "({ config }) => fit({ batchSize: 32, gain: config.gain })",
      head: "const fit = (x: object) => x;",
    }),
    lines: [7],
  },
  {
    rule: "hard-coded-hyperparameter",
    what: "a constant of the module",
    text: taskOf({
      run: "({ config }) => config.gain * NUM_EPOCHS",
      head: "const NUM_EPOCHS = 3;",
    }),
    lines: [3],
  },
  {
    rule: "hard-coded-hyperparameter",
    what: "a function of the project",
    text: taskOf({
      run: "({ config }) => fit(config.gain)",
      head: "function fit(x: number) { const dropout = 0.5; return x * dropout; }",
    }),
    lines: [3],
  },
  {
    rule: "hard-coded-hyperparameter",
    what: "a counter, and numbers without such a name",
    text: taskOf({
      run: "({ config }) => { let numSteps = 0; const half = 0.5; numSteps++; return config.gain * half * numSteps; }",
    }),
    lines: [],
  },
  {
    rule: "hard-coded-hyperparameter",
    what: "code beside the task",
    text: taskOf({
      head: "export function plot() { const learningRate = 3; return learningRate; }",
    }),
    lines: [],
  },
  {
    rule: "default-shadows-config",
    what: "a parameter",
    text: taskOf({
      run: "({ config }) => fit(config.gain)",
      head: "function fit(gain = 0.5) { return gain; }",
    }),
    lines: [3],
  },
  {
    rule: "default-shadows-config",
    what: "a pattern",
    text: taskOf({ run: "({ config: { gain = 2 } }) => gain" }),
    lines: [7],
  },
  {
    rule: "default-shadows-config",
    what: "a fallback",
    text: taskOf({ run: "({ config }) => config.gain ?? 2" }),
    lines: [7],
  },
  {
    rule: "default-shadows-config",
    what: "a parameter that is no field",
    text: taskOf({
      run: "({ config }) => fit(config.gain)",
      head: "function fit(x: number, scale = 2) { return x * scale; }",
    }),
    lines: [],
  },
  {
    rule: "constant-duplicates-config",
    what: "a constant",
    text: experiment("0.1", "const LEARNING_RATE = 0.1;\n"),
    lines: [2],
  },
  {
    rule: "constant-duplicates-config",
    what: "a constant with the path's name",
    text: experiment("0.1", "const optimizerLearningRate = 0.1;\n"),
    lines: [2],
  },
  {
    rule: "constant-duplicates-config",
    what: "a constant that is used",
    text: experiment("LEARNING_RATE", "const LEARNING_RATE = 0.1;\n"),
    lines: [],
  },
  {
    rule: "constant-duplicates-config",
    what: "another value",
    text: experiment("0.1", "const LEARNING_RATE = 0.2;\n"),
    lines: [],
  },
  { rule: "missing-description", what: "a bare field", text: taskOf({}), lines: [6] },
  {
    rule: "missing-description",
    what: "a doc comment",
    text: taskOf({ schema: "/** How much. */ gain: z.number()" }),
    lines: [],
  },
  {
    rule: "missing-description",
    what: "describe and meta",
    text: taskOf({
      schema:
        'gain: z.number().describe("How much."), loss: z.number().meta({ description: "How little." })',
    }),
    lines: [],
  },
  {
    rule: "missing-description",
    what: "the doc of a constant",
    text: taskOf({
      schema: 'gain: share.optional(), kind: z.literal("a")',
      head: "/** A part of one. */\nconst share = z.number();",
    }),
    lines: [],
  },
  {
    rule: "missing-unit",
    what: "a time",
    text: taskOf({ schema: "/** How long. */ timeout: z.number().default(3)" }),
    lines: [6],
  },
  {
    rule: "missing-unit",
    what: "a unit",
    text: taskOf({
      schema: '/** How long. */ timeout: z.number().meta(field({ unit: "seconds" }))',
    }),
    lines: [],
  },
  {
    rule: "missing-unit",
    what: "a unit in the key or in the description",
    text: taskOf({
      schema: "/** How long. */ timeoutSeconds: z.number(), /** In seconds. */ delay: z.number()",
    }),
    lines: [],
  },
  {
    rule: "missing-unit",
    what: "what has no unit",
    text: taskOf({ schema: "/** A name. */ interval: z.string(), /** λ. */ rate: z.number()" }),
    lines: [],
  },
];

describe.each(ruleIds.filter((rule) => cases.some((one) => one.rule === rule)))("%s", (rule) => {
  test.each(cases.filter((one) => one.rule === rule))("$what", ({ text, lines }) => {
    const expected = lines.map((line) => `experiments/x.ts:${line} ${rule}`);
    expect(told({ "experiments/x.ts": text }, [rule])).toEqual(expected);
  });
});

test("deep-lineage counts the definitions of a chain, through modules and constants", () => {
  const child = (of: string): string =>
    `import { extend } from "lockstep";\nimport base from "./${of}.ts";\nexport default extend(base, { seed: 1 });\n`;
  const files = {
    "a.ts": experiment("1"),
    "b.ts": child("a"),
    "c.ts": child("b"),
    "d.ts": child("c"),
    "e.ts": child("d"),
  };
  expect(told(files, ["deep-lineage"])).toEqual(["e.ts:3 deep-lineage"]);
});

test("a field of another module is told there, once, and modules in a ring end", () => {
  const files = {
    "a.ts": `import { fields } from "./b.ts";\n${taskOf({ schema: "...fields" })}export const one = 1;\n`,
    "b.ts": `import { one } from "./a.ts";\nimport { z } from "zod";\nexport const two = one;\nexport const fields = { gain: z.number(), loss: z.lazy(() => schema) };\nconst schema = z.strictObject(fields);\n`,
  };
  expect(told(files, ["unused-key", "missing-description"])).toEqual([
    "b.ts:4 missing-description",
    "b.ts:4 missing-description",
    "b.ts:4 unused-key",
  ]);
});
