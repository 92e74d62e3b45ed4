/** The points of a grid of axes, counted through with the last axis varying fastest. */
import { ExpError } from "../../core/errors.ts";
import type { Axis, Point } from "../axes.ts";

/** A sweep beyond this was mistyped; its plan alone would not fit into memory. */
const maxRuns = 1_000_000;

/** How many points a grid has: the product of its axes' sizes, 1 without axes. */
export function gridSize(axes: readonly Axis[]): number {
  return axes.reduce((product, axis) => product * axis.values.length, 1);
}

/**
 * Refuses a sweep that nobody can run.
 * @param sizes - What its number of runs comes from, for the message.
 * @throws {ExpError} `config` for more than a million runs.
 */
export function requireRunnable(count: number, sizes: () => string): void {
  if (count <= maxRuns) return;
  throw new ExpError(
    "config",
    `The sweep has ${count} runs (${sizes()}); at most ${maxRuns} are allowed.`,
  );
}

/** The axes with their sizes, for messages. */
export function axisSizes(axes: readonly Axis[]): string {
  return axes.map((axis) => `${axis.name}: ${axis.values.length}`).join(", ");
}

/** Which value of each axis the point has that stands at `index` among all, from 0. */
export function coordinatesAt(axes: readonly Axis[], index: number): readonly number[] {
  const coordinates: number[] = [];
  let rest = index;
  for (const axis of axes.toReversed()) {
    const { length } = axis.values;
    coordinates.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return coordinates;
}

/** The point with these values of the axes. */
export function pointAt(axes: readonly Axis[], coordinates: readonly number[]): Point {
  return new Map(axes.map(({ name, values }, index) => [name, values[coordinates[index] ?? 0]]));
}
