/** Hooks: what an experiment module exports as `onEvent`, outside the identity of its runs. */
import type { RunEvent } from "../core/run-events.ts";
import { scrub } from "../core/secrets.ts";
import { thrownMessage } from "../core/thrown.ts";
import type { PlannedRun } from "../resolve/plan.ts";

/** What a hook is told beside the event. */
export interface HookRun {
  readonly index: number;
  readonly runKey: string;
  readonly axisValues: PlannedRun["axisValues"];
}

/** A hook: `export const onEvent = (event, run) => { … }` beside an experiment's default export. It may be async. */
export type OnEvent = (event: RunEvent, run: HookRun) => unknown;

/**
 * Calls a hook with one event. Watching a run must not be able to end it: what the hook throws, or what the promise that
 * it gives back is rejected with, becomes a warning.
 */
export function callHook(hook: OnEvent | undefined, { event, run, warn }: HookCall): void {
  if (hook === undefined) return;
  const { index, runKey, axisValues } = run;
  const failed = (error: unknown): void => {
    const reason = scrub(thrownMessage(error));
    warn({ kind: "log", level: "warning", text: `onEvent threw at ${event.kind}: ${reason}` });
  };
  try {
    Promise.resolve(hook(event, { index, runKey, axisValues })).catch(failed);
  } catch (error) {
    failed(error);
  }
}

interface HookCall {
  readonly event: RunEvent;
  readonly run: PlannedRun;
  /** Told at once, or later for an async hook. */
  readonly warn: (warning: RunEvent) => void;
}
