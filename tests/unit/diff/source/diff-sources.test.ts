/** What counts as a change of source, and what does not. */
import { describe, expect, test } from "vitest";
import { told, type Files } from "./sides.ts";

const baseline = `
import { defineConfig } from "lockstep";
export default defineConfig({ optimizer: { learningRate: 1e-3 }, seed: 1 });
`;
const child = (patch: string, more = ""): string => `
import { choice, derived, extend } from "lockstep";
import baseline from "./baseline.ts";
${more}
export default extend(baseline, ${patch});
`;
const project = (patch: string, more = ""): Files => ({
  "e/baseline.ts": baseline,
  "e/child.ts": child(patch, more),
});

describe("is no change", () => {
  const from = project("{ a: { b: 0.001, c: [1, 2] }, d: 'x' }");
  test.each([
    [
      "other formatting, quotes, comments and digits",
      project('{\n  // why\n  a: { b: 1e-3, "c": [ 1, 2, ] }, d: `x` }'),
    ],
    ["fields in another order", project("{ d: 'x', a: { c: [1, 2], b: 0.001 } }")],
    [
      "a constant with a name",
      project("{ a: { b: rate, c: sizes }, d: 'x' }", "const rate = 1e-3; const sizes = [1, 2];"),
    ],
    [
      "arithmetic of constants",
      project("{ a: { b: base / 10, c: [1, 1 + 1] }, d: 'x' }", "const base = 2 ** 3 / 800;"),
    ],
    [
      "types",
      project(
        "{ a: { b: 0.001 as number, c: [1, 2] satisfies number[] }, d: ('x')! }",
        "type T = 1; interface U {}",
      ),
    ],
    [
      "a spread of what is known",
      project(
        "{ ...rest, a: { ...inner, c: [...one, 2] } }",
        "const rest = { d: 'x', a: 1 }; const inner = { b: 0.001 }; const one = [1];",
      ),
    ],
    [
      "a constant of another file",
      {
        ...project(
          "{ a: { b: shared.rate, c: [1, 2] }, d: name }",
          'import { shared, name } from "./shared.ts";',
        ),
        "e/shared.ts":
          "export const shared = { rate: 0.001 }; const x = 'x'; export { x as name };",
      },
    ],
    [
      "a namespace",
      {
        ...project(
          "{ a: { b: all.rate, c: [1, 2] }, d: 'x' }",
          'import * as all from "./shared.js";',
        ),
        "e/shared.ts": "export * from './more.ts';",
        "e/more.ts": "export const rate = 1e-3;",
      },
    ],
    [
      "the default export as a constant",
      {
        ...from,
        "e/child.ts":
          child("{ a: { b: 0.001, c: [1, 2] }, d: 'x' }").replace(
            "export default extend",
            "const mine = extend",
          ) + "export default mine;",
      },
    ],
  ])("%s", (_, after) => {
    const changes = told(from, after).filter((line) => !line.startsWith("renamed"));
    expect(changes).toStrictEqual([]);
  });

  test.each([
    ["(c) => c.a * rate", "(config) => {\n return config.a * 2; }", "const rate = 2;", true],
    ["(c) => c.a * 2", "(config) => config.a * factor", "const factor = 2;", false],
    ["({ a }) => a", "({ a: b }) => (b as number)", "", false],
    ["({ a }) => a", "({ b: a }) => a", "", true],
    [
      "(c) => { let i = 0; for (const x of c.l) i += x; return i; }",
      "(c) => { let sum = 0; for (const item of c.l) { sum += item; } return sum; }",
      "",
      true,
    ],
    [
      "(c) => half(c.a)",
      "(c) => half(c.a)",
      "function half(x: number): number { /* why */ return x / 2; }",
      false,
    ],
  ])("a derived function: %s", (...row) => {
    const [before, after, more, isOther] = row;
    const lines = told(
      project(`{ a: derived(${before}) }`, more),
      project(`{ a: derived(${after}) }`, more),
    );
    expect(lines.length > 0).toBe(isOther); // a body with braces is other code to us: it may hide no change
  });
});

describe("is a change", () => {
  test("of a value, with the line that changed it", () => {
    expect(told(project("{ a: 1 }"), project("{\n a: 2 }"))).toStrictEqual([
      "changed e/child.ts#default: a value 1 → 2 (e/child.ts:6)",
    ]);
  });

  test("of a constant, told where it is used by the line of the constant", () => {
    const files = (rate: string): Files => ({
      ...project("{ a: rate }", 'import { rate } from "./shared.ts";'),
      "e/shared.ts": `\nexport const rate = ${rate};`,
    });
    expect(told(files("1"), files("2"))).toStrictEqual([
      "changed e/child.ts#default: a value 1 → 2 (e/shared.ts:2)",
    ]);
  });

  test("of a parent reaches its children and theirs", () => {
    const files = (rate: string): Files => ({
      ...project("{ a: 1 }"),
      "e/baseline.ts": baseline.replace("1e-3", rate),
      "e/grandchild.ts":
        'import { extend } from "lockstep"; import child from "./child.ts"; export default extend(child, {});',
    });
    expect(told(files("1e-3"), files("3e-3"))).toStrictEqual([
      "changed e/baseline.ts#default reaches e/child.ts, e/grandchild.ts: optimizer.learningRate value 0.001 → 0.003 (e/baseline.ts:3)",
    ]);
  });

  test("of a preset reaches those who use its group", () => {
    const files = (size: string): Files => ({
      "e/presets/model.ts": `import { presets } from "lockstep";\nexport const model = presets("model", { tiny: { size: ${size} }, small: { size: 9 } });`,
      "e/x.ts":
        'import { defineConfig } from "lockstep"; import { model } from "./presets/model.ts"; export default defineConfig(model.tiny);',
    });
    expect(told(files("1"), files("2"))).toStrictEqual([
      "changed e/presets/model.ts#model reaches e/x.ts: tiny.size value 1 → 2 (e/presets/model.ts:2)",
    ]);
  });

  test("of a layer: another preset, another parent, another order", () => {
    const presets = 'import { model } from "./m.ts"; import other from "./other.ts";';
    const base = {
      "e/m.ts":
        'import { presets } from "lockstep"; export const model = presets("model", { tiny: {}, small: {} });',
      "e/other.ts": baseline,
    };
    const files = (layers: string): Files => ({
      ...base,
      "e/baseline.ts": baseline,
      "e/child.ts": child("{}", presets).replace("baseline, {}", layers),
    });
    const change = (a: string, b: string): readonly string[] => told(files(a), files(b));
    expect(change("baseline, model.tiny", 'baseline, model["small"]')).toStrictEqual([
      "changed e/child.ts#default:  layer model.tiny → model.small (e/child.ts:5)",
    ]);
    expect(change("baseline", "other")).toStrictEqual([
      "changed e/child.ts#default:  layer baseline → other (e/child.ts:5)",
    ]);
    expect(
      change("baseline, model.tiny, model.small", "baseline, model.small, model.tiny"),
    ).toStrictEqual([
      "changed e/child.ts#default:  layer baseline, model.tiny, model.small → baseline, model.small, model.tiny (e/child.ts:5)",
    ]);
    expect(change("baseline", "baseline, model.tiny")).toStrictEqual([
      "changed e/child.ts#default:  layer (none) → model.tiny (e/child.ts:5)",
    ]);
  });

  test("of an axis, of what combines them, of a derived function", () => {
    expect(told(project("{ a: choice(1, 2) }"), project("{ a: choice(1, 2, 3) }"))).toStrictEqual([
      "changed e/child.ts#default: a axis choice(1, 2) → choice(1, 2, 3) (e/child.ts:5)",
    ]);
    const variants = 'import { variants } from "lockstep";';
    expect(
      told(
        project('variants("size", { s: { n: 1 } })', variants),
        project('variants("size", { s: { n: 2 }, l: { n: 3 } })', variants),
      ),
    ).toStrictEqual([
      'changed e/child.ts#default: ["variants size"].s.n value 1 → 2 (e/child.ts:5)',
      'changed e/child.ts#default: ["variants size"].l value (none) → { n: 3 } (e/child.ts:5)',
    ]);
    expect(
      told(project("{ a: derived((c) => c.b) }"), project("{ a: derived((c) => c.b + 1) }")),
    ).toStrictEqual([
      "changed e/child.ts#default: a derived derived((c) => c.b) → derived((c) => c.b + 1) (e/child.ts:5)",
    ]);
  });

  test("of a function that a derived value uses, in another file", () => {
    const files = (body: string): Files => ({
      ...project("{ a: derived((c) => half(c.b)) }", 'import { half } from "../src/half.ts";'),
      "src/half.ts": `export function half(x: number) {\n  return ${body};\n}`,
    });
    expect(told(files("x / 2"), files("x / 2.5"))).toStrictEqual([
      "changed src/half.ts#half reaches e/child.ts:  code export function half(x: number) { return x / 2; } → export function half(x: number) { return x / 2.5; } (src/half.ts:1)",
    ]);
  });

  test("that only running would tell is named as such", () => {
    expect(told(project("{ a: Math.sqrt(2) }"), project("{ a: process.env.X }"))).toStrictEqual([
      "changed e/child.ts#default: a unknown Math.sqrt(2) → process.env.X (e/child.ts:5) [it is computed]",
    ]);
  });

  test("a moved file is the same definition under another name; its children are not changed", () => {
    const before = project("{ a: 1 }");
    const after = {
      "e/base.ts": baseline,
      "e/child.ts": child("{ a: 1 }").replace("baseline.ts", "base.ts"),
    };
    expect(told(before, after)).toStrictEqual([
      "renamed e/base.ts#default was e/baseline.ts#default reaches e/child.ts",
    ]);
  });

  test("a variable that shadows a constant hides no change of the constant", () => {
    const derived = "{ a: derived((c) => { { const rate = 1; c.x = rate; } return c.b * rate; }) }";
    expect(
      told(project(derived, "const rate = 1;"), project(derived, "const rate = 2;")),
    ).toHaveLength(1);
  });

  test("let, unlike const, may be changed anywhere: it is not followed", () => {
    expect(
      told(project("{ a: rate }", "let rate = 1;"), project("{ a: rate }", "let rate = 2;")),
    ).toHaveLength(1);
  });
});

test("hostile modules are read and not run: loops of constants and exports end", () => {
  const files = {
    "e/a.ts":
      'import { b } from "./b.ts"; export const a = b; export * from "./b.ts"; process.exit(1);',
    "e/b.ts":
      'import { a } from "./a.ts"; export const b = a; export * from "./a.ts"; export { c } from "./a.ts";',
    "e/x.ts":
      'import { defineConfig } from "lockstep"; import { a, c } from "./a.ts"; const d = { e: d }; export default defineConfig({ a, c, d, ["__proto__"]: 1, missing: nowhere });',
  };
  expect(told(files, files)).toStrictEqual([]);
  expect(told({}, files)).toContain("added e/x.ts#default");
});
