/** Rows of figures that a program reports, one JSON object a line. */
import { isPlainObject } from "../core/json.ts";
import { metricNameProblem } from "../core/metric-name.ts";
import { parseJsonNumber } from "../core/number-text.ts";
import type { Metrics } from "../core/run-events.ts";

/** One row. */
export interface MetricRow {
  /** Absent for results of the whole run. */
  readonly step: number | undefined;
  readonly epoch: number;
  /** Where the program says how many there will be. */
  readonly numSteps: number | undefined;
  readonly values: Metrics;
}

/**
 * The row in a line, or a sentence that says why it is none. `NaN`, `Infinity` and `-Infinity` are taken as Python
 * writes them, which JSON does not know, and as texts.
 */
export function parseMetricRow(line: string): MetricRow | string {
  const fields = parseLine(line);
  if (!isPlainObject(fields)) return "it is not a JSON object";
  const { step, epoch = 0, numSteps, ...figures } = fields;
  if (step !== undefined && !isCount(step)) return "its step is not a whole number from 0";
  if (numSteps !== undefined && !isCount(numSteps)) return "its numSteps is not a whole number";
  if (typeof epoch !== "number" || !Number.isFinite(epoch)) return "its epoch is not a number";
  const values: Record<string, number> = {};
  for (const [name, value] of Object.entries(figures)) {
    const problem = metricNameProblem(name);
    if (problem !== undefined) return `its name ${JSON.stringify(name)} ${problem}`;
    try {
      values[name] = parseJsonNumber(value);
    } catch {
      return `${JSON.stringify(name)} is not a number`;
    }
  }
  return { step, epoch, numSteps, values };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return parsePython(line);
  }
}

/** Texts are matched first, so that a NaN inside of one stays what it is. */
function parsePython(line: string): unknown {
  const quoted = line.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
