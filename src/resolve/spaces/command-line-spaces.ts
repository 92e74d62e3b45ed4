/** Combinators of the command line, `zip(lr=[1e-4,3e-4], seed=[1,2])`, as the nodes that modules make. */
import type { CombinatorCall, CombinatorPart, Comparison } from "../../config/combinator-call.ts";
import { markerData } from "../../config/markers.ts";
import type { Override } from "../../config/override.ts";
import type { Written } from "../../config/override-value.ts";
import { isPlainObject } from "../../core/json.ts";
import { parsePath, type Path } from "../../core/path.ts";
import { hasAxis } from "../axes.ts";
import {
  asAxis,
  overrideNodes,
  placedNodes,
  placeInside,
  placeOf,
  refuse,
  shownValue,
  writtenValue,
  type CombinatorScope,
} from "./combinator-changes.ts";
import type { CommandLineLayer } from "../command-line.ts";
import { zipAlternatives } from "./command-line-zip.ts";
import { conditionOf } from "./comparisons.ts";
import type { Check } from "./conditions.ts";
import type { Alternative, SpaceNode } from "./space-nodes.ts";
import { writtenAt } from "../type-value.ts";

/** The nodes of one combinator; what is wrong with it is reported. */
export function combinatorNode(call: CombinatorCall, scope: CombinatorScope): SpaceNode {
  switch (call.kind) {
    case "zip":
      return alternatives(zipAlternatives(call, scope));
    case "variants":
      return alternatives(variantAlternatives(call, scope));
    case "product":
      return { kind: "sequence", nodes: changeNodes(call, scope) };
    case "concat":
      return alternatives(concatAlternatives(call, scope));
    case "when":
      return whenNode(call, scope);
    case "filter":
      return { kind: "filter", check: checkOf(call, "filter", scope) };
    case "repeat":
      return repeatNode(call, scope);
  }
}

function whenNode(call: CombinatorCall, scope: CombinatorScope): SpaceNode {
  const changes = call.parts.filter(({ kind }) => kind !== "comparison");
  if (changes.length === 0) refuse(call, "needs a change behind its condition", scope);
  const nodes = changeNodes(call, { ...scope, isInAllRuns: false });
  return { kind: "when", check: checkOf(call, "when", scope), nodes };
}

/** What is wrong was told; the other arguments are still to be looked at, in a run that goes without this one. */
function alternatives(list: readonly Alternative[] | undefined): SpaceNode {
  return list === undefined
    ? { kind: "sequence", nodes: [] }
    : { kind: "alternatives", alternatives: list };
}

/** The changes of a call, in order. */
function changeNodes(call: CombinatorCall, scope: CombinatorScope): readonly SpaceNode[] {
  return call.parts.flatMap((part) => changeNode(part, scope));
}

function changeNode(part: CombinatorPart, scope: CombinatorScope): readonly SpaceNode[] {
  if (part.kind === "call") return [combinatorNode(part.call, scope)];
  return part.kind === "override" ? overrideNodes(part.override, scope) : [];
}

function concatAlternatives(call: CombinatorCall, scope: CombinatorScope): readonly Alternative[] {
  const ways = call.parts.map((part) => (own: CombinatorScope) => {
    const nodes = changeNode(part, own);
    const plain = nodes.flatMap((node) =>
      node.kind === "commandLine" ? node.layers.filter(isPlain) : [],
    );
    return { nodes, values: plain.map(shownValue) };
  });
  return forked(call, ways, scope);
}

/** One value that stands in the config as it was written. */
function isPlain(layer: CommandLineLayer): boolean {
  const value = writtenValue(layer);
  return layer.path.length > 0 && markerData(value) === undefined && !hasAxis(layer.patch);
}

type Way = (scope: CombinatorScope) => Omit<Alternative, "index">;

/** Ways that part here do not see each other's names of axes; what follows sees them all. */
function forked(
  fork: CombinatorCall,
  ways: readonly Way[],
  scope: CombinatorScope,
): readonly Alternative[] {
  const before = [...scope.used];
  return ways.map((way, index) => {
    const used = new Set(before);
    const within = [...scope.within, { fork, index }];
    const made = way({ ...scope, used, within, isInAllRuns: false });
    for (const name of used) scope.used.add(name);
    return { index, ...made };
  });
}

function variantAlternatives(
  call: CombinatorCall,
  scope: CombinatorScope,
): readonly Alternative[] | undefined {
  const variants = call.parts.flatMap((part) => (part.kind === "variant" ? [part] : []));
  const [first] = call.parts;
  const given = first?.kind === "value" ? first.value : undefined;
  if (given !== undefined && typeof given !== "string")
    refuse(call, "the name of the axis is a text", scope);
  if (variants.length === 0) {
    refuse(call, "needs named changes, such as small={seed:1}", scope);
    return undefined;
  }
  const names = variants.map(({ name }) => name);
  const own = typeof given === "string" ? given : undefined;
  const axis = scope.names.nameAxis({ axis: own, names, place: placeOf(call) }, scope.used);
  const ways = variants.map(({ name, value, written, text }) => (own: CombinatorScope) => {
    const values = [{ name: axis, value: name }];
    if (!isPlainObject(value)) {
      refuse(call, `${text} is no object of changes, such as {seed:1}`, scope);
      return { values, nodes: [] };
    }
    const overrides = entriesOf(value, written, call);
    return { values, nodes: overrides.flatMap((one) => overrideNodes(one, own)) };
  });
  const all = forked(call, ways, scope);
  return all.filter((_, index) => scope.names.isChosen(axis, names[index] ?? ""));
}

/** An object of changes as one override a key. */
function entriesOf(
  changes: Record<string, unknown>,
  written: Written,
  { text, index }: CombinatorCall,
): readonly Override[] {
  return Object.entries(changes).map(([name, value]) => {
    const key: Path = parsePath(name) ?? [name];
    const own = writtenAt(written, name);
    return { text, index, operation: "set", key, value, hasValue: true, written: own };
  });
}

function checkOf(call: CombinatorCall, name: Check["name"], { request }: CombinatorScope): Check {
  const place = placeOf(call);
  const comparisons = call.parts.flatMap((part): readonly Comparison[] =>
    part.kind === "comparison" ? [part.comparison] : [],
  );
  return { name, condition: conditionOf(comparisons, request, place), place };
}

const maxSeeds = 1_000_000;

function repeatNode(call: CombinatorCall, scope: CombinatorScope): SpaceNode {
  const [part, ...others] = call.parts;
  const value = part?.kind === "value" ? part.value : undefined;
  const isCount = Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= maxSeeds;
  const seeds = isCount ? Array.from({ length: Number(value) }, (_, seed) => seed) : value;
  const isList = Array.isArray(seeds) && seeds.length > 0;
  if (!isList || others.length > 0) {
    refuse(call, `takes a number of seeds from 1 to ${maxSeeds}, or a list of seeds`, scope);
    return { kind: "sequence", nodes: [] };
  }
  const { text, index } = call;
  const seed = { text, index, operation: "set", key: ["seed"], value: seeds } as const;
  const axis = placeInside(asAxis({ ...seed, hasValue: true, written: undefined }), scope);
  return { kind: "sequence", nodes: placedNodes(axis === undefined ? [] : [axis], scope) };
}
