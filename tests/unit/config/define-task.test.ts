import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/config/define-task.ts";
import { taskData } from "../../../src/config/definition.ts";
import { misuseOf, run, sumSchema as schema, untyped } from "./sum-task.ts";

test("a task keeps what it was given, and its own module is its code", () => {
  const listDataFiles = () => Promise.resolve([]);
  const rules = {
    "steps are even": (c: { training: { numSteps: number } }) => c.training.numSteps % 2 === 0,
  };
  const aliases = { steps: "training.numSteps" } as const;
  const task = defineTask({ name: "sum", version: 3, schema, run, listDataFiles, rules, aliases });
  expect(taskData(task)).toMatchObject({
    name: "sum",
    version: 3,
    aliases,
    code: [import.meta.filename],
    call: { file: import.meta.filename },
  });
  const data = taskData(task);
  expect(data?.schema).toBe(schema);
  expect(data?.run).toBe(run);
  expect(data?.listDataFiles).toBe(listDataFiles);
  expect(data?.rules).toEqual(rules);
  expect(Object.isFrozen(task) && Object.isFrozen(data) && Object.isFrozen(data?.rules)).toBe(true);
});

test("the version is 1 and everything else empty where nothing is said", () => {
  const data = taskData(defineTask({ name: "sum", schema, run }));
  expect(data).toMatchObject({ version: 1, rules: {}, aliases: {} });
  expect(data && "listDataFiles" in data).toBe(false);
});

test("code is named by paths, by URLs, or relative to the calling module", () => {
  const url = pathToFileURL("/lab/a b.ts");
  const task = defineTask({
    name: "sum",
    schema,
    run,
    code: ["/lab/run.ts", "./model.ts", url, url.href],
  });
  const beside = join(dirname(import.meta.filename), "model.ts");
  expect(taskData(task)?.code).toEqual(["/lab/run.ts", beside, "/lab/a b.ts", "/lab/a b.ts"]);
});

test("a schema that cannot describe a config is refused with all its faults", () => {
  const wrong = z.strictObject({ when: z.date(), part: z.strictObject({ kind: z.string() }) });
  expect(misuseOf(() => defineTask({ name: "sum", schema: wrong, run }))).toMatch(
    /^define-task\.test\.ts:\d+:\d+: the schema of task sum cannot describe a config\.\nwhen: JSON has no dates.*\npart: the key `kind`/,
  );
});

test.each<[string, object, string]>([
  ["a name with spaces", { name: "a b" }, 'found the string "a b".'],
  ["no name", { name: undefined }, "found undefined."],
  ["a negative tolerance", { tolerance: -1 }, "task sum: tolerance is a number from 0, found -1."],
  [
    "no number as tolerance",
    { tolerance: "1e-3" },
    'tolerance is a number from 0, found the string "1e-3".',
  ],
  ["a version below 1", { version: 0 }, "task sum: version is an integer from 1, found 0."],
  ["no run", { run: undefined }, "task sum: run is a function, found undefined."],
  [
    "a list of files",
    { listDataFiles: [] },
    "task sum: listDataFiles is a function, found an empty list.",
  ],
  ["no schema", { schema: {} }, "task sum: schema is a schema of zod 4, found an object."],
  [
    "a rule without a check",
    { rules: { even: true } },
    'task sum: rule "even" is a function, found true.',
  ],
  [
    "an alias to nowhere",
    { aliases: { s: "training.numStep" } },
    "alias s leads to training.numStep, which the schema does not know. Did you mean training.numSteps?",
  ],
  [
    "an alias that is a path",
    { aliases: { "training.note": "seed" } },
    "alias training.note is already a path of the schema.",
  ],
  [
    "an alias to no path",
    { aliases: { s: "training..x" } },
    'alias s leads to the string "training..x", which is not a path.',
  ],
  [
    "an empty alias",
    { aliases: { "": "seed" } },
    'an alias is a name such as "lr", found the string "".',
  ],
])("%s is refused where the task is defined", (_, wrong, message) => {
  const options = { name: "sum", schema, run, ...wrong };
  const error = misuseOf(() => defineTask(untyped(options)));
  expect(error).toMatch(/^define-task\.test\.ts:\d+:\d+: /);
  expect(error).toContain(message);
});
