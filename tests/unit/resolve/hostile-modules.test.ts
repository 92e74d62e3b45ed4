import { expect, test } from "vitest";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { resolveExperiment } from "../../../src/resolve/resolve.ts";
import { createProject } from "./support/project.ts";

const task = `import { defineTask } from "lockstep";
import { z } from "zod";
export const task = defineTask({
  name: "toy",
  schema: z.strictObject({
    seed: z.int().default(0),
    any: z.json().optional(),
    list: z.array(z.number()).default([]),
    counts: z.record(z.string(), z.number()).default({}),
    note: z.string().optional(),
  }),
  run: async () => {},
});
export const { defineConfig, extend } = task;
`;
const head =
  'import { derived } from "lockstep"; import { defineConfig, extend, task } from "../task.ts"; ';
const bomb =
  "new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } })";

/** What a module says, and what is answered. */
const modules: Readonly<Record<string, readonly [text: string, answer: RegExp]>> = {
  text: ['throw "text";', /hostile\/text\.ts: the module threw text\./],
  nothing: ["throw undefined;", /the module threw undefined\./],
  proxy: [`throw ${bomb};`, /the module threw something that cannot be shown\./],
  getter: [
    'throw Object.defineProperty(new Error("x"), "message", { get() { throw 1; } });',
    /the module threw something that cannot be shown\./,
  ],
  stack: [
    'throw Object.defineProperty(new Error("x"), "stack", { get() { throw 1; } });',
    /hostile\/stack\.ts: Error: x/,
  ],
  imposter: [
    'throw Object.assign(new Error("x"), { name: "ExpError", code: "config" });',
    /hostile\/imposter\.ts:1:\d+: ExpError: x/,
  ],
  loop: [
    `import other from "./loop-other.ts"; ${head} export default extend(other, {});`,
    /import each other, so one finds the other empty: hostile\/loop\.ts → hostile\/loop-other\.ts → hostile\/loop\.ts/,
  ],
  empty: ["export {};", /hostile\/empty\.ts has no default export\./],
  proto: [
    `${head} export default defineConfig(JSON.parse('{"__proto__":{"seed":1}}'));`,
    /has the key __proto__, which no config can hold/,
  ],
  builder: [
    `${head} export default defineConfig({ constructor: 1 } as any);`,
    /hostile\/builder\.ts:1:\d+\s+constructor: is not a known field/,
  ],
  deep: [
    `${head} let v: any = 1; for (let i = 0; i < 10_000; i++) v = i % 2 ? [v] : { a: v }; export default defineConfig({ any: v });`,
    /^hostile\/deep\.ts:1:\d+: any\S* is nested more than 200 levels deep\./m,
  ],
  circle: [
    `${head} const v: any = {}; v.v = v; export default defineConfig({ any: v });`,
    /^hostile\/circle\.ts:1:\d+: any\S* holds itself\./m,
  ],
  classes: [
    `${head} export default defineConfig({ seed: new Map(), any: [new Set([1]), new Date(0)] } as any);`,
    /seed: must be plain data that JSON can say \(found an object of class Map\)[^]*any\[1\]: .*\(found an object of class Date\)/,
  ],
  misspelt: [
    'import { append, extennd } from "lockstep"; export default extennd({});',
    /hostile\/misspelt\.ts:1:\d+: extennd is imported from "lockstep", which does not export it\.\s+Did you mean extend\?/,
  ],
  nope: [
    'import { nope } from "lockstep"; export default nope;',
    /hostile\/nope\.ts: the default export is nope of "lockstep", which does not export it\./,
  ],
  unexported: [
    'import { definiton } from "./exports.ts"; export default definiton;',
    /the default export is definiton of "\.\/exports\.ts", which does not export it\.\s+Did you mean definition\?/,
  ],
  undefaulted: [
    'import config from "./exports.ts"; export default config;',
    /the default export is the default of "\.\/exports\.ts", which has no default export\./,
  ],
  itself: [
    'import config from "./itself.ts"; export default config;',
    /the default export, config, is imported from "\.\/itself\.ts", which imports this module/,
  ],
  unset: [
    "let config; export default config;",
    /hostile\/unset\.ts: the default export, config, is undefined\./,
  ],
  accessor: [
    `${head} let n = 0; export default defineConfig({ get seed() { return ++n; } });`,
    /seed is an accessor; a config holds plain values/,
  ],
  long: [
    `${head} const list: number[] = []; list.length = 4_000_000_000; export default defineConfig({ list });`,
    /list is a list of 4000000000 items; a config holds at most 1000000 in one/,
  ],
  sparse: [
    `${head} export default defineConfig({ list: [1, , 3] as any });`,
    /list\[1\]: is undefined/,
  ],
  derivedCircle: [
    `${head} export default defineConfig({ seed: derived((c: any) => c.list.length), list: derived((c: any) => [c.seed]) });`,
    /is derived from itself: seed → list → seed/,
  ],
  derivedThings: [
    `${head} const o: any = {}; o.o = o; let d: any = 1; for (let i = 0; i < 10_000; i++) d = { d };
    export default defineConfig({
      seed: derived(() => NaN),
      list: derived(() => { throw ${bomb}; }),
      any: derived(() => ({ o, d, get g() { throw new Error("looked at"); } })),
      note: derived(() => (() => 1) as any),
      counts: derived(() => o),
    });`,
    /the config has 5 problems[^]*threw Error: looked at[^]*threw something that cannot be shown/,
  ],
  rule: [
    `${head} export default defineConfig({}, task.rule("holds", () => { throw ${bomb}; }));`,
    /breaks the rule "holds", which threw something that cannot be shown/,
  ],
  surrogate: [
    `${head} export default defineConfig({ note: "a\\uD800b", counts: { "\\uDC00": 1 } });`,
    /hostile\/surrogate\.ts:1:\d+\s+counts: holds half of a surrogate pair[^]*note: holds half of a surrogate pair/,
  ],
};

const files = Object.fromEntries(
  Object.entries(modules).map(([name, [text]]) => [`hostile/${name}.ts`, `${text}\n`]),
);

async function refusal(name: string): Promise<string> {
  const workingDirectory = createProject({
    ...files,
    "task.ts": task,
    "hostile/exports.ts": "export const definition = 1;\n",
    "hostile/loop-other.ts": `import loop from "./loop.ts"; ${head} export default extend(loop, {});\n`,
  });
  try {
    await resolveExperiment({ file: `hostile/${name}.ts`, overrides: [], workingDirectory });
  } catch (error) {
    if (isExpError(error)) return formatError(error);
    throw error;
  }
  return "no error";
}

test.each(Object.keys(modules))("%s: refused in words, at the user's own place", async (name) => {
  const text = await refusal(name);
  expect(text).toMatch(modules[name]?.[1] ?? /^$/);
  expect(text).not.toMatch(/^\s+at .+:\d+:\d+\)?$/mu);
  expect(text.length).toBeLessThan(3_000);
});
