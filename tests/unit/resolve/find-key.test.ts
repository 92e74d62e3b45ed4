import * as parser from "oxc-parser";
import { expect, test } from "vitest";
import type { Path } from "../../../src/core/path.ts";
import { createKeyFinder } from "../../../src/resolve/find-key.ts";

const main = `import { common, nested as other } from "./lib.ts";
import * as all from "./lib.ts";
const name = "computed";
const local = { inner: { a: 1, list: [{ size: 1 }, { size: 2 }] } } as const;
export default define({
  plain: 1,
  "quoted key": 2,
  [name]: 3,
  [unknown()]: 4,
  deep: (local.inner satisfies object)!,
  other,
  swapped: replace({ x: 1 }),
  ...common,
  ...make(3),
  cond: flag ? { a: 1 } : { a: 2 },
  loop,
});
const loop = loop2, loop2 = loop;
`;
const lib = `export const nested = { leaf: 1 };
const hidden = {
  rate: 1,
  plain: 9,
};
export { hidden as common };
`;

const texts: Readonly<Record<string, string>> = { "/p/main.ts": main, "/p/lib.ts": lib };
const finder = createKeyFinder(parser, (file) => texts[file]);
const call = { file: "/p/main.ts", line: 5, column: 16 };

function find(path: Path): string | undefined {
  const found = finder.find(call, { argument: 0, keys: [], path: [] }, path);
  return (
    found && `${found.file.slice(3)}:${found.line}:${found.column}${found.isKey ? "" : " about"}`
  );
}

test.each<[string, Path, string | undefined]>([
  ["a quoted key", ["quoted key"], "main.ts:7:3"],
  ["a key computed from a constant", ["computed"], "main.ts:8:3"],
  ["a key behind names and wrappers of types", ["deep", "a"], "main.ts:4:26"],
  ["an item of a list", ["deep", "list", 1, "size"], "main.ts:4:54"],
  ["an imported name", ["other", "leaf"], "lib.ts:1:25"],
  ["a spread of an imported literal", ["rate"], "lib.ts:3:3"],
  ["the later of two that write a key", ["plain"], "lib.ts:4:3"],
  ["what replace() holds", ["swapped", "x"], "main.ts:12:22"],
  ["a condition, by the key that holds it", ["cond", "a"], "main.ts:15:3 about"],
  ["names that mean each other", ["loop", "a"], "main.ts:16:3 about"],
  ["anything else, by the last spread or key that may hold it", ["made"], "main.ts:14:3 about"],
])("%s is found", (_name, path, place) => {
  expect(find(path)).toBe(place);
});

test("a preset's literal lies under its name, and is written for its own path", () => {
  const text = 'const g = task.presets("model", { tiny: { size: 1 } });';
  const presets = createKeyFinder(parser, () => text);
  const at = { file: "/p/x.ts", line: 1, column: 16 };
  const literal = { argument: 1, keys: ["tiny"], path: ["model"] };
  expect(presets.find(at, literal, ["model", "size"])).toMatchObject({ column: 43, isKey: true });
  expect(presets.find(at, literal, ["seed"])).toBeUndefined();
});

test("where nothing is known of the call, nothing is claimed", () => {
  const literal = { argument: 0, keys: [], path: [] };
  expect(finder.find({ ...call, line: 3 }, literal, ["plain"])).toBeUndefined();
  expect(finder.find({ ...call, line: 99 }, literal, ["plain"])).toBeUndefined();
  expect(finder.find({ ...call, file: "/p/gone.ts" }, literal, ["plain"])).toBeUndefined();
  expect(finder.find(call, { ...literal, argument: 3 }, ["plain"])).toBeUndefined();
});
