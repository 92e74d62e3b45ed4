/** The combinators of a definition in the form in which they are expanded, with the names that runs are told apart by. */
import type {
  Condition,
  LayerData,
  PatchLayerData,
  SpaceLayerData,
} from "../../config/definition.ts";
import { markerData } from "../../config/markers.ts";
import { patchAt, patchAxes, type PatchAxis } from "../../config/zip-axes.ts";
import { isPlainObject, type JsonValue } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { valuesOf } from "../axes.ts";
import type { CommandLineLayer } from "../command-line.ts";
import type { Check } from "./conditions.ts";
import { moduleLayer, type Layer } from "../layers.ts";
import type { Rule } from "../rules.ts";
import type { VariantNames } from "./variant-names.ts";

export type SpaceNode =
  | { readonly kind: "layer"; readonly layer: Layer }
  | { readonly kind: "commandLine"; readonly layers: readonly CommandLineLayer[] }
  | { readonly kind: "rule"; readonly rule: Rule }
  | AlternativesNode
  | { readonly kind: "sequence"; readonly nodes: readonly SpaceNode[] }
  | { readonly kind: "when"; readonly check: Check; readonly nodes: readonly SpaceNode[] }
  | { readonly kind: "filter"; readonly check: Check };

export interface AlternativesNode {
  readonly kind: "alternatives";
  readonly alternatives: readonly Alternative[];
}

/** One of several ways on. */
export interface Alternative {
  /** Its place among all, from 0; some may have been left out. */
  readonly index: number;
  /** How runs that take it are told apart from others. */
  readonly values: readonly ShownValue[];
  readonly nodes: readonly SpaceNode[];
}

/** A value that tells runs apart, as plans and tables show it. */
export interface ShownValue {
  readonly name: string;
  readonly value: JsonValue;
  /** Where it stands in the config: a later layer there takes it out of the plan. */
  readonly path?: Path;
  readonly appended?: PatchAxis["appended"];
  /** Whether the value is the name of what stands there, such as a preset's. */
  readonly isName?: boolean;
}

/** What conversion asks for, beside the layers. */
export interface NodeScope {
  readonly names: VariantNames;
  /** The names of axes along the way to these layers; grows. */
  readonly used: Set<string>;
  /** Puts a layer's values under the new names of their paths. */
  readonly move: (layer: Layer) => Layer;
}

/** The layers of a definition, or of a part of it. */
export function moduleNodes(layers: readonly LayerData[], scope: NodeScope): readonly SpaceNode[] {
  return layers.flatMap((data): readonly SpaceNode[] => {
    switch (data.kind) {
      case "patch":
        return [{ kind: "layer", layer: scope.move(moduleLayer(data)) }];
      case "rule":
        return [{ kind: "rule", rule: data }];
      case "space":
        return [spaceNode(data, scope)];
      case "alias":
      case "deprecated":
        break;
    }
    return []; // for the whole definition, wherever they stand
  });
}

function spaceNode(data: SpaceLayerData, scope: NodeScope): SpaceNode {
  const { space } = data;
  const check = (name: Check["name"], condition: Condition): Check => {
    return { name, condition, place: { kind: "call", call: data.call } };
  };
  switch (space.form) {
    case "product":
      return { kind: "sequence", nodes: moduleNodes(space.layers, scope) };
    case "when": {
      const nodes = moduleNodes(space.layers, scope);
      return { kind: "when", check: check("when", space.condition), nodes };
    }
    case "filter":
      return { kind: "filter", check: check("filter", space.condition) };
    case "zip":
      return { kind: "alternatives", alternatives: zipAlternatives(space.layer, scope) };
    case "concat": {
      const ways = space.layers.map((layer, index) => ({
        index,
        values: plainValues(layer),
        layer,
      }));
      return alternativesNode(ways, scope);
    }
    case "variants":
      break;
  }
  const names = space.alternatives.map(({ name }) => name);
  const axis = scope.names.nameAxis(
    { axis: space.axis, names, place: { kind: "call", call: data.call } },
    scope.used,
  );
  const ways = space.alternatives.map(({ name, layer }, index) => {
    return { index, values: [{ name: axis, value: name }], layer };
  });
  return alternativesNode(
    ways.filter((_, index) => scope.names.isChosen(axis, names[index] ?? "")),
    scope,
  );
}

type Way = Omit<Alternative, "nodes"> & { readonly layer: LayerData };

/** Ways that part here do not see each other's names of axes; what follows sees them all. */
function alternativesNode(ways: readonly Way[], scope: NodeScope): SpaceNode {
  const before = [...scope.used];
  const alternatives = ways.map(({ layer, ...way }) => {
    const used = new Set(before);
    const nodes = moduleNodes([layer], { ...scope, used });
    for (const name of used) scope.used.add(name);
    return { ...way, nodes };
  });
  return { kind: "alternatives", alternatives };
}

function zipAlternatives(data: PatchLayerData, scope: NodeScope): readonly Alternative[] {
  const whole = scope.move(moduleLayer(data));
  const axes = patchAxes(whole.patch);
  const count = axes[0]?.values.length ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const layer = { ...whole, patch: patchAt(whole.patch, index, valuesOf) };
    const values = axes.map((axis) => zipValue(axis, index));
    return { index, values, nodes: [{ kind: "layer", layer } as const] };
  });
}

function zipValue({ path, values, appended }: PatchAxis, index: number): ShownValue {
  return {
    name: formatPath(path),
    path,
    value: values[index] as JsonValue, // checked as plain data when it is merged
    ...(appended === undefined ? {} : { appended }),
  };
}

/** What a plain change of `concat` sets: such runs have no axis that would tell them from the others. */
function plainValues(layer: LayerData): readonly ShownValue[] {
  if (layer.kind !== "patch" || patchAxes(layer.patch).length > 0) return [];
  const [presetName] = layer.literal.keys;
  const { path } = layer.literal;
  if (presetName !== undefined && path.length > 0)
    return [{ name: formatPath(path), path, value: presetName, isName: true }];
  return leafValues(layer.patch, []);
}

function leafValues(patch: unknown, path: Path): readonly ShownValue[] {
  const marker = markerData(patch);
  if (marker?.kind === "replace") return leafValues(marker.value, path);
  if (marker !== undefined) return [];
  if (isPlainObject(patch))
    return Object.entries(patch).flatMap(([key, value]) => leafValues(value, [...path, key]));
  return [{ name: formatPath(path), path, value: patch as JsonValue }]; // as in `zipValue`
}
