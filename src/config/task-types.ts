/** What users hold: a task with its functions, and the definitions that they make. Nothing here exists at run time. */
import type { OnEvent } from "../core/hooks.ts";
import type { ListDataFiles, Preflight, RunFunction } from "../core/task.ts";
import type { SchemaTypes } from "../core/named.ts";
import type { Derived, Fragment, Held } from "./marker-types.ts";
import type { Combinators } from "./space-types.ts";
import type { AtPath, DottedPath, Full, Layer, Patch, PatchField } from "./patch-types.ts";

declare const types: unique symbol;

interface Types<C, I> {
  readonly config: C;
  readonly input: I;
}

/** A recorded chain of layers for one task, not yet merged: what an experiment module exports. */
export interface Definition<C, I> {
  readonly [types]: Types<C, I>;
}

/**
 * What a preset of a path holds. It is distributive over the path and loose for any: while TypeScript does not know the
 * path yet, markers in the literal are then typed by themselves, not by the values of all fields at once.
 */
type PresetValue<C, I, K> = K extends string
  ? [AtPath<I, K>] extends [never]
    ? Loose<C>
    : PatchField<AtPath<I, K>, C>
  : never;
type Loose<C> = Derived<unknown, C> | LooseObject<C>;
interface LooseObject<C> {
  readonly [key: string]: Loose<C>;
}

/** What a compile error shows where profiles have the name of a field. */
interface NoField {
  readonly "a name that is no field of the config": never;
}

/**
 * A task: a schema and a `run` function, with the functions that write its configs. These are not generic, because a
 * generic function loses the types of the markers inside its literal; and they work without `this`:
 * `const { defineConfig, extend } = myTask;`.
 * @typeParam C - The resolved config, the schema's output.
 * @typeParam I - What may be written, the schema's input.
 */
export interface Task<C, I> extends Combinators<C, I> {
  readonly [types]?: Types<C, I>;
  /** A definition from a whole config; further layers as in `extend`. */
  readonly defineConfig: (
    config: Full<I, C>,
    ...layers: readonly Layer<C, I>[]
  ) => Definition<C, I>;
  /** A definition that changes another: objects merge, lists and scalars replace, later layers win. */
  readonly extend: (base: Definition<C, I>, ...layers: readonly Layer<C, I>[]) => Definition<C, I>;
  /** A reusable part of a config. */
  readonly fragment: (patch: Patch<I, C>) => Fragment<C, I>;
  /**
   * Named alternatives for one field: `presets("model", { tiny: {…} })` is used as `model.tiny`. The field may lie deeper:
   * `presets("training.earlyStopping", { patient: {…} })`.
   */
  readonly presets: <const K extends string, G>(
    path: K extends DottedPath<I> ? K : DottedPath<I>,
    group: { readonly [P in keyof G]: PresetValue<C, I, K> },
  ) => { readonly [P in keyof G]: Fragment<C, I> };
  /**
   * Named changes of any part of the config: `const run = profiles("run", { dryrun: {…}, fullrun: {} })` is used as
   * `run.dryrun` in code and `run=dryrun` on the command line. The name is no field of the config.
   */
  readonly profiles: <const N extends string, G>(
    name: N extends keyof I ? NoField : N,
    group: { readonly [P in keyof G]: Patch<I, C> },
  ) => { readonly [P in keyof G]: Fragment<C, I> };
  /** A check across fields, kept by everything that extends the definition. */
  readonly rule: (claim: string, check: (config: C) => boolean) => Fragment<C, I>;
  /** A short name for a path, for the command line: `alias("lr", "optimizer.learningRate")`. */
  readonly alias: (alias: string, path: DottedPath<C>) => Fragment<C, I>;
  /** A former name of a path: what is written there goes to the new one, with a note. */
  readonly deprecated: (oldPath: string, newPath: DottedPath<C>) => Fragment<C, I>;
}

/** What `defineTask` takes. */
export interface TaskOptions<C, I> {
  /** Part of every run's identity; letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  /** Raise it when equal configs come to mean something else. Default 1. */
  readonly version?: number;
  /** A strict object that only checks and gives defaults: JSON in, JSON out. */
  readonly schema: SchemaTypes<C, I>;
  readonly run: RunFunction<Held<C>>;
  /** The files whose bytes a run reads; they become its data identity. */
  readonly listDataFiles?: ListDataFiles<Held<C>>;
  /** Called for every run of a plan before the first one starts: throws what would make the run fail. */
  readonly preflight?: Preflight<Held<C>>;
  /** Checks across fields, by what they claim: `{ "warm-up fits": (c) => … }`. */
  readonly rules?: Readonly<Record<string, (config: Held<C>) => boolean>>;
  /** Short names for paths: `{ lr: "optimizer.learningRate" }`. */
  readonly aliases?: Readonly<Record<string, DottedPath<NoInfer<C>>>>;
  /** Paths by their former names: `{ "train.lr": "optimizer.learningRate" }`. */
  readonly deprecated?: Readonly<Record<string, DottedPath<NoInfer<C>>>>;
  /**
   * How far metrics and losses may lie apart, by the larger of 1 and the run's own, where `exp verify` executes a run of the
   * task again; `--tolerance` wins over it. Default: not at all. It is part of no config.
   */
  readonly tolerance?: number;
  /**
   * Watches every run of the task: see `OnEvent`. Written as a literal in the call of `defineTask` it counts in no identity,
   * and neither do the modules that nothing else of the task imports.
   */
  readonly onEvent?: OnEvent;
  /**
   * Modules that the code identity is built from, with all that they import: absolute paths, URLs, or paths relative
   * to the calling module. Default: every module of the project that the call came through, from the one that calls
   * `defineTask` to the one whose evaluation made the call.
   */
  readonly code?: readonly (string | URL)[];
}

/** Refuses schemas whose output cannot be written as input again: a resolved config is validated when it is read. */
export type Pure<C, I> = [C] extends [I]
  ? unknown
  : { readonly schema: "a config schema must not transform values" };

/** The resolved config of a task or definition. */
export type ConfigOf<T> = T extends { readonly [types]?: Types<infer C, unknown> } ? C : never;
/** What may be written for a task or definition. */
export type InputOf<T> = T extends { readonly [types]?: Types<unknown, infer I> } ? I : never;
