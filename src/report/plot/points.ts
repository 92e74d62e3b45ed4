/** Curves as what can be drawn of them: lines of points with gaps, and no more points than a picture can show. */

/** A metric over steps or epochs, as it was logged. */
export interface PlotCurve {
  readonly xs: readonly number[];
  /** As many as `xs`; may be NaN or infinite. */
  readonly values: readonly number[];
}

/** A place in a picture, in the units of the metric. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What cannot be drawn of a curve: how often, and where it was first. */
export interface LeftOut {
  readonly kind: "NaN" | "Infinity" | "-Infinity" | "not positive";
  readonly count: number;
  readonly firstX: number;
}

/** A curve as lines: a value that cannot be drawn ends one, and the next value begins another. */
export interface DrawnCurve {
  readonly lines: readonly (readonly Point[])[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Takes a curve apart at the values that cannot be drawn.
 * @param isLog - On a logarithmic scale, zero and what lies below it cannot be drawn either.
 */
export function drawnCurve({ xs, values }: PlotCurve, isLog: boolean): DrawnCurve {
  const lines: Point[][] = [];
  const leftOut = new Map<LeftOut["kind"], LeftOut>();
  let line: Point[] | undefined;
  for (const [index, y] of values.entries()) {
    const x = xs[index] ?? Number.NaN;
    const kind = kindOf(y, isLog);
    if (kind !== undefined) {
      const { count, firstX } = leftOut.get(kind) ?? { count: 0, firstX: x };
      leftOut.set(kind, { kind, count: count + 1, firstX });
      line = undefined;
      continue;
    }
    if (line === undefined) lines.push((line = []));
    line.push({ x, y });
  }
  return { lines, leftOut: [...leftOut.values()] };
}

function kindOf(y: number, isLog: boolean): LeftOut["kind"] | undefined {
  if (Number.isNaN(y)) return "NaN";
  if (!Number.isFinite(y)) return y > 0 ? "Infinity" : "-Infinity";
  return isLog && y <= 0 ? "not positive" : undefined;
}

/**
 * At most four points for each column of a picture: the first, the smallest, the largest and the last one there, in their
 * order. Drawn, they give the same columns as all points, so that no spike is lost.
 * @param columnOf - The column of a place on the axis below, a whole number.
 * @see Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014.
 */
export function thinned(line: readonly Point[], columnOf: (x: number) => number): readonly Point[] {
  const kept: Point[] = [];
  let start = 0;
  for (let index = 1; index <= line.length; index++) {
    const isSame =
      index < line.length && columnOf(line[index]?.x ?? 0) === columnOf(line[start]?.x ?? 0);
    if (isSame) continue;
    kept.push(...extremes(line, start, index));
    start = index;
  }
  return kept;
}

function extremes(line: readonly Point[], start: number, end: number): readonly Point[] {
  let [low, high] = [start, start];
  for (let index = start; index < end; index++) {
    const y = line[index]?.y ?? 0;
    if (y < (line[low]?.y ?? 0)) low = index;
    if (y > (line[high]?.y ?? 0)) high = index;
  }
  const places = [...new Set([start, low, high, end - 1])].toSorted((one, other) => one - other);
  return places.flatMap((place) => line[place] ?? []);
}
