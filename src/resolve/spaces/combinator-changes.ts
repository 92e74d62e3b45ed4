/** Overrides inside of the combinators of the command line: lists as axes, and the layers that they become. */
import type { CombinatorCall } from "../../config/combinator-call.ts";
import { createMarker } from "../../config/markers.ts";
import type { Override } from "../../config/override.ts";
import type { JsonValue } from "../../core/json.ts";
import { formatPath, valueAt } from "../../core/path.ts";
import { commandLineLayers, type CommandLine, type CommandLineLayer } from "../command-line.ts";
import { IndexEdit } from "../layers.ts";
import { referencedPath } from "../place-override.ts";
import type { Place } from "../problems.ts";
import { listView, viewsAt } from "../schema-queries.ts";
import type { ShownValue, SpaceNode } from "./space-nodes.ts";
import type { VariantNames } from "./variant-names.ts";

/** What converting asks for, beside the call. */
export interface CombinatorScope {
  readonly request: Omit<CommandLine, "overrides">;
  readonly names: VariantNames;
  /** The names of axes that are taken along the way; grows. */
  readonly used: Set<string>;
  /** Told every layer, for the names of presets. */
  readonly onLayers: (layers: readonly CommandLineLayer[]) => void;
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

/** The layers of overrides inside of a combinator, as one node. */
export function layersNode(
  overrides: readonly Override[],
  { request, onLayers }: CombinatorScope,
): SpaceNode & { readonly kind: "commandLine" } {
  const layers = commandLineLayers({ ...request, overrides });
  onLayers(layers);
  return { kind: "commandLine", layers };
}

/** A list is an axis where the field takes no list, or where it is a list of lists. */
export function withAxis(override: Override, { request }: CombinatorScope): Override {
  const { value, key, operation } = override;
  const isSet = operation === "set" || operation === "forceAdd" || operation === "add";
  if (!isSet || !Array.isArray(value) || value.length === 0) return override;
  const path = referencedPath(key, request);
  if (path === undefined || request.presets.has(formatPath(path))) return override;
  const takesLists = viewsAt(request.view, path).some((view) =>
    [view, ...view.options()].some((one) => listView(one) !== undefined || one.shape === "unknown"),
  );
  return takesLists && !value.every((item) => Array.isArray(item)) ? override : asAxis(override);
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

/** The value of a layer, as plans show it. */
export function shownValue({ path, names }: CommandLineLayer, value: unknown): ShownValue {
  const shown = names.get(value) ?? (value as JsonValue); // checked as plain data when it is merged
  return { name: formatPath(path), path, value: shown };
}
