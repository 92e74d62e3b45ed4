/** Numbers as text that gives the same float64 back. */
import { ExpError } from "./errors.ts";

const special = new Map<string, number>([
  ["NaN", NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["-0", -0],
]);

/** The bits of a float64 as 16 hex digits, big endian. Every NaN gives `7ff8000000000000`: NaN bits are not portable. */
export function float64Hex(value: number): string {
  return float64Digits([value]);
}

/** The same of many numbers, one behind the other: the engine is asked for all digits at once. */
export function float64Digits(values: readonly number[]): string {
  const bytes = Buffer.alloc(8 * values.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  for (const value of values) {
    if (Number.isNaN(value)) view.setUint32(at, 0x7ff80000);
    else view.setFloat64(at, value);
    at += 8;
  }
  return bytes.toString("hex");
}

/** The JSON value of a number: itself, or its name as a string for what JSON text loses (not finite, or -0). */
export function jsonNumber(value: number): number | string {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return Object.is(value, -0) ? "-0" : String(value);
}

/**
 * The number that `jsonNumber` wrote.
 * @throws {ExpError} `store` for anything else.
 */
export function parseJsonNumber(value: unknown): number {
  if (typeof value === "number") return value;
  const found = typeof value === "string" ? special.get(value) : undefined;
  if (found !== undefined) return found;
  throw new ExpError(
    "store",
    `Expected a number, found ${JSON.stringify(value) ?? String(value)}.`,
    {
      hint: `Numbers are stored as JSON numbers or as one of ${[...special.keys()].join(", ")}.`,
    },
  );
}

/** A whole number for people: `4,751`. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/gu, ",");
}

const byteUnits = ["B", "kB", "MB", "GB", "TB"] as const;

/** A number of bytes for people, with two digits: `66 MB`, `1.2 GB`. */
export function formatBytes(numBytes: number): string {
  let value = numBytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = value < 9.95 && unit > 0 ? value.toFixed(1) : value.toFixed(0);
  return `${digits} ${byteUnits[unit] ?? ""}`;
}
