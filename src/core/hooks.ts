/** What a hook (`onEvent`) is told: types that tasks, experiment modules and the settings of a project write with. */
import type { JsonObject } from "./json.ts";
import type { Metrics, RunEvent } from "./run-events.ts";

/** The ends of a run, which no task says itself, and its beginning. */
export type RunTurn =
  /** The attempt has its folder; nothing of the task has run yet. */
  | { readonly kind: "started" }
  /** It is published: `HookRun.directory` is where it lies from now on. */
  | { readonly kind: "finished"; readonly metrics: Metrics; readonly durationMs: number }
  /** What a person reads about it, without its hints; the attempt stays. */
  | { readonly kind: "failed"; readonly code: string; readonly message: string }
  /** A signal ended it after a checkpoint; the same command goes on. */
  | { readonly kind: "stopped" };

/**
 * All that a hook may be told: `started`, then what the task says (`ready`, `progress` after each step and during
 * evaluation, `metrics` of an evaluation, `checkpoint`, `log`, `trace`, `artifact`, `predictions`, `result`), then one of
 * `finished`, `failed` and `stopped`.
 */
export type HookEvent = Exclude<RunEvent, { readonly kind: "rows" }> | RunTurn;

/** What a hook is told beside the event. */
export interface HookRun {
  /** Place of the run in its plan, from 0. */
  readonly index: number;
  readonly experiment: string;
  readonly runKey: string;
  readonly configHash: string;
  /** The same for runs that differ in their seed alone. */
  readonly groupHash: string;
  readonly axisValues: JsonObject;
  /** A copy of the resolved config. */
  readonly config: JsonObject;
  /** Absolute: the attempt's folder, or the run's once it is published. Write beside it, never into it. */
  readonly directory: string;
}

/** A hook: a function that watches runs and counts in no identity. It may be async. */
export type OnEvent = (event: HookEvent, run: HookRun) => unknown;

/** A hook with whose it is, for warnings: `experiments/bert.ts`, `task sum`, `lockstep.config.ts`. */
export interface NamedHook {
  readonly from: string;
  readonly onEvent: OnEvent;
}
