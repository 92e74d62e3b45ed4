/** Which of a run's checkpoints an execution for comparison goes on from. */
import { ExpError } from "../../core/errors.ts";
import type { RunCheckpoint, RunCheckpoints } from "../../store/start-checkpoint.ts";
import type { RecordedRows } from "./compare-execution.ts";
import type { StoredRun } from "./stored-run.ts";

/**
 * The checkpoint that `--from` names.
 * @param from - A step, which stands for the newest checkpoint at or before it, or a name such as `best`.
 * @param recorded - What the run has recorded.
 * @throws {ExpError} `usage` where the run has none that fits, or that one is at its end; the message lists those that it
 *   has.
 */
export function chooseStart(
  { store, published }: Pick<StoredRun, "store" | "published">,
  from: string,
  recorded: RecordedRows,
): RunCheckpoint {
  const found = store.checkpoints(published);
  const { whole } = found;
  const chosen = /^[0-9]{1,12}$/u.test(from)
    ? whole.findLast(({ step }) => step <= Number(from))
    : whole.find(({ name }) => name === from.replace(/\.safetensors$/u, ""));
  if (chosen !== undefined && isAtEnd(chosen, recorded)) {
    const { name, step } = chosen;
    throw new ExpError(
      "usage",
      `The checkpoint ${name} (step ${step}) is at the end of the run: no step comes after it that could be compared.`,
      { hint: `Name an earlier one, or leave --from out. ${hintOf(found)}` },
    );
  }
  if (chosen !== undefined) return chosen;
  throw new ExpError("usage", `${published.directory} has no checkpoint ${wanted(from)}.`, {
    hint: hintOf(found),
  });
}

/**
 * The step that `--steps` counts from: the one that was named, though the checkpoint for it may be an earlier one.
 * @param from - As `chooseStart` takes it; `undefined` for the beginning.
 */
export function stepBefore(start: RunCheckpoint | undefined, from: string | undefined): number {
  const named = /^[0-9]+$/u.test(from ?? "") ? Number(from) : 0;
  return Math.max(start?.step ?? 0, named);
}

/** Whether all rows of a run came before its checkpoint; a task of one's own has metrics alone. */
function isAtEnd({ numRows }: RunCheckpoint, { trace, metrics }: RecordedRows): boolean {
  return trace.length > 0
    ? numRows.trace >= trace.length
    : metrics.length > 0 && numRows.metrics >= metrics.length;
}

function wanted(from: string): string {
  return /^[0-9]+$/u.test(from) ? `at or before step ${from}` : JSON.stringify(from);
}

function hintOf({ whole, problems }: RunCheckpoints): string {
  const names = whole.map(({ name, step }) => `${name} (step ${step})`);
  const has =
    names.length === 0
      ? "It has none; without --from the whole run is executed."
      : `It has ${names.join(", ")}.`;
  const more = "A run keeps more of them with checkpointing={interval:100,keep:10}.";
  return [has, ...problems, more].join("\n");
}
