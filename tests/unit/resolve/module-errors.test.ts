import { expect, test } from "vitest";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { loadExperiment } from "../../../src/resolve/load.ts";
import { createProject } from "./support/project.ts";

async function failure(files: Readonly<Record<string, string>>): Promise<string> {
  const workingDirectory = createProject(files, "projekt ü 1");
  try {
    await loadExperiment("main.ts", { workingDirectory });
  } catch (error) {
    if (isExpError(error) && error.code === "module") return formatError(error);
    throw error;
  }
  throw new Error("it loaded");
}

test("a syntax error shows file, line and column", async () => {
  expect(await failure({ "main.ts": "export default 3;\nconst x: = 3;\n" })).toBe(
    'main.ts:2:10: Unexpected "="\nThe module is not valid TypeScript.',
  );
});

test("a syntax error of an imported module is shown there", async () => {
  const files = { "main.ts": 'import "./part.ts";', "part.ts": "\n\nlet 3;" };
  expect(await failure(files)).toContain("part.ts:3:5: ");
});

test("a module that throws shows the user's innermost line, and no stack", async () => {
  const text = await failure({
    "main.ts": 'import { fail } from "./part.ts";\nexport default fail();',
    "part.ts": 'type A = 1;\nexport function fail(): A {\n  throw new TypeError("too wide");\n}',
  });
  expect(text).toBe("part.ts:3:9: TypeError: too wide\nThe module could not be evaluated.");
});

test("what is thrown need not be an error", async () => {
  expect(await failure({ "main.ts": "throw 3;" })).toBe(
    "main.ts: the module threw 3.\nThrow an Error, which says where it was made.",
  );
});

test("an import of a file that is missing names the importer and the nearest file", async () => {
  const files = {
    "main.ts": 'export { x as default } from "./bsae.ts";',
    "base.ts": "export const x = 1;",
  };
  expect(await failure(files)).toBe(
    "main.ts: imports ./bsae.ts, which does not exist.\nDid you mean base.ts?",
  );
});

test("an import of a package that is missing says so", async () => {
  expect(await failure({ "main.ts": 'import x from "left-pad-x";\nexport default x;' })).toBe(
    "main.ts: imports the package left-pad-x, which is not installed.\nInstall it in the project, or correct its name.",
  );
});

test("all wrong calls of a module and of what it imports are told together, each with its place", async () => {
  const directory = createProject({
    "task.ts": `import { defineTask } from "lockstep";
import { z } from "zod";
export const task = defineTask({
  name: "toy",
  schema: z.strictObject({ seed: z.int().default(0), tags: z.array(z.string()).default([]) }),
  run: async () => {},
});
`,
    "base.ts": `import { choice } from "lockstep";
import { task } from "./task.ts";
export default task.defineConfig({ seed: choice<number>() });
`,
    "main.ts": `import { append } from "lockstep";
import base from "./base.ts";
import { task } from "./task.ts";
export default task.extend(base, { tags: append<string>() }, task.rule("", () => true));
`,
  });
  const load = () => loadExperiment("main.ts", { workingDirectory: directory });
  for (const attempt of [load, load]) {
    await expect(attempt()).rejects.toMatchObject({
      code: "config",
      message: [
        "base.ts:3:42: choice() needs at least one value.",
        "main.ts:4:42: append() needs at least one item.",
        'main.ts:4:67: rule() takes a claim first, found the string "".',
      ].join("\n"),
    });
  }
});

test("an error of Lockstep's own language passes as it is", async () => {
  const text = await failure({
    "main.ts":
      'import { ExpError } from "lockstep";\nthrow new ExpError("module", "main.ts:2: Math.random is sealed.");',
  });
  expect(text).toBe("main.ts:2: Math.random is sealed.");
});
