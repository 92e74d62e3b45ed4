/**
 * Values that runs logged on the way, sorted, so that a number is found among millions without reading every history. Each
 * row of the table holds a part of the values of one metric in order, with the run of each, for the runs that were written
 * together. It is a way to candidates only: a run that was replaced stays in it, and its history has the last word.
 */
import type { Database, Row } from "./database.ts";
import type { MetricRow } from "./metric-summary.ts";

/** Values of a row: enough to be few rows, and little enough to be read in no time. */
const partSize = 512;

export interface StepValues {
  /** Notes the values of a run; NaN is never looked for. */
  add(run: number, history: readonly MetricRow[], idOf: (metric: string) => number): void;
  /** Writes what was noted. */
  flush(): void;
}

/** Collects values for one transaction. */
export function createStepValues(database: Database): StepValues {
  const noted = new Map<number, { readonly values: number[]; readonly runs: number[] }>();
  return {
    add: (run, history, idOf): void => {
      for (const { values } of history) {
        for (const [name, value] of values) {
          if (Number.isNaN(value)) continue;
          const metric = idOf(name);
          const all = noted.get(metric) ?? { values: [], runs: [] };
          all.values.push(value);
          all.runs.push(run);
          noted.set(metric, all);
        }
      }
    },
    flush: (): void => {
      for (const [metric, all] of noted) writeSorted(database, metric, all);
      noted.clear();
    },
  };
}

const insert = "INSERT INTO step_values (metric, low, high, numbers, runs) VALUES (?, ?, ?, ?, ?)";

function writeSorted(
  database: Database,
  metric: number,
  { values, runs }: { readonly values: readonly number[]; readonly runs: readonly number[] },
): void {
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  for (let start = 0; start < order.length; start += partSize) {
    const part = order.subarray(start, start + partSize);
    const numbers = Float64Array.from(part, (index) => values[index] ?? Number.NaN);
    const ids = Float64Array.from(part, (index) => runs[index] ?? -1);
    const bounds = [numbers.at(0) ?? 0, numbers.at(-1) ?? 0] as const;
    database.run(insert, metric, ...bounds, bytesOf(numbers), bytesOf(ids));
  }
}

/** The bytes of numbers, as a cell of a table. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float64Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The numbers in a cell. */
export function numbersOf(cell: unknown): Float64Array {
  if (!(cell instanceof Uint8Array)) return new Float64Array();
  const { buffer, byteOffset, byteLength } = cell;
  if (byteOffset % 8 === 0) return new Float64Array(buffer, byteOffset, byteLength / 8);
  return new Float64Array(cell.slice().buffer);
}

/** Values between two bounds, both of them included. */
export interface ValueSpan {
  readonly from: number;
  readonly until: number;
}

/**
 * Runs that may have logged a value in one of the spans, by the numbers of their rows, ascending; every run that has is
 * among them.
 * @param metric - The number of one metric; all without it.
 */
export function runsNear(
  database: Database,
  spans: readonly ValueSpan[],
  metric: number | undefined,
): readonly number[] {
  const found = new Set<number>();
  for (const { run } of database.all("SELECT run FROM loose_histories")) found.add(Number(run));
  const only = metric === undefined ? "" : `AND metric = ${Math.trunc(metric)}`;
  const sql = `SELECT numbers, runs FROM step_values WHERE low <= ? AND high >= ? ${only}`;
  for (const span of spans) {
    for (const row of database.each(sql, span.until, span.from)) {
      for (const run of runsWithin(row, span)) found.add(run);
    }
  }
  return [...found].toSorted((a, b) => a - b);
}

function runsWithin(row: Row, { from, until }: ValueSpan): Float64Array {
  const numbers = numbersOf(row["numbers"]);
  const start = firstFrom(numbers, from);
  let end = start;
  while ((numbers[end] ?? Infinity) <= until) end++;
  return numbersOf(row["runs"]).subarray(start, end);
}

/** The first place in sorted numbers whose number is at least so large. */
function firstFrom(numbers: Float64Array, from: number): number {
  let [low, high] = [0, numbers.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] ?? Infinity) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
