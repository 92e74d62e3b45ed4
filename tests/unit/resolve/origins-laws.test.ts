/**
 * Whoever is said to have set a value really did: without that one write, the value is another one, is gone, or cannot be
 * resolved. Every number that a write holds stands in no other, so that no two writes can give the same value.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { choice } from "../../../src/config/axes.ts";
import { append, prepend, remove, replace } from "../../../src/config/changes.ts";
import { derived } from "../../../src/config/deferred.ts";
import { layerData } from "../../../src/config/definition.ts";
import { defineTask } from "../../../src/config/define-task.ts";
import { isPlainObject } from "../../../src/core/json.ts";
import { formatPath, valueAt, type Path } from "../../../src/core/path.ts";
import type { Assignment } from "../../../src/resolve/assignments.ts";
import type { ResolvedDefinition } from "../../../src/resolve/resolve-definition.ts";
import { writtenText } from "../../../src/resolve/written-text.ts";
import { groupsOf, resolveWith, untyped } from "./support/small-task.ts";

const count = z.int().default(0);
const task = defineTask({
  name: "laws",
  schema: z.strictObject({
    pair: z.strictObject({ a: count, b: count }).prefault({}),
    record: z.record(z.string(), z.int()).default({}),
    list: z.array(z.int()).default([]),
    items: z.array(z.strictObject({ size: z.int(), act: count })).default([]),
    choice: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("one"), rate: count, beta: count }),
        z.strictObject({ kind: z.literal("two"), rate: count, gamma: count }),
      ])
      .prefault({ kind: "one" }),
  }),
  run: async function* run() {},
});
const { defineConfig, fragment, presets } = task;

const groups = groupsOf(
  presets("choice", {
    first: { kind: "one", rate: 1001 },
    second: { kind: "two", gamma: 1002 },
    third: { kind: "one", rate: 1003, beta: 1004 },
  }),
  presets("pair", {
    both: { a: 1005, b: 1006 },
    single: { b: 1007 },
    other: { a: 1008 },
  }),
);

/** One write, made with numbers of its own: a patch of a module, or an argument of the command line. */
type Write = (number: () => number) => { readonly patch: object } | { readonly argument: string };

const patches: readonly Write[] = [
  (n) => ({ patch: { pair: { a: n() } } }),
  (n) => ({ patch: { pair: { a: n(), b: n() } } }),
  (n) => ({ patch: { pair: replace({ b: n() }) } }),
  (n) => ({ patch: { pair: { b: choice(n(), n()) } } }),
  (n) => ({ patch: { pair: choice({ a: n() }, { a: n(), b: n() }) } }),
  () => ({ patch: { pair: { a: remove() } } }),
  (n) => {
    const value = n();
    return { patch: { pair: { a: derived(() => value) } } };
  },
  (n) => ({ patch: { record: { x: n() } } }),
  (n) => ({ patch: { record: choice({ x: n(), y: n() }, { z: n() }) } }),
  () => ({ patch: { record: { z: remove() } } }),
  (n) => ({ patch: { list: [n(), n()] } }),
  (n) => ({ patch: { list: append(n()) } }),
  (n) => ({ patch: { list: prepend(n(), n()) } }),
  (n) => ({ patch: { items: [{ size: n() }, { size: n(), act: n() }] } }),
  (n) => ({ patch: { items: prepend({ size: n() }) } }),
  (n) => ({ patch: { choice: { rate: n() } } }),
  (n) => ({ patch: { choice: { kind: "two", gamma: n() } } }),
  (n) => ({ patch: { choice: choice({ kind: "one", beta: n() }, { kind: "two", rate: n() }) } }),
];
const overrides: readonly Write[] = [
  (n) => ({ argument: `pair.a=${n()}` }),
  (n) => ({ argument: `pair={b:${n()}}` }),
  (n) => ({ argument: `pair:={a:${n()}}` }),
  (n) => ({ argument: `pair.b=${n()},${n()}` }),
  () => ({ argument: "~pair.b" }),
  () => ({ argument: "pair=other" }),
  () => ({ argument: "pair=single,both" }),
  (n) => ({ argument: `record.y=${n()}` }),
  () => ({ argument: "~record.x" }),
  () => ({ argument: "~record.y" }),
  (n) => ({ argument: `list+=${n()}` }),
  (n) => ({ argument: `list[0]=${n()}` }),
  () => ({ argument: "~list[0]" }),
  (n) => ({ argument: `list=[${n()}],[${n()},${n()}]` }),
  (n) => ({ argument: `items[0].act=${n()}` }),
  (n) => ({ argument: `items[1].size=${n()}` }),
  () => ({ argument: "~items[1].act" }),
  () => ({ argument: "~items[0]" }),
  (n) => ({ argument: `items+={size:${n()}}` }),
  () => ({ argument: "choice=third" }),
  () => ({ argument: "choice=first,second" }),
  () => ({ argument: "choice.kind=two" }),
  (n) => ({ argument: `choice.rate=${n()}` }),
];

interface Written {
  readonly modules: readonly object[];
  readonly line: readonly string[];
}

function make(ofModules: readonly Write[], ofLine: readonly Write[]): Written {
  let last = 0;
  const made = [...ofModules, ...ofLine].map((write) => write(() => ++last));
  return {
    modules: made.flatMap((one) => ("patch" in one ? [fragment(untyped(one.patch))] : [])),
    line: made.flatMap((one) => ("argument" in one ? [one.argument] : [])),
  };
}

function resolved({ modules, line }: Written): ResolvedDefinition {
  const [...layers] = modules as readonly ReturnType<typeof fragment>[];
  return resolveWith(defineConfig({}, ...layers), line, groups);
}

/** What was written but for the one write that an assignment comes from. */
function without({ layer }: Assignment, { modules, line }: Written): Written {
  const { source } = layer;
  const argument = source.kind === "commandLine" ? source.text : source.chosenBy;
  if (argument !== undefined) return { modules, line: line.filter((one) => one !== argument) };
  const isOther = (one: object): boolean => {
    const data = layerData(one);
    return data?.kind !== "patch" || data.patch !== layer.patch;
  };
  return { modules: modules.filter(isOther), line };
}

function leavesOf(value: unknown, path: Path): readonly Path[] {
  if (Array.isArray(value) && value.length > 0)
    return [path, ...value.flatMap((item, index) => leavesOf(item, [...path, index]))];
  if (!isPlainObject(value) || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, [...path, key]));
}

/** Where the law does not hold for a run; empty where it does. */
function violations(written: Written): readonly string[] {
  return resolved(written).runs.flatMap(({ config, assignments }) =>
    leavesOf(config, []).flatMap((path) => {
      if (path.at(-1) === "kind") return []; // only a few texts are kinds
      const text = JSON.stringify(valueAt(config, path));
      const holders = assignments.holders(path);
      if (holders.length === 0)
        return ["0", "[]", "{}"].includes(text) ? [] : [`nobody set ${formatPath(path)}=${text}`];
      // Of a list whose items were all changed one by one, its first writer gave no more than their number.
      if (
        Array.isArray(valueAt(config, path)) &&
        holders.some((one) => one.path.length > path.length)
      )
        return [];
      return holders.flatMap((holder) => {
        numChecked++;
        const { runs, problems } = resolved(without(holder, written));
        const isSame = runs.some((one) => JSON.stringify(valueAt(one.config, path)) === text);
        if (!isSame || problems.length > 0) return [];
        return [`${writtenText(holder.layer.patch)} did not set ${formatPath(path)}=${text}`];
      });
    }),
  );
}

let numChecked = 0;

test("without what is said to have set a value, the value is another one", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...patches), { maxLength: 5 }),
      fc.uniqueArray(fc.constantFrom(...overrides), { maxLength: 3 }),
      (ofModules, ofLine) => {
        expect(violations(make(ofModules, ofLine))).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
  expect(numChecked).toBeGreaterThan(200);
});
