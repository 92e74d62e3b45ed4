/** Hooks: what an experiment module exports as `onEvent`, outside the identity of its runs. */
import type { RunEvent } from "../core/run-events.ts";
import type { PlannedRun } from "../resolve/plan.ts";

/** What a hook is told beside the event. */
export interface HookRun {
  readonly index: number;
  readonly runKey: string;
  readonly axisValues: PlannedRun["axisValues"];
}

/** A hook: `export const onEvent = (event, run) => { … }` beside an experiment's default export. */
export type OnEvent = (event: RunEvent, run: HookRun) => void;

/**
 * Calls a hook with one event.
 * @returns A warning to be logged when the hook threw: watching a run must not be able to end it.
 */
export function callHook(
  hook: OnEvent | undefined,
  event: RunEvent,
  run: PlannedRun,
): RunEvent | undefined {
  if (hook === undefined) return undefined;
  const { index, runKey, axisValues } = run;
  try {
    hook(event, { index, runKey, axisValues });
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "log", level: "warning", text: `onEvent threw at ${event.kind}: ${reason}` };
  }
}
