/** `zip(lr=[1e-4,3e-4], seed=[1,2])` on the command line: axes that advance together. */
import type { CombinatorCall } from "../../config/combinator-call.ts";
import { markerData } from "../../config/markers.ts";
import { axisValues } from "../../config/zip-axes.ts";
import type { JsonValue } from "../../core/json.ts";
import { formatPath } from "../../core/path.ts";
import { commandLineSteps, type CommandLineLayer } from "../command-line.ts";
import { placeInside, refuse, shownValue, type CombinatorScope } from "./combinator-changes.ts";
import { fieldOverrides, isObjectOverride } from "../object-overrides.ts";
import type { PlacedOverride } from "../place-override.ts";
import { globNames } from "../read-preset-names.ts";
import type { Alternative, ShownValue } from "./space-nodes.ts";
import { writtenAt } from "../type-value.ts";

/** One path of a zip: what it is given at each place. */
interface ZippedAxis {
  readonly name: string;
  readonly values: readonly PlacedOverride[];
}

/** One alternative for each value of the axes of `zip(…)`; `undefined` where something is wrong, which is reported. */
export function zipAlternatives(
  call: CombinatorCall,
  scope: CombinatorScope,
): readonly Alternative[] | undefined {
  if (call.parts.some(({ kind }) => kind !== "override")) {
    refuse(call, "takes values such as seed=[1,2], no further combinators", scope);
    return undefined;
  }
  const axes = call.parts.map((part) =>
    part.kind === "override"
      ? zippedAxis(placeInside(part.override, scope), call, scope)
      : undefined,
  );
  const known = axes.filter((axis) => axis !== undefined);
  if (known.length < axes.length) return undefined;
  const sizes = new Set(known.map(({ values }) => values.length));
  if (sizes.size > 1) {
    const each = known.map(({ name, values }) => `${name} has ${values.length}`);
    refuse(call, `takes axes with equally many values: ${each.join(", ")}`, scope);
    return undefined;
  }
  const [count = 0] = sizes;
  return Array.from({ length: count }, (_, index) => zipped(known, index, scope));
}

function zipped(axes: readonly ZippedAxis[], index: number, scope: CombinatorScope): Alternative {
  const made = axes.map(({ name, values }) => {
    const placed = values[index];
    const layers = placed === undefined ? [] : layersOf(placed, scope);
    return { layers, value: placed && shown(placed, layers, name) };
  });
  const layers = made.flatMap((one) => one.layers);
  const values = made.flatMap(({ value }) => value ?? []);
  return { index, values, nodes: [{ kind: "commandLine", layers }] };
}

function layersOf(
  placed: PlacedOverride,
  { request, move }: CombinatorScope,
): readonly CommandLineLayer[] {
  return commandLineSteps(fieldOverrides(placed, request), request).flatMap((step) =>
    step.kind === "layers" ? step.layers.map((layer) => move(layer)) : [],
  );
}

/** Presets and profiles by their names, any other value as it is written into the config. */
function shown(
  placed: PlacedOverride,
  layers: readonly CommandLineLayer[],
  name: string,
): ShownValue | undefined {
  const { group, path, override } = placed;
  const [layer] = layers;
  if (layer === undefined) return undefined;
  if (isObjectOverride(placed)) return { name, path, value: override.value as JsonValue }; // as it was parsed
  const isChosen = group !== undefined && layer.source.kind === "module";
  if (!isChosen) return shownValue(layer);
  const chosen = override.value as string | readonly string[]; // what chooses presets is a name, or several
  const value = typeof chosen === "string" ? chosen : [...chosen];
  return { name, value, isName: true, ...(path.length > 0 && { path }) };
}

function zippedAxis(
  placed: PlacedOverride | undefined,
  call: CombinatorCall,
  scope: CombinatorScope,
): ZippedAxis | undefined {
  if (placed === undefined) return undefined;
  const { path, group, override } = placed;
  const name = group?.kind === "profiles" ? group.name : formatPath(path);
  const values = valuesOf(placed);
  if (values !== undefined && values.length > 0) {
    const each = values.map((value, index): PlacedOverride => {
      const written = writtenAt(override.written, index);
      return { ...placed, override: { ...override, value, written } };
    });
    return { name, values: each };
  }
  const found = values === undefined ? "" : ", not an empty one";
  refuse(call, `${name} needs a list of values, as in seed=[1,2]${found}`, scope);
  return undefined;
}

function valuesOf({ override, group }: PlacedOverride): readonly unknown[] | undefined {
  const { value } = override;
  if (Array.isArray(value)) return value as readonly unknown[];
  const marker = markerData(value);
  if (marker?.kind !== "glob") return axisValues(marker);
  return group === undefined ? undefined : globNames(marker, group);
}
