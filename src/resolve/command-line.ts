/**
 * Overrides of the command line as layers: aliases and presets looked up, paths checked against the schema, values
 * typed by the field that they are for.
 */
import { isCombinator, parseArgument, type CombinatorCall } from "../config/combinator-call.ts";
import type { Override } from "../config/override.ts";
import { markerData } from "../config/markers.ts";
import type { JsonValue } from "../core/json.ts";
import { ExpError, isExpError } from "../core/errors.ts";
import { formatPath, type Path } from "../core/path.ts";
import { choosePreset, type PresetAlternative } from "./choose-preset.ts";
import type { Layer } from "./layers.ts";
import { fieldOverrides, objectAlternatives, withValue } from "./object-overrides.ts";
import {
  operationValue,
  patchAt,
  refusedValues,
  removalProblem,
  type Refusal,
} from "./operation-patch.ts";
import type { PlacedOverride, PlaceRequest } from "./place-override.ts";
import { absoluteReferences } from "./references.ts";
import { unionView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/** One override that the schema knows. */
export interface CommandLineLayer extends Layer {
  /** Empty for profiles. */
  readonly path: Path;
  readonly operation: Override["operation"];
  /**
   * Whether it chooses presets, profiles or a union's kind. Such layers are merged before all others of the command line:
   * they decide which fields there are, and are the more general word.
   */
  readonly chooses: boolean;
  /** For axes over what is no plain data, such as presets: the name by the value that stands for it. */
  readonly names: ReadonlyMap<unknown, string>;
}

/** What follows in time: layers, or one of several lists of layers in each run. */
export type CommandLineStep =
  | { readonly kind: "layers"; readonly layers: readonly CommandLineLayer[] }
  | {
      readonly kind: "alternatives";
      /** What stands before the `=`: the path of presets and objects, the name of profiles. */
      readonly name: string;
      /** Where the values stand in the config; absent where they are names. */
      readonly path?: Path;
      readonly alternatives: readonly CommandLineAlternative[];
    };

export interface CommandLineAlternative {
  /** How plans show it. */
  readonly shown: JsonValue;
  /** Whether that is the text of what stands there, which is shown as it is. */
  readonly isName?: boolean;
  readonly layers: readonly CommandLineLayer[];
}

/** Overrides whose places are known as steps, in the order in which they are written. */
export function commandLineSteps(
  placed: readonly PlacedOverride[],
  request: PlaceRequest,
): readonly CommandLineStep[] {
  const steps: CommandLineStep[] = [];
  let open: CommandLineLayer[] | undefined;
  for (const one of placed) {
    const step = toStep(one, request);
    if (step.kind === "layers" && open !== undefined) {
      open.push(...step.layers);
      continue;
    }
    open = step.kind === "layers" ? [...step.layers] : undefined;
    steps.push(open === undefined ? step : { kind: "layers", layers: open });
  }
  return steps;
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
  return unionView(view)?.discriminator === key;
}

function toStep(written: PlacedOverride, request: PlaceRequest): CommandLineStep {
  const { view, report } = request;
  const placed = withReferences(written, request);
  const { override, path, source } = placed;
  const views = viewsAt(view, path);
  const common = { ...source, path, operation: override.operation };
  const choice = choosePreset(placed, { views, report });
  if (choice?.kind === "alternatives")
    return alternativesStep(placed, choice.alternatives, request);
  if (choice !== undefined) {
    const layers = choice.presets.map((preset) => ({ ...common, ...preset, chooses: true }));
    return { kind: "layers", layers };
  }
  const objects = objectAlternatives(written);
  if (objects !== undefined) return objectsStep(written, objects, request);
  const chooses = viewsAt(view, path.slice(0, -1)).some((one) => isKind(one, path.at(-1)));
  const problem = override.operation === "remove" ? removalProblem(path, view) : undefined;
  const refused = refusedValues(placed, views);
  const value = problem ?? operationValue(override, views);
  if (typeof value === "string" || refused.length > 0) {
    const refusals = typeof value === "string" ? [{ below: [], message: value }] : refused;
    return refuseAll(refusals, placed, report);
  }
  const layer = { ...common, chooses, patch: patchAt(path, value.value), names: value.names };
  return { kind: "layers", layers: [layer] };
}

function refuseAll(
  refusals: readonly Refusal[],
  { path, source }: PlacedOverride,
  report: PlaceRequest["report"],
): CommandLineStep {
  const place = { kind: "layer", layer: source, path } as const;
  for (const { below, message } of refusals) report({ path: [...path, ...below], message, place });
  return { kind: "layers", layers: [] };
}

/** Each value as if it had been given alone. */
function alternativesStep(
  placed: PlacedOverride,
  alternatives: readonly PresetAlternative[],
  request: PlaceRequest,
): CommandLineStep {
  const name = placed.group?.name ?? formatPath(placed.path);
  const made = alternatives.map(({ value, written, shown }) => {
    const step = toStep({ ...placed, override: { ...placed.override, value, written } }, request);
    return { shown, layers: step.kind === "layers" ? step.layers : [] };
  });
  return { kind: "alternatives", name, alternatives: made };
}

/** Each object of an axis as if it had been given alone: merged into what is there, its kind with the other kinds. */
function objectsStep(
  placed: PlacedOverride,
  values: readonly unknown[],
  request: PlaceRequest,
): CommandLineStep {
  const { path } = placed;
  const alternatives = values.map((value, index): CommandLineAlternative => {
    const fields = fieldOverrides(withValue(placed, value, index), request);
    const steps = commandLineSteps(fields, request);
    const inner = steps.find(({ kind }) => kind === "alternatives");
    if (inner !== undefined) {
      const message = "holds an axis of objects in an object of an axis; write one of them out";
      request.report({ path, message, place: { kind: "layer", layer: placed.source, path } });
    }
    const layers = steps.flatMap((step) => (step.kind === "layers" ? step.layers : []));
    const marker = markerData(value);
    if (marker?.kind === "reference") return { shown: marker.text, isName: true, layers };
    return { shown: value as JsonValue, layers }; // read from the config
  });
  return { kind: "alternatives", name: formatPath(path), path, alternatives };
}

function withReferences(placed: PlacedOverride, request: PlaceRequest): PlacedOverride {
  const { override, path, source } = placed;
  const isItem = override.operation === "append" && !Array.isArray(override.value);
  const value = absoluteReferences(override.value, isItem ? [...path, 0] : path, {
    ...request,
    refuse: (problem) =>
      request.report({ ...problem, path, place: { kind: "layer", layer: source, path } }),
  });
  return { ...placed, override: { ...override, value } };
}
