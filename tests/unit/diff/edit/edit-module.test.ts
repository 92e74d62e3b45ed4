/** Changes written into modules: only what must change does, and what is computed is refused with its place. */
import { expect, test } from "vitest";
import type { JsonValue } from "../../../../src/core/json.ts";
import { editModule, type Wanted } from "../../../../src/diff/edit/edit-module.ts";

const options = { file: "experiments/x.ts", width: 80, isLast: false };
const set = (path: Wanted["path"], value: JsonValue): Wanted => ({ kind: "value", path, value });
const drop = (path: Wanted["path"], isInherited = false): Wanted => ({
  kind: "nothing",
  path,
  isInherited,
});

const head = 'import { extend } from "lockstep";\nimport base from "./base.ts";\n\n';
const module = `${head}// Why it is so.
export default extend(base, {
  seed: 1, // the first
  model: { kind: "mlp", sizes: [1, 2] },
  optimizer: {
    // tuned
    learningRate: 1_000, // by hand
    kind: 'adam'
  },
} as const);
`;

test("a value that is written out is replaced where it stands, and nothing else", () => {
  const edit = (wanted: Wanted): string => editModule(module, wanted, options);
  expect(edit(set(["seed"], 2))).toBe(module.replace("seed: 1,", "seed: 2,"));
  expect(edit(set(["optimizer", "learningRate"], 0.5))).toBe(module.replace("1_000", "0.5"));
  expect(edit(set(["model", "sizes"], [3]))).toBe(module.replace("[1, 2]", "[3]"));
  expect(edit(set(["model", "kind"], null))).toBe(module.replace('"mlp"', "null"));
});

test("a new value becomes the last field of the innermost object", () => {
  const edit = (wanted: Wanted): string => editModule(module, wanted, options);
  expect(edit(set(["tags"], ["a"]))).toBe(
    module.replace("  },\n} as", '  },\n  tags: ["a"],\n} as'),
  );
  expect(edit(set(["optimizer", "beta1"], 0.9))).toBe(
    module.replace("kind: 'adam'\n", "kind: 'adam',\n    beta1: 0.9,\n"),
  );
  expect(edit(set(["model", "deep", "a b"], 1))).toBe(
    module.replace("[1, 2] }", '[1, 2], deep: { "a b": 1 } }'),
  );
  const commented = module.replace(
    "[1, 2] },",
    "[1, 2] }, // a comment that is far longer than the line may be",
  );
  expect(editModule(commented, set(["model", "width"], 1), options)).toBe(
    commented.replace("[1, 2] },", "[1, 2], width: 1 },"),
  );
  const long = "l".repeat(50);
  expect(edit(set(["model", "name"], long))).toBe(
    module.replace(
      '{ kind: "mlp", sizes: [1, 2] }',
      `{\n    kind: "mlp",\n    sizes: [1, 2],\n    name: "${long}",\n  }`,
    ),
  );
});

test("a field goes with its line and the comment on it; an inherited one is taken away by name", () => {
  const edit = (wanted: Wanted): string => editModule(module, wanted, options);
  expect(edit(drop(["seed"]))).toBe(module.replace("  seed: 1, // the first\n", ""));
  expect(edit(drop(["model", "kind"]))).toBe(module.replace('kind: "mlp", ', ""));
  expect(edit(drop(["model", "sizes"]))).toBe(module.replace(", sizes: [1, 2]", ""));
  expect(edit(drop(["optimizer", "kind"]))).toBe(module.replace("    kind: 'adam'\n", ""));
  expect(edit(drop(["training", "numSteps"]))).toBe(module);
  expect(edit(drop(["training", "numSteps"], true))).toBe(
    module
      .replace("{ extend }", "{ extend, remove }")
      .replace("  },\n} as", "  },\n  training: { numSteps: remove() },\n} as"),
  );
});

test("without an object of its own, or behind other layers, one more is written", () => {
  const bare = `${head}const it = extend(base, preset["a"]);\nexport default it;\n`;
  expect(editModule(bare, set(["seed"], 2), options)).toBe(
    bare.replace('["a"])', '["a"], {\n  seed: 2,\n})'),
  );
  const covered = `${head}export default extend(base, { seed: 1 }, preset);\n`;
  expect(editModule(covered, set(["seed"], 2), options)).toContain("{ seed: 2 }, preset)");
  expect(editModule(covered, set(["seed"], 2), { ...options, isLast: true })).toContain(
    "{ seed: 1 }, preset, {\n  seed: 2,\n})",
  );
});

test("an axis gets other values, or takes the place of one value", () => {
  const axis: Wanted = { kind: "axis", path: ["seed"], values: [1, 2] };
  expect(editModule(module, axis, options)).toBe(
    module.replace("{ extend }", "{ extend, choice }").replace("seed: 1", "seed: choice(1, 2)"),
  );
  const swept =
    'import { choice, extend } from "lockstep";\nexport default extend(base, { seed: choice(1, 3) });\n';
  expect(editModule(swept, axis, options)).toBe(swept.replace("1, 3", "1, 2"));
});

test.each([
  ["export default extend(base, { seed: SEED });", "experiments/x.ts:1: seed is computed: SEED."],
  ["export default extend(base, { seed: choice(1, 2) });", "seed is computed: choice(1, 2)."],
  ["export default extend(base, { seed });", "seed is computed: seed."],
  [
    "export default extend(base, { seed: derived((c) =>\n c.a) });",
    "seed is computed: derived((c) => c.a).",
  ],
  ["export { default } from './y.ts';", "the default export is no call of extend or defineConfig."],
  [
    "import it from './y.ts';\nexport default it;",
    "experiments/x.ts:2: the default export is no call",
  ],
])("what only running would tell is refused: %s", (text, message) => {
  expect(() => editModule(text, set(["seed"], 2), options)).toThrow(message);
});

test("another thing of the name that must be imported is not taken for Lockstep's", () => {
  const text = 'import { remove } from "./files.ts";\nexport default extend(base, {});\n';
  expect(() => editModule(text, drop(["seed"], true), options)).toThrow(
    "experiments/x.ts:1: remove is another thing here than Lockstep's remove",
  );
});
