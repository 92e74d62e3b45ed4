/** What a frozen module must import, read from the module that made the definition. */
import { expect, test } from "vitest";
import { taskImport } from "../../../../src/diff/edit/task-import.ts";

const find = (text: string, line: number, column = 1): ReturnType<typeof taskImport> =>
  taskImport("experiments/x.ts", text, { line, column });

test.each([
  [
    'import { defineConfig } from "lockstep";\ndefineConfig({});',
    "defineConfig",
    "{ defineConfig }",
    "lockstep",
  ],
  [
    'import { defineConfig as make } from "../a.ts";\nmake({});',
    "make",
    "{ defineConfig as make }",
    "../a.ts",
  ],
  [
    'import line from "../line.ts";\nline.defineConfig({});',
    "line.defineConfig",
    "line",
    "../line.ts",
  ],
  [
    'import * as all from "#tasks";\nall.line.defineConfig({});',
    "all.line.defineConfig",
    "* as all",
    "#tasks",
  ],
])("%j", (...[text, callee, clause, from]) => {
  expect(find(text, 2)).toStrictEqual({ callee, clause, from });
});

test.each([
  ["export const line = defineTask({});\nline.defineConfig({});", "{ line }"],
  ["export const { defineConfig: line } = task;\nline({});", "{ line }"],
  ["const line = task;\nline.defineConfig({});\nexport { line as task };", "{ task as line }"],
  ["const line = task;\nline.defineConfig({});\nexport default line;", "line"],
])("a task of the module itself is imported from it: %j", (text, clause) => {
  expect(find(text, 2)).toMatchObject({ clause, from: undefined });
});

test("the call is found by the place of its name, or as the only one of its line", () => {
  const text = 'import { a, b } from "lockstep";\nf(a.defineConfig({}), b.defineConfig({}));';
  expect(find(text, 2, 25).callee).toBe("b.defineConfig");
  expect(
    find('import { a } from "lockstep";\nexport default a.defineConfig({});', 2, 3).callee,
  ).toBe("a.defineConfig");
});

test("what cannot be imported is refused with its place", () => {
  expect(() => find("const line = defineTask({});\nline.defineConfig({});", 2)).toThrow(
    "experiments/x.ts:2: line is not exported, so no other module can define a config of its task.",
  );
  expect(() => find("const x = 1;\n", 1)).toThrow(
    "experiments/x.ts:1: no call of defineConfig is here.",
  );
});
