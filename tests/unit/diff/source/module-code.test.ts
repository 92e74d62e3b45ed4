/** What a module does by being loaded is never hidden, and what only defines is told once, where it is. */
import { expect, test } from "vitest";
import { told, type Files } from "./sides.ts";

const shared: Files = {
  "line.ts":
    'import { defineTask } from "lockstep";\nimport { z } from "zod";\nexport const line = defineTask({ name: "line", schema: z.strictObject({ slope: z.number() }), run: () => go() });\nfunction go() { return 1; }\n',
  "helper.ts": "export const half = 0.5;\n",
};
const withHead = (head: string, value = "1"): Files => ({
  ...shared,
  "x.ts": `import { line } from "./line.ts";\n${head}export default line.defineConfig({ slope: ${value} });\n`,
});

test.each([
  ["a statement", "Math.max = () => 3;\n", "statements"],
  ["a call", 'console.log("x");\n', "statements"],
  ["a block", "if (1 < 2) { globalThis.x = 1; }\n", "statements"],
  ["a constant that nothing reads", "const y = fetch(location);\n", "statements"],
  ["a pattern that nothing reads", "const { y } = await load();\n", "statements"],
  ["a class that acts", "class A { static { Math.max = () => 1; } }\n", "statements"],
  ["a namespace", "namespace N { export const a = 1; }\n", "statements"],
  ["a package", 'import "other-package";\n', "imports"],
  ["a package whose names nothing reads", 'import { x } from "other-package";\n', "imports"],
  ["a file that cannot be read", 'import "./addon.node";\n', "imports"],
])("told: %s", (_, head, where) => {
  const lines = told(withHead(""), withHead(head));
  expect(lines).toEqual([
    expect.stringMatching(`^changed x.ts#\\(module\\) reaches x.ts: ${where} value \\(none\\) → `),
  ]);
  expect(told(withHead(head), withHead(""))).toHaveLength(1);
  expect(told(withHead(head), withHead(head))).toEqual([]);
});

test.each([
  ["an assigned field", "const c = 1;\n", "const c = 1;\nc.slope = 2;\n"],
  ["another statement", "go(1);\n", "go(2);\n"],
  ["an assigned variable", "let c = 1;\n", "let c = 1;\nc = 2;\n"],
])("told: %s", (_, before, after) => {
  expect(told(withHead(before, "c"), withHead(after, "c"))).toHaveLength(1);
});

test("what an imported module does is told with the experiments that load it", () => {
  const head = 'import { half } from "./helper.ts";\n';
  const before = withHead(head, "half");
  const after = { ...before, "helper.ts": `${shared["helper.ts"]}process.env.X = "1";\n` };
  expect(told(before, after)).toEqual([
    'changed helper.ts#(module) reaches x.ts: statements value (none) → [process.env.X = "1";] (helper.ts:2)',
  ]);
});

test("a constant that got a name is no change", () => {
  const named = withHead("const c = Math.sqrt(2);\n", "c");
  expect(told(withHead("", "Math.sqrt(2)"), named)).toEqual([]);
});

test.each([
  ["types", 'import type { x } from "other-package";\ninterface A {}\ntype B = 1;\n'],
  ["what is declared elsewhere", "declare const y: number;\ndeclare function f(): void;\n"],
  ["a function that nothing calls", "function f() { Math.max = () => 3; }\n"],
  ["a schema", 'import { z } from "zod";\nconst s = z.number().default(1);\n'],
  ["a module that only defines", 'import "./helper.ts";\n'],
  ["a part of Node", 'import { readFileSync } from "node:fs";\n'],
])("not: %s", (_, head) => {
  expect(told(withHead(""), withHead(head))).toEqual([]);
});

test("JSON that is imported is read, and a tag sees what was typed", () => {
  const files = (text: string): Files => ({
    ...withHead('import v from "./v.json" with { type: "json" };\n', "v.a"),
    "v.json": text,
  });
  expect(told(files('{ "a": 1 }'), files('{"a":2,"b":3}'))).toEqual([
    "changed x.ts#default: slope value 1 → 2 (v.json:1)",
  ]);
  expect(told(files('{ "a": 1 }'), files('{"a":1.0}'))).toEqual([]);
  for (const [plain, escaped] of [
    ["`b`", "`\\u0062`"],
    ["`a${f}b`", "`a${f}\\u0062`"],
    ["`b${f}a`", "`\\u0062${f}a`"],
  ] as const) {
    expect(told(withHead("", `tag${plain}`), withHead("", `tag${escaped}`))).toHaveLength(1);
    expect(told(withHead("", plain), withHead("", escaped))).toEqual([]);
  }
});
