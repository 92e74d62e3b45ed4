/**
 * The plain data behind tasks, definitions and layers. It hangs on the objects themselves under registered symbols, so
 * that two copies of this module (a global install and a project's own) read each other's objects, and nothing is kept
 * in module state.
 */
import type { z } from "zod";
import type { OnEvent } from "../core/hooks.ts";
import type { Path } from "../core/path.ts";
import type { ListDataFiles, Preflight, RunFunction } from "../core/task.ts";
import type { OpenModel } from "../core/trained-model.ts";
import type { CallSite } from "./call-site.ts";

/** A task, as `defineTask` recorded it. Functions take the resolved config, whose type is erased here. */
export interface TaskData {
  readonly name: string;
  /** Raised when equal configs come to mean something else; part of the identity. */
  readonly version: number;
  readonly schema: z.ZodType;
  readonly run: RunFunction<never>;
  readonly listDataFiles?: ListDataFiles<never>;
  readonly preflight?: Preflight<never>;
  /** Opens what a run of it has trained; absent for a task that leaves no model. */
  readonly openModel?: OpenModel<never>;
  /** Checks across fields, by what they claim. */
  readonly rules: Readonly<Record<string, (config: never) => boolean>>;
  /** Short names for dotted paths, e.g. `lr` for `optimizer.learningRate`. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Paths by the names that they had earlier. */
  readonly deprecated: Readonly<Record<string, string>>;
  /** Absolute paths of the modules from which the code identity is built. */
  readonly code: readonly string[];
  /** Where `defineTask` was called. */
  readonly call: CallSite;
  /** Decides backend and environment class where the backends of the training task mean nothing. */
  readonly environment?: () => { readonly backend: string; readonly environmentClass: string };
  /** How far metrics may lie apart, by the larger of 1 and a run's own, where it is executed again; part of no config. */
  readonly tolerance?: number;
  /** Watches its runs; part of no identity. */
  readonly onEvent?: OnEvent;
  /** Its run keeps ambient randomness out by itself; for any other task whoever executes it does. */
  readonly sealsItself?: boolean;
}

/** One recorded step of a definition; later ones win. */
export type LayerData =
  PatchLayerData | RuleLayerData | AliasLayerData | DeprecatedLayerData | SpaceLayerData;

export interface PatchLayerData {
  readonly kind: "patch";
  /** `defineConfig`, `extend`, `fragment`, `preset model["bert-tiny"]`, `profile run["dryrun"]`. */
  readonly label: string;
  /** From the root of the config; a frozen copy of what was written, markers included. */
  readonly patch: unknown;
  /** The call that holds the literal. */
  readonly call: CallSite;
  readonly literal: LiteralPlace;
}

/** Where in its call a patch is written, for whoever looks up the line of a key. */
export interface LiteralPlace {
  /** Index of the call's argument that holds the literal. */
  readonly argument: number;
  /** Keys inside that argument that lead to the literal: the preset's name. */
  readonly keys: readonly string[];
  /** The config path that the literal is written for; empty for the root. */
  readonly path: Path;
}

export interface RuleLayerData {
  readonly kind: "rule";
  readonly name: string;
  readonly check: (config: unknown) => boolean;
  readonly call: CallSite;
}

export interface AliasLayerData {
  readonly kind: "alias";
  readonly alias: string;
  /** A dotted path, known to the schema. */
  readonly path: string;
  /** The name of the task whose `alias` was called. */
  readonly task: string;
  readonly call: CallSite;
  /** Why it cannot be used; the resolver reports it. */
  readonly problem?: string;
}

export interface DeprecatedLayerData {
  readonly kind: "deprecated";
  /** The path that is no longer known. */
  readonly from: string;
  /** A dotted path, known to the schema. */
  readonly to: string;
  /** The name of the task whose `deprecated` was called. */
  readonly task: string;
  readonly call: CallSite;
  /** Why it cannot be used; the resolver reports it. */
  readonly problem?: string;
}

/** A combinator: layers from which several runs come, or that hold in some runs only. */
export interface SpaceLayerData {
  readonly kind: "space";
  readonly call: CallSite;
  readonly space: SpaceData;
}

export type SpaceData =
  /** One of the alternatives in each run. */
  | {
      readonly form: "variants";
      /** The name of the axis, where the author gave one. */
      readonly axis?: string;
      readonly alternatives: readonly NamedLayer[];
    }
  /** The axes inside of one patch advance together: they have equally many values. */
  | { readonly form: "zip"; readonly layer: PatchLayerData }
  /** One layer after the other, as if they stood in the chain themselves. */
  | { readonly form: "product"; readonly layers: readonly LayerData[] }
  /** One of the layers in each run. */
  | { readonly form: "concat"; readonly layers: readonly LayerData[] }
  /** Layers that hold only where the config before them meets a condition. */
  | {
      readonly form: "when";
      readonly condition: Condition;
      readonly layers: readonly LayerData[];
    }
  /** No runs but those whose whole config meets a condition. */
  | { readonly form: "filter"; readonly condition: Condition };

/** One of the alternatives of `variants`. */
export interface NamedLayer {
  readonly name: string;
  readonly layer: LayerData;
}

/** A user's function; what it gives back is checked when it is called. */
export type Condition = (config: unknown) => unknown;

/** What an experiment module exports: a chain of layers, not yet merged. */
export interface DefinitionData {
  readonly task: TaskData;
  readonly layers: readonly LayerData[];
  /** Where `defineConfig` or `extend` was called. */
  readonly call?: CallSite;
}

/** A group of named changes, as `presets` or `profiles` recorded it. */
export interface PresetGroupData {
  readonly kind: "presets" | "profiles";
  /** The name of the task that they are written for. */
  readonly task: string;
  /** The path that presets are for, as text; of profiles, which change any part of a config, their own name. */
  readonly path: string;
  readonly names: readonly string[];
}

/** Neither `null` nor `Object.prototype`, so that nothing takes a definition or a layer for plain data. */
const prototype: object = Object.freeze(Object.create(null) as object);

const taskBrand = Symbol.for("lockstep.task/1");
const definitionBrand = Symbol.for("lockstep.definition/1");
const layerBrand = Symbol.for("lockstep.layer/1");
const presetsBrand = Symbol.for("lockstep.presets/1");

/** The data of a task, or `undefined` for anything else. */
export function taskData(value: unknown): TaskData | undefined {
  return branded(value, taskBrand) as TaskData | undefined;
}

/** The data of a definition, or `undefined` for anything else. */
export function definitionData(value: unknown): DefinitionData | undefined {
  return branded(value, definitionBrand) as DefinitionData | undefined;
}

/** The data of a fragment, preset, rule or alias, or `undefined` for anything else. */
export function layerData(value: unknown): LayerData | undefined {
  return branded(value, layerBrand) as LayerData | undefined;
}

/** The data of what `presets` or `profiles` gave back, or `undefined` for anything else. */
export function presetGroupData(value: unknown): PresetGroupData | undefined {
  return branded(value, presetsBrand) as PresetGroupData | undefined;
}

/** Puts a task's data on the object that users hold. */
export function brandTask<T extends object>(target: T, data: TaskData): T {
  return brand(target, taskBrand, data);
}

/** A definition: an object without members, so that it is never taken for a patch. */
export function createDefinition<T extends object>(data: DefinitionData): T {
  return bare(definitionBrand, data) as T;
}

/**
 * A layer to be handed to `extend` or `defineConfig`.
 * @param members - What users can call on it.
 */
export function createLayer<T extends symbol>(data: LayerData, members: object = {}): T {
  return bare(layerBrand, data, members) as T; // an object; `marker-types.ts` says why its type is a symbol
}

/** Puts a preset group's data on the record of its presets. */
export function brandPresets<T extends object>(target: T, data: PresetGroupData): T {
  return brand(target, presetsBrand, data);
}

/** Not enumerable: spreading a branded object must not make a second one of its kind. */
function brand<T extends object>(target: T, symbol: symbol, data: object): T {
  return Object.defineProperty(target, symbol, { value: Object.freeze(data) });
}

function bare(symbol: symbol, data: object, members: object = {}): unknown {
  const target = Object.create(prototype, Object.getOwnPropertyDescriptors(members)) as object;
  return Object.freeze(brand(target, symbol, data));
}

function branded(value: unknown, symbol: symbol): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return undefined;
  return Object.getOwnPropertyDescriptor(value, symbol)?.value;
}
