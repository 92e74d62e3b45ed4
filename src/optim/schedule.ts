/** The learning rate of each step, as a pure function: nothing to save and nothing to resume. */
import type { ConstantConfig, CosineConfig, LinearConfig } from "../../schemas/schedule.ts";
import { cos } from "../random/math.ts";

export type ScheduleConfig = ConstantConfig | LinearConfig | CosineConfig;

/** A place in a run: `step` from 1 to `numSteps`. */
export interface ScheduleAt {
  readonly step: number;
  readonly numSteps: number;
}

/**
 * The rate of one optimizer step. Over W warm-up steps it is baseRate·step/W, so step W has the full rate and no step
 * has the rate 0. After that, with p = (step − 1 − W)/(numSteps − W), which is 0 at the first step after the warm-up:
 * constant: 1; linear: 1 − p; cosine: ½(1 + cos(2π·numCycles·p)); each times baseRate. The last step is short of p = 1,
 * so it still learns.
 */
export function learningRateAt(
  schedule: ScheduleConfig,
  baseRate: number,
  { step, numSteps }: ScheduleAt,
): number {
  const warmup = numWarmupSteps(schedule, numSteps);
  if (step <= warmup) return (baseRate * step) / warmup;
  const progress = Math.min(1, (step - 1 - warmup) / Math.max(1, numSteps - warmup));
  switch (schedule.kind) {
    case "constant":
      return baseRate;
    case "linear":
      return baseRate * (1 - progress);
    case "cosine":
      return baseRate * Math.max(0, 0.5 * (1 + cos(2 * Math.PI * schedule.numCycles * progress)));
  }
}

/** Steps of warm-up: `warmupSteps`, or `warmupFraction` of all steps, rounded up. */
export function numWarmupSteps(schedule: ScheduleConfig, numSteps: number): number {
  if (schedule.warmupSteps !== undefined) return schedule.warmupSteps;
  if (schedule.warmupFraction === undefined) return 0;
  // 0.07 · 100 is 7.000000000000001 in binary and must still mean 7 steps, not 8.
  return Math.ceil(Number((schedule.warmupFraction * numSteps).toPrecision(12)));
}
