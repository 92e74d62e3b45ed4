/** Overrides inside of the combinators of the command line: lists as axes, and the nodes that they become. */
import type { CombinatorCall } from "../../config/combinator-call.ts";
import { createMarker } from "../../config/markers.ts";
import type { Override } from "../../config/override.ts";
import type { JsonValue } from "../../core/json.ts";
import { formatPath, valueAt } from "../../core/path.ts";
import type { Alternative, GivenOverride } from "../check-overrides.ts";
import { commandLineSteps, type CommandLineLayer, type CommandLineStep } from "../command-line.ts";
import { IndexEdit, type Layer } from "../layers.ts";
import { fieldOverrides } from "../object-overrides.ts";
import { placeOverride, type PlacedOverride, type PlaceRequest } from "../place-override.ts";
import type { Place } from "../problems.ts";
import { listView, viewsAt } from "../schema-queries.ts";
import type { ShownValue, SpaceNode } from "./space-nodes.ts";
import type { VariantNames } from "./variant-names.ts";

/** What converting asks for, beside the call. */
export interface CombinatorScope {
  readonly request: PlaceRequest;
  /** The whole argument of the command line. */
  readonly argument?: string;
  readonly names: VariantNames;
  /** The names of axes that are taken along the way; grows. */
  readonly used: Set<string>;
  /** Puts values under the new names of their paths. */
  readonly move: <L extends Layer>(layer: L) => L;
  /** For axes over presets and references: the name by the value that stands for it; grows. */
  readonly valueNames: Map<unknown, string>;
  /** Every override that was read, for what they say against each other; grows. */
  readonly given: GivenOverride[];
  readonly within: readonly Alternative[];
  readonly isInAllRuns: boolean;
}

/** Where a combinator stands, for problems. */
export function placeOf({ text }: CombinatorCall): Place {
  const source = { kind: "commandLine", text } as const;
  return { kind: "layer", layer: { label: "command line", patch: undefined, source }, path: [] };
}

/** Reports what is wrong with a combinator. */
export function refuse(call: CombinatorCall, message: string, { request }: CombinatorScope): void {
  request.report({ path: [], message: `${call.kind}(): ${message}`, place: placeOf(call) });
}

/** An override inside of a combinator as nodes; one that cannot be placed is reported and makes none. */
export function overrideNodes(override: Override, scope: CombinatorScope): readonly SpaceNode[] {
  const { request } = scope;
  const placed = placePart(override, scope);
  if (placed === undefined) return [];
  const fields = fieldOverrides(withAxis(placed, request), request);
  remember(fields, scope);
  return placedNodes(fields, scope);
}

/** Finds the place of an axis inside of a combinator, and remembers that it was given. */
export function placeInside(
  override: Override,
  scope: CombinatorScope,
): PlacedOverride | undefined {
  const placed = placePart(override, scope);
  if (placed !== undefined) remember([{ ...placed, override: asAxis(override) }], scope);
  return placed;
}

function placePart(
  override: Override,
  { request, argument }: CombinatorScope,
): PlacedOverride | undefined {
  const placed = placeOverride(override, request);
  const source = placed?.source.source;
  const isRedacted = placed?.override.text !== override.text;
  if (placed === undefined || source?.kind !== "commandLine" || isRedacted) return placed;
  const whole = argument === undefined ? source : { ...source, argument };
  return { ...placed, source: { ...placed.source, source: whole } };
}

function remember(
  placed: readonly PlacedOverride[],
  { given, within, isInAllRuns }: CombinatorScope,
): void {
  for (const one of placed) given.push({ placed: one, isArgument: false, isInAllRuns, within });
}

/** Overrides whose places are known, as nodes in the order written. */
export function placedNodes(
  placed: readonly PlacedOverride[],
  { request, move, valueNames }: CombinatorScope,
): readonly SpaceNode[] {
  return commandLineSteps(placed, request).map((step) => {
    const moved = movedStep(step, move);
    for (const { names } of layersOf(moved))
      for (const [value, name] of names) valueNames.set(value, name);
    return stepNode(moved);
  });
}

function movedStep(step: CommandLineStep, move: CombinatorScope["move"]): CommandLineStep {
  if (step.kind === "layers") return { ...step, layers: step.layers.map((one) => move(one)) };
  const alternatives = step.alternatives.map((one) => {
    return { ...one, layers: one.layers.map((layer) => move(layer)) };
  });
  return { ...step, alternatives };
}

function layersOf(step: CommandLineStep): readonly CommandLineLayer[] {
  return step.kind === "layers" ? step.layers : step.alternatives.flatMap(({ layers }) => layers);
}

function stepNode(step: CommandLineStep): SpaceNode {
  if (step.kind === "layers") return { kind: "commandLine", layers: step.layers };
  const { name, path } = step;
  const alternatives = step.alternatives.map(({ shown, isName, layers }, index) => ({
    index,
    values: [{ name, value: shown, ...(path && { path }), ...(isName && { isName }) }],
    nodes: [{ kind: "commandLine", layers } as const],
  }));
  return { kind: "alternatives", alternatives };
}

/**
 * A list is an axis inside of combinators, over presets and profiles too; only a field that takes lists takes a list as
 * its value, unless that is a list of lists.
 */
function withAxis(placed: PlacedOverride, { view }: PlaceRequest): PlacedOverride {
  const { override, path, group } = placed;
  const { value, operation } = override;
  const isSet = operation === "set" || operation === "forceAdd" || operation === "add";
  if (!isSet || !Array.isArray(value) || value.length === 0) return placed;
  const takesLists =
    group?.kind !== "profiles" &&
    viewsAt(view, path).some((one) =>
      [one, ...one.options()].some(
        (option) => listView(option) !== undefined || option.shape === "unknown",
      ),
    );
  return takesLists && !value.every((item) => Array.isArray(item))
    ? placed
    : { ...placed, override: asAxis(override) };
}

/** With its list as the values of an axis. */
export function asAxis(override: Override): Override {
  const { value, index } = override;
  if (!Array.isArray(value)) return override;
  const call = { file: "command line", line: index + 1, column: 1 };
  return { ...override, value: createMarker({ kind: "choice", values: value, call }) };
}

/** What a layer of the command line writes at its path. */
export function writtenValue({ patch, path }: CommandLineLayer): unknown {
  let value = patch;
  for (const part of path)
    value = value instanceof IndexEdit ? value.patch : valueAt(value, [part]);
  return value;
}

/** What a layer writes, as plans show it. */
export function shownValue(layer: CommandLineLayer): ShownValue {
  const { path, names } = layer;
  const value = writtenValue(layer);
  const name = names.get(value);
  const isName = name !== undefined;
  return { name: formatPath(path), path, value: name ?? (value as JsonValue), isName }; // checked when it is merged
}
