/** Where two executions went apart, to the step and tensor: the original is executed too, and both tell all tensors. */
import type { JsonObject } from "../../core/json.ts";
import type { RunCheckpoint } from "../../store/start-checkpoint.ts";
import type { ExecutionComparison, RecordedRows } from "./compare-execution.ts";
import { executeAgain, type AgainOptions } from "./execute-again.ts";
import { rowDifference, texts, type Divergence } from "./trace-difference.ts";

/** What an execution that was compared came to. */
interface Comparing {
  readonly comparison: ExecutionComparison;
  readonly recorded: RecordedRows;
  /** It told all tensors. */
  readonly isDense: boolean;
  /** What it went on from, as the original does then. */
  readonly start: RunCheckpoint | undefined;
}

/**
 * The first step and tensor, where the rows of the run do not name them.
 * @returns A sentence where the original does not come out any more; `undefined` where there is nothing to look for.
 */
export async function locateExactly(
  start: Omit<AgainOptions, "onRow" | "onTolerance" | "isDense">,
  { comparison, recorded, isDense, start: from }: Comparing,
): Promise<Divergence | string | undefined> {
  const found = comparison.divergence();
  const isExact = found === undefined || found.tensorStep === found.step || found.step === 0;
  const open = new Map(comparison.openRows().map((row) => [row["step"], row]));
  if (!isDense || isExact || open.size === 0) return undefined;
  const original = {
    ...start.run,
    backend: start.frozen.plan.runs[0]?.backend ?? start.run.backend,
  };
  let names = from === undefined ? [] : texts(recorded.trace[0]?.["tensors"]);
  let first: Divergence | undefined;
  let numTrace = from?.numRows.trace ?? 0;
  let otherStep: number | undefined;
  await executeAgain({
    ...start,
    run: original,
    isAcrossClasses: false,
    isDense: true,
    onRow: (log, row) => {
      if (log !== "trace") return false;
      const before = recorded.trace[numTrace++];
      const step = Number(row["step"] ?? 0);
      if (typeof row["step"] !== "number") names = texts(row["tensors"]);
      else if (before === undefined || rowDifference(before, row, names) !== undefined)
        otherStep = step;
      else first = differenceAt(row, open.get(step), names);
      return otherStep !== undefined || first !== undefined || step >= found.step;
    },
  });
  if (otherStep !== undefined) {
    return `executed once more by its own code, the original does not come out either (step ${otherStep}), so its tensors at step ${found.step} are not known`;
  }
  return first;
}

function differenceAt(
  row: JsonObject,
  now: JsonObject | undefined,
  names: readonly string[],
): Divergence | undefined {
  return now === undefined ? undefined : rowDifference(row, now, names);
}
