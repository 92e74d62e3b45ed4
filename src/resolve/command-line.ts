/**
 * Overrides of the command line as layers: aliases and presets looked up, paths checked against the schema, values
 * typed by the field that they are for. They are one step in time: what excludes each other cannot both be given.
 */
import { isCombinator, parseArgument, type CombinatorCall } from "../config/combinator-call.ts";
import type { Override } from "../config/override.ts";
import type { JsonValue } from "../core/json.ts";
import { ExpError, isExpError } from "../core/errors.ts";
import { formatPath, type Path } from "../core/path.ts";
import { checkOverrides } from "./check-overrides.ts";
import { choosePreset, type PresetAlternative } from "./choose-preset.ts";
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

/** What follows in time: layers, or one of several lists of layers in each run. */
export type CommandLineStep =
  | { readonly kind: "layers"; readonly layers: readonly CommandLineLayer[] }
  | {
      readonly kind: "alternatives";
      /** What stands before the `=`: the path of presets, the name of profiles. */
      readonly name: string;
      readonly alternatives: readonly CommandLineAlternative[];
    };

export interface CommandLineAlternative {
  /** How plans show it. */
  readonly shown: JsonValue;
  readonly layers: readonly CommandLineLayer[];
}

/**
 * A command line in the order in which it is merged: what chooses presets, profiles or a union's kind first, since it
 * decides which fields there are and is the more general word, then everything else as written.
 */
export function commandLineSteps(request: CommandLine): readonly CommandLineStep[] {
  const placed = request.overrides.flatMap((override) => placeOverride(override, request) ?? []);
  const entries = checkOverrides(placed, request).map((one) => toEntry(one, request));
  const ordered = [
    ...entries.filter(({ chooses }) => chooses),
    ...entries.filter(({ chooses }) => !chooses),
  ];
  const steps: CommandLineStep[] = [];
  for (const { step } of ordered) {
    const last = steps.at(-1);
    if (step.kind === "layers" && last?.kind === "layers")
      steps.splice(-1, 1, { kind: "layers", layers: [...last.layers, ...step.layers] });
    else steps.push(step);
  }
  return steps;
}

/** The layers of a part of a command line in which nothing but values of fields varies; anything else is refused. */
export function commandLineLayers(request: CommandLine): readonly CommandLineLayer[] {
  return commandLineSteps(request).flatMap((step) => {
    if (step.kind === "layers") return step.layers;
    const [layer] = step.alternatives.flatMap(({ layers }) => layers);
    const message = `${step.name} varies in more than one field here; write it as an argument of its own`;
    const place = layer && ({ kind: "layer", layer, path: layer.path } as const);
    request.report({ path: [], message, ...(place && { place }) });
    return [];
  });
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
  const errors: ExpError[] = [];
  const parsed = texts.flatMap((text, index) => {
    try {
      return [parseArgument(text, index)];
    } catch (error) {
      if (!isExpError(error)) throw error;
      errors.push(error);
      return [];
    }
  });
  if (errors.length > 0) throw allOf(errors);
  return {
    overrides: parsed.flatMap((argument) => (isCombinator(argument) ? [] : [argument])),
    combinators: parsed.filter(isCombinator),
  };
}

/** Each keeps its text and caret; several are told one after the other. */
function allOf(errors: readonly ExpError[]): ExpError {
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  const messages = errors.map(({ message }) => message).join("\n");
  const hints = [...new Set(errors.flatMap(({ hint }) => hint ?? []))];
  return new ExpError("usage", messages, hints.length === 0 ? {} : { hint: hints.join("\n") });
}

function isKind(view: SchemaView, key: string | number | undefined): boolean {
  return view.shape === "union" && view.discriminator === key;
}

interface Entry {
  readonly step: CommandLineStep;
  readonly chooses: boolean;
}

function toEntry(written: PlacedOverride, request: CommandLine): Entry {
  const { view, report } = request;
  const placed = withReferences(written, request);
  const { override, path, source } = placed;
  const views = viewsAt(view, path);
  const common = { ...source, path, operation: override.operation };
  const choice = choosePreset(placed, { views, report });
  if (choice?.kind === "alternatives")
    return { step: alternativesStep(placed, choice.alternatives, request), chooses: true };
  if (choice !== undefined) {
    const layers = choice.presets.map((preset) => ({ ...common, ...preset }));
    return { step: { kind: "layers", layers }, chooses: true };
  }
  const chooses = viewsAt(view, path.slice(0, -1)).some((one) => isKind(one, path.at(-1)));
  const problem = override.operation === "remove" ? removalProblem(path, view) : undefined;
  const value = problem ?? operationValue(override, views);
  if (typeof value === "string") {
    report({ path, message: value, place: { kind: "layer", layer: source, path } });
    return { step: { kind: "layers", layers: [] }, chooses };
  }
  const layer = { ...common, patch: patchAt(path, value.value), names: value.names };
  return { step: { kind: "layers", layers: [layer] }, chooses };
}

/** Each value as if it had been given alone. */
function alternativesStep(
  placed: PlacedOverride,
  alternatives: readonly PresetAlternative[],
  request: CommandLine,
): CommandLineStep {
  const name = placed.group?.name ?? formatPath(placed.path);
  const made = alternatives.map(({ value, written, shown }) => {
    const { step } = toEntry(
      { ...placed, override: { ...placed.override, value, written } },
      request,
    );
    return { shown, layers: step.kind === "layers" ? step.layers : [] };
  });
  return { kind: "alternatives", name, alternatives: made };
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
