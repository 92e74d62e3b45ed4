/**
 * The rows of a run that come out again where it is repeated: metrics and trace. Where an attempt goes on from a checkpoint,
 * those that an earlier one had after it are compared.
 */
import { canonicalJson } from "../core/canonical-json.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { textsOf, type RowsEvent } from "../core/later-rows.ts";
import { areSecretsKnown, scrubValue } from "../core/secrets.ts";
import type { LogFile } from "./log-file.ts";
import { compareRows, type RowComparison } from "./repeated-rows.ts";
import type { InheritedLogs } from "./checkpoint-candidates.ts";
import { runFiles } from "./run-layout.ts";

/** Rows of metrics and trace that an earlier attempt had after the checkpoint. */
export interface RepeatedRows {
  readonly numEqual: number;
  /** Log, step and fields of the first that came out another way. */
  readonly firstDifference: string | undefined;
}

export interface RecordedRows {
  readonly addMetrics: (row: JsonObject) => void;
  /**
   * Adds a row of the trace. It waits for `flush`, so that a short step does not pay for a write: rows that are written
   * together cost a fifth. One that JSON cannot say is refused at once.
   */
  readonly addTrace: (row: JsonObject) => void;
  /** Adds rows of the trace that are made when they are written; secrets are taken out of them then. */
  readonly addLater: (rows: RowsEvent) => void;
  /** Writes the rows that wait. */
  readonly flush: () => void;
  /** What an earlier attempt had after the checkpoint. */
  readonly expect: (later: InheritedLogs["later"]) => void;
  readonly repeated: () => RepeatedRows;
}

type Rows = "metrics" | "trace";

/** Rows of the trace that wait for each other, at most: of the shortest steps, those of a quarter of a second. */
const maxWaiting = 256;

/** No rows so far. */
export function createRecordedRows(logs: Readonly<Record<Rows, LogFile>>): RecordedRows {
  const waiting: (string | RowsEvent)[] = [];
  let numWaiting = 0;
  let earlier: Readonly<Record<Rows, RowComparison>> | undefined;
  let firstDifference: string | undefined;
  const write = (log: Rows, lines: string): void => {
    logs[log].append(lines);
    if (earlier === undefined) return;
    for (const line of lines.split("\n").slice(0, -1)) {
      const difference = earlier[log].next(line);
      if (difference === undefined) continue;
      const path = log === "trace" ? runFiles.traceLog : runFiles.metricsLog;
      firstDifference ??= `${path}, ${difference}`;
    }
  };
  const flush = (): void => {
    if (waiting.length === 0) return;
    let lines = "";
    numWaiting = 0;
    try {
      for (const one of waiting.splice(0)) for (const text of linesOf(one)) lines += text;
    } finally {
      write("trace", lines); // those before one that cannot be made
    }
  };
  const wait = (one: string | RowsEvent, numRows: number): void => {
    waiting.push(one);
    numWaiting += numRows;
    if (numWaiting >= maxWaiting) flush();
  };
  return {
    addMetrics: (row) => {
      write("metrics", `${canonicalJson(row)}\n`);
    },
    addTrace: (row) => {
      wait(traceLine(row), 1); // at once: whoever yielded it may go on changing it
    },
    addLater: (rows) => {
      wait(rows, rows.numRows);
    },
    flush,
    expect: ({ metrics, trace }) => {
      earlier = { metrics: compareRows(metrics), trace: compareRows(trace) };
    },
    repeated: () => {
      if (earlier !== undefined) flush(); // asked after each event, also where there is nothing to compare
      const numEqual = (earlier?.metrics.numEqual ?? 0) + (earlier?.trace.numEqual ?? 0);
      return { numEqual, firstDifference };
    },
  };
}

/** Lines that wait; of rows that are made now, all together where their text is made first. */
function* linesOf(rows: string | RowsEvent): Generator<string> {
  if (typeof rows === "string") {
    yield rows;
    return;
  }
  const texts = areSecretsKnown() ? undefined : textsOf(rows);
  if (texts !== undefined) for (const text of texts) yield text();
  else for (const row of rows.rows()) yield traceLine(scrubValue(row));
}

function traceLine(row: JsonObject): string {
  return `${plainJson(row) ?? canonicalJson(row)}\n`;
}

/**
 * The canonical JSON of a row whose keys are in order and which holds only finite numbers, texts and lists of texts: what
 * `JSON.stringify` writes then, in a fraction of the time. `undefined` for any other row.
 */
function plainJson(row: JsonObject): string | undefined {
  const keys = Object.keys(row);
  if (Reflect.ownKeys(row).length !== keys.length) return undefined;
  let last = "";
  for (const key of keys) {
    if (key <= last || key === "__proto__" || !isPlain(row[key])) return undefined;
    last = key;
  }
  const text = JSON.stringify(row);
  return text.includes(String.raw`\ud`) ? undefined : text; // perhaps half of a surrogate pair
}

function isPlain(value: JsonValue | undefined): boolean {
  if (typeof value !== "object") return typeof value === "string" || Number.isFinite(value);
  return (
    Array.isArray(value) &&
    Object.getPrototypeOf(value) === Array.prototype &&
    Reflect.ownKeys(value).length === value.length + 1 && // `length`, and no other
    value.every((item) => typeof item === "string")
  );
}
