/**
 * Overrides of the command line as layers: aliases and presets looked up, paths checked against the schema, values
 * typed by the field that they are for. They are one step in time: what excludes each other cannot both be given.
 */
import { isCombinator, parseArgument, type CombinatorCall } from "../config/combinator-call.ts";
import type { Override } from "../config/override.ts";
import type { Path } from "../core/path.ts";
import { checkOverrides } from "./check-overrides.ts";
import { choosePreset } from "./choose-preset.ts";
import type { Layer } from "./layers.ts";
import { operationValue, patchAt, removalProblem } from "./operation-patch.ts";
import { placeOverride, type PlacedOverride, type PlaceRequest } from "./place-override.ts";
import { absoluteReferences } from "./references.ts";
import { viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** One override that the schema knows. */
export interface CommandLineLayer extends Layer {
  /** Empty for profiles. */
  readonly path: Path;
  readonly operation: Override["operation"];
  /** For axes over what is no plain data, such as presets: the name by the value that stands for it. */
  readonly names: ReadonlyMap<unknown, string>;
}

export interface CommandLine extends PlaceRequest {
  readonly overrides: readonly Override[];
}

/**
 * The layers of a command line in the order in which they are merged: what chooses presets, profiles or a union's kind
 * first, since it decides which fields there are and is the more general word, then everything else as written.
 */
export function commandLineLayers(request: CommandLine): readonly CommandLineLayer[] {
  const placed = request.overrides.flatMap((override) => placeOverride(override, request) ?? []);
  const layers = checkOverrides(placed, request).flatMap((one) => toLayers(one, request));
  const isChoice = ({ path, chooses }: (typeof layers)[number]): boolean =>
    chooses || viewsAt(request.view, path.slice(0, -1)).some((view) => isKind(view, path.at(-1)));
  return [...layers.filter(isChoice), ...layers.filter((layer) => !isChoice(layer))];
}

/** The arguments of a command line, read but not yet looked up. */
export interface ParsedArguments {
  readonly overrides: readonly Override[];
  /** Those that combine changes, such as `zip(…)`. */
  readonly combinators: readonly CombinatorCall[];
}

/**
 * Reads arguments of the command line.
 * @throws {ExpError} `usage` for a malformed one.
 */
export function parseArguments(texts: readonly string[]): ParsedArguments {
  const parsed = texts.map((text, index) => parseArgument(text, index));
  return {
    overrides: parsed.flatMap((argument) => (isCombinator(argument) ? [] : [argument])),
    combinators: parsed.filter(isCombinator),
  };
}

function isKind(view: SchemaView, key: string | number | undefined): boolean {
  return view.shape === "union" && view.discriminator === key;
}

function toLayers(
  written: PlacedOverride,
  request: CommandLine,
): readonly (CommandLineLayer & { readonly chooses: boolean })[] {
  const { view, report } = request;
  const placed = withReferences(written, request);
  const { override, path, source } = placed;
  const views = viewsAt(view, path);
  const common = { ...source, path, operation: override.operation };
  const presets = choosePreset(placed, { views, report });
  if (presets !== undefined)
    return presets.map((preset) => ({ ...common, ...preset, chooses: true }));
  const problem = override.operation === "remove" ? removalProblem(path, view) : undefined;
  const value = problem ?? operationValue(override, views);
  if (typeof value !== "string")
    return [{ ...common, patch: patchAt(path, value.value), names: value.names, chooses: false }];
  report({ path, message: value, place: { kind: "layer", layer: source, path } });
  return [];
}

function withReferences(placed: PlacedOverride, request: CommandLine): PlacedOverride {
  const { override, path, source } = placed;
  const isItem = override.operation === "append" && !Array.isArray(override.value);
  const value = absoluteReferences(override.value, isItem ? [...path, 0] : path, {
    ...request,
    refuse: (problem) =>
      request.report({ ...problem, path, place: { kind: "layer", layer: source, path } }),
  });
  return { ...placed, override: { ...override, value } };
}
