/** Figures of two executions: which differs first, and how far two lie apart. */
import type { JsonObject } from "../../core/json.ts";
import type { Divergence } from "./trace-difference.ts";

/** What differs first between two rows of metrics: step and epoch, then the metrics by name. */
export function metricDifference(
  before: JsonObject,
  now: JsonObject,
): Omit<Divergence, "step" | "phase"> | undefined {
  const ordered = [...new Set(["step", "epoch", ...metricNames(before, now).toSorted()])];
  const field = ordered.find((name) => before[name] !== now[name]);
  if (field === undefined) return undefined;
  return { field, values: [text(before[field]), text(now[field])] };
}

/** The names in either of two rows. */
export function metricNames(before: JsonObject, now: JsonObject): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])];
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** |before − now| by the larger of 1 and |before|; infinite where one of them is no finite number and they differ. */
export function relativeDifference(before: unknown, now: unknown): number {
  if (before === now) return 0;
  if (!isFinite(before) || !isFinite(now)) return Infinity;
  return Math.abs(before - now) / Math.max(1, Math.abs(before));
}

function isFinite(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** A float64 from the hex digits of a trace; anything else as it is. */
export function tracedNumber(value: unknown): unknown {
  if (typeof value !== "string" || !/^[0-9a-f]{16}$/.test(value)) return value;
  return Buffer.from(value, "hex").readDoubleBE(0);
}
