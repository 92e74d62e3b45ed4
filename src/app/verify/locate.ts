/** Where two executions went apart, to the step and tensor: the original is executed too, and both tell all tensors. */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { RunCheckpoint } from "../../store/start-checkpoint.ts";
import type { ComparedFrom, ExecutionComparison, RecordedRows } from "./compare-execution.ts";
import { executeAgain, type AgainEnd, type AgainOptions } from "./execute-again.ts";
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
 * @returns A sentence where no tensor can be named, such as where the original does not come out any more; `undefined` where there is nothing to look for.
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
  const reader = originalReader({ recorded, open, found, from });
  const end = await executeAgain({
    ...start,
    run: original,
    isAcrossClasses: false,
    isDense: true,
    onRow: (log, row) => log === "trace" && reader.take(row),
  });
  return reader.result() ?? unlocated(end, found.step);
}

/** The original could be executed no more, or tells nothing else than the execution that was compared. */
function unlocated(end: AgainEnd, step: number): string {
  const wasExecuted = end.kind === "retraced" || end.kind === "ended";
  return wasExecuted
    ? `executed once more by its own code, the original comes out no other than now up to step ${step}, so the first tensor is not known`
    : "the original could not be executed once more beside it, so the first tensor is not known";
}

/** What the rows of the original are compared with. */
export interface OriginalRows {
  readonly recorded: Pick<RecordedRows, "trace">;
  /** Rows of the execution that was compared, with all tensors, by step. */
  readonly open: ReadonlyMap<JsonValue | undefined, JsonObject>;
  /** What that went apart by. */
  readonly found: Pick<Divergence, "step">;
  readonly from: ComparedFrom | undefined;
}

/** Takes in the rows of the original as it is executed once more. */
export interface OriginalReader {
  /** Takes a row of the trace; true when no more are wanted. */
  take(row: JsonObject): boolean;
  /** Where it went apart, or a sentence where the original does not come out; `undefined` where its rows tell neither. */
  result(): Divergence | string | undefined;
}

/**
 * Starts to compare the original with the run's rows, and with those of the execution that went apart. One step more than
 * the one that went apart is wanted: an evaluation sees an update that no row of its own step tells.
 */
export function originalReader({ recorded, open, found, from }: OriginalRows): OriginalReader {
  let names = from === undefined ? [] : texts(recorded.trace[0]?.["tensors"]);
  let numTrace = from?.numRows.trace ?? 0;
  let first: Divergence | undefined;
  let otherStep: number | undefined;
  const compare = (row: JsonObject, before: JsonObject | undefined): void => {
    const step = Number(row["step"]);
    const isOther = before === undefined || rowDifference(before, row, names) !== undefined;
    if (isOther) otherStep = step;
    else first = differenceAt(row, open.get(step), names);
  };
  return {
    take: (row) => {
      const before = recorded.trace[numTrace++];
      if (typeof row["step"] === "number") compare(row, before);
      else names = texts(row["tensors"]);
      const isTold = otherStep !== undefined || first !== undefined;
      return isTold || Number(row["step"] ?? 0) > found.step;
    },
    result: () =>
      otherStep === undefined
        ? first
        : `executed once more by its own code, the original does not come out either (step ${otherStep}), so its tensors at step ${found.step} are not known`,
  };
}

function differenceAt(
  row: JsonObject,
  now: JsonObject | undefined,
  names: readonly string[],
): Divergence | undefined {
  return now === undefined ? undefined : rowDifference(row, now, names);
}
