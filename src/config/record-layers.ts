/** What `defineConfig` and `extend` were given becomes recorded layers, checked for callers without types. */
import { isPlainObject } from "../core/json.ts";
import type { CallSite } from "./call-site.ts";
import { orStandIn } from "./collect-misuses.ts";
import {
  definitionData,
  layerData,
  presetGroupData,
  type DefinitionData,
  type LayerData,
  type PatchLayerData,
  type TaskData,
} from "./definition.ts";
import { describeValue, misuse } from "./misuse.ts";
import { snapshot } from "./snapshot.ts";

/** The call that a layer is recorded for. */
export interface LayerContext {
  /** `defineConfig`, `extend` or `fragment`. */
  readonly label: string;
  readonly call: CallSite;
  /** Index of the (first) argument. */
  readonly argument: number;
}

/**
 * The layers of a call, in order: recorded ones as they are, plain objects as patches.
 * @throws {ExpError} `config` for anything else.
 */
export function recordLayers(
  layers: readonly unknown[],
  context: LayerContext,
): readonly LayerData[] {
  return layers.map((layer, index) => {
    const own = { ...context, argument: context.argument + index };
    return orStandIn<LayerData>(
      () => layerData(layer) ?? patchLayer(layer, own),
      () => patchLayer({}, own),
    );
  });
}

/**
 * A patch as it was written, copied and frozen.
 * @throws {ExpError} `config` for what is not a plain object.
 */
export function patchLayer(patch: unknown, context: LayerContext): PatchLayerData {
  const { label, call, argument } = context;
  if (!isPlainObject(patch) || presetGroupData(patch)) {
    const found = `argument ${argument + 1} is ${describeValue(patch)}`;
    throw misuse(call, `${label}(): ${found}, expected an object of changes.`, advice(patch));
  }
  const literal = { argument, keys: [], path: [] };
  return { kind: "patch", label, patch: snapshot(patch, call), call, literal };
}

/**
 * The definition that `extend` builds on.
 * @throws {ExpError} `config` for anything but a definition of this task or of one that it is a variant of.
 */
export function baseData(base: unknown, task: TaskData, call: CallSite): DefinitionData {
  const data = definitionData(base);
  if (!data) {
    const found = describeValue(base);
    throw misuse(
      call,
      `extend(): argument 1 is ${found}, expected the definition to build on.`,
      base === undefined
        ? "Check the import: an experiment module exports its definition as default."
        : undefined,
    );
  }
  if (data.task.name === task.name) return data;
  throw misuse(
    call,
    `extend() of task ${task.name} cannot build on a definition of task ${data.task.name}.`,
    "Use the extend of that task.",
  );
}

function advice(value: unknown): string | undefined {
  if (value === undefined) return "Is there a fragment or preset of that name?";
  if (definitionData(value)) return "A definition can only be the base: extend(definition, …).";
  const group = presetGroupData(value);
  if (!group) return undefined;
  const what = group.kind === "presets" ? "presets for" : "profiles";
  return `It is a whole group of ${what} ${group.path}: name one, such as ["${group.names[0] ?? ""}"].`;
}
