/** The hooks of a run, from its beginning to its end. */
import type { HookEvent, HookRun, NamedHook, RunTurn } from "../core/hooks.ts";
import type { RunEvent } from "../core/run-events.ts";
import { createHooks } from "./hooks.ts";
import type { PlannedRun, RunOutcome } from "./outcome.ts";
import { singleEvents } from "../core/single-events.ts";

/** Tells the hooks of one run what it comes to. */
export interface RunHooks {
  /** The attempt has its folder. Before this, and where there are no hooks, nothing is told. */
  begin(directory: string): void;
  tell(event: RunEvent): void;
  /** Tells the end of a run that had begun, and waits a limited time for what hooks are at. */
  end(outcome: RunOutcome): Promise<void>;
}

/** Whose hooks they are. */
export interface HookedRun {
  readonly run: PlannedRun;
  readonly experiment: string;
  readonly hooks: readonly NamedHook[];
  readonly warn: (warning: RunEvent) => void;
}

/** The hooks of a run. */
export function createRunHooks({ run, experiment, hooks, warn }: HookedRun): RunHooks {
  const called = createHooks(hooks, { warn });
  let about: HookRun | undefined;
  const tell = (event: HookEvent): void => {
    if (about !== undefined) called.tell(event, about);
  };
  return {
    begin: (directory) => {
      if (hooks.length === 0) return;
      about = aboutRun(run, experiment, directory);
      tell({ kind: "started" });
    },
    tell: (event) => {
      if (about === undefined) return;
      for (const each of singleEvents(event)) tell(each);
    },
    end: async (outcome) => {
      if (about === undefined) return;
      about = { ...about, directory: outcome.directory };
      const turn = turnOf(outcome);
      if (turn !== undefined) tell(turn);
      await called.settle();
    },
  };
}

function aboutRun(run: PlannedRun, experiment: string, directory: string): HookRun {
  const { index, runKey, configHash, groupHash } = run;
  const config = structuredClone(run.config); // a hook that writes into it must not reach the task
  const axisValues = structuredClone(run.axisValues);
  return { index, experiment, runKey, configHash, groupHash, axisValues, config, directory };
}

function turnOf({ status, metrics, durationMs = 0, error }: RunOutcome): RunTurn | undefined {
  if (status === "finished") return { kind: "finished", metrics, durationMs };
  if (status === "paused") return { kind: "stopped" };
  if (status !== "failed" || error === undefined) return undefined;
  return { kind: "failed", code: error.code, message: error.message };
}
