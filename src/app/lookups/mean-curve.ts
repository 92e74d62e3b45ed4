/** Curves of several runs as one. */
import { summariseValues } from "../summary.ts";
import type { Curve } from "./curves.ts";

/** Means over runs, at the places that all of them have. */
export interface MeanCurve extends Curve {
  /** Sample standard deviations, as many as values; absent for one run. */
  readonly deviations?: readonly number[];
  /** How many places only some of the runs have: they are no part of it. */
  readonly numLeftOut: number;
}

/**
 * The mean of some curves where all of them have a value; `undefined` for none. A run that stopped earlier than the others
 * ends the mean: what follows would be of other runs, and could not be held against what came before.
 */
export function meanCurve(curves: readonly Curve[]): MeanCurve | undefined {
  const [first] = curves;
  if (first === undefined) return undefined;
  if (curves.length === 1) return { ...first, numLeftOut: 0 };
  const byStep = curves.map(
    ({ steps, values }) => new Map(steps.map((step, index) => [step, values[index] ?? Number.NaN])),
  );
  const all = new Set(byStep.flatMap((values) => [...values.keys()]));
  const steps = [...(byStep[0]?.keys() ?? [])].filter((step) =>
    byStep.every((values) => values.has(step)),
  );
  const summaries = steps.map((step) =>
    summariseValues(byStep.map((values) => values.get(step) ?? Number.NaN)),
  );
  return {
    steps,
    values: summaries.map(({ mean }) => mean),
    deviations: summaries.map(({ standardDeviation = Number.NaN }) => standardDeviation),
    numLeftOut: all.size - steps.length,
  };
}
