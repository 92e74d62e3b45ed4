/** The learning rate of each step, as a pure function: nothing to save and nothing to resume. */
import type {
  ConstantConfig,
  CosineConfig,
  CosineRestartsConfig,
  LinearConfig,
  OneCycleConfig,
  PolynomialConfig,
  StepConfig,
} from "../../schemas/schedule.ts";
import { cos, pow } from "../random/math.ts";
import { integerPower } from "./integer-power.ts";

export type ScheduleConfig =
  | ConstantConfig
  | LinearConfig
  | CosineConfig
  | CosineRestartsConfig
  | PolynomialConfig
  | StepConfig
  | OneCycleConfig;

/** A place in a run: `step` from 1 to `numSteps`. */
export interface ScheduleAt {
  readonly step: number;
  readonly numSteps: number;
}

/**
 * The rate of one optimizer step. Over W warm-up steps it is baseRate·step/W, so step W has the full rate and no step
 * has the rate 0. After that, with t = step − 1 − W, T = numSteps − W and p = t/T, which is 0 at the first step after the
 * warm-up, the share of the rate is m + (1 − m)·s with m the minimum and s
 * constant: 1; linear: 1 − p; cosine: ½(1 + cos(2π·numCycles·p)); polynomial: (1 − p)^power; step: factor^(falls so far);
 * cosineRestarts: ½(1 + cos(π·p')), p' being the place in a cycle. The last step is short of p = 1, so it still learns.
 * `oneCycle` is another: see `oneCycleShare`.
 */
export function learningRateAt(
  schedule: ScheduleConfig,
  baseRate: number,
  { step, numSteps }: ScheduleAt,
): number {
  if (schedule.kind === "oneCycle") return baseRate * oneCycleShare(schedule, { step, numSteps });
  const warmup = numWarmupSteps(schedule, numSteps);
  if (step <= warmup) return (baseRate * step) / warmup;
  if (schedule.kind === "constant") return baseRate;
  if (schedule.kind === "step") return baseRate * stepShare(schedule, warmup, step);
  const length = Math.max(1, numSteps - warmup);
  const share = fallingShare(schedule, Math.min(length, step - 1 - warmup), length);
  return baseRate * (schedule.minimumFraction + (1 - schedule.minimumFraction) * share);
}

/**
 * Steps of warm-up: `warmupSteps`, or `warmupFraction` of all steps, rounded up; where neither is given, none, and for
 * `oneCycle` 30 % of all steps.
 */
export function numWarmupSteps(schedule: ScheduleConfig, numSteps: number): number {
  return Math.ceil(warmupLength(schedule, numSteps));
}

/** `numWarmupSteps` before it is rounded up. */
function warmupLength(schedule: ScheduleConfig, numSteps: number): number {
  if (schedule.warmupSteps !== undefined) return schedule.warmupSteps;
  const fraction = schedule.warmupFraction ?? (schedule.kind === "oneCycle" ? 0.3 : 0);
  // 0.07 · 100 is 7.000000000000001 in binary and must still mean 7 steps, not 8.
  return Number((fraction * numSteps).toPrecision(12));
}

type FallingConfig = LinearConfig | CosineConfig | CosineRestartsConfig | PolynomialConfig;

/** What is left of the way to the minimum after `done` of `length` steps: from 1 to 0. */
function fallingShare(schedule: FallingConfig, done: number, length: number): number {
  const progress = done / length;
  switch (schedule.kind) {
    case "linear":
      return 1 - progress;
    case "cosine":
      return halfCosine(2 * schedule.numCycles * progress);
    case "cosineRestarts":
      return halfCosine(placeInCycle(schedule, done, length));
    case "polynomial":
      return pow(1 - progress, schedule.power);
  }
}

/** 1 at 0, ½ at ½, 0 at 1. */
function halfCosine(progress: number): number {
  return Math.max(0, 0.5 * (1 + cos(Math.PI * progress)));
}

/**
 * The place in the cycle that `done` of `length` steps fall into, from 0 to below 1. Cycle i is growth^i times as long as
 * the first, as PyTorch's `CosineAnnealingWarmRestarts` with `T_mult` has it; here all of them fill the run.
 */
function placeInCycle(
  { numCycles, cycleGrowth }: CosineRestartsConfig,
  done: number,
  length: number,
): number {
  // In units of the first cycle; multiplied before dividing, so that whole numbers of steps stay whole.
  const startOf = (cycle: number): number =>
    cycleGrowth === 1 ? cycle : (integerPower(cycleGrowth, cycle) - 1) / (cycleGrowth - 1);
  const whole = startOf(numCycles);
  const startStepOf = (cycle: number): number => (length * startOf(cycle)) / whole;
  let cycle = 0;
  while (cycle + 1 < numCycles && startStepOf(cycle + 1) <= done) cycle++;
  const start = startStepOf(cycle);
  return (done - start) / (startStepOf(cycle + 1) - start);
}

/** As PyTorch's `StepLR` and `MultiStepLR`: the first fall shows in the step after the interval, or the milestone. */
function stepShare(
  { interval, milestones, factor }: StepConfig,
  warmup: number,
  step: number,
): number {
  const numFalls =
    interval === undefined
      ? (milestones ?? []).filter((milestone) => milestone < step).length
      : Math.floor((step - 1 - warmup) / interval);
  return integerPower(factor, numFalls);
}

/**
 * As PyTorch's `OneCycleLR`: from the initial share at step 1 to the full rate at W, and down to the minimum at the last
 * step. A share of the steps that is not whole is not rounded: the full rate then lies between two steps. The momentum stays as it is, which there moves against the rate unless `cycle_momentum` is off.
 * @see Smith & Topin, "Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates", 2018.
 */
function oneCycleShare(schedule: OneCycleConfig, { step, numSteps }: ScheduleAt): number {
  const { initialFraction, minimumFraction, annealing } = schedule;
  const warmup = warmupLength(schedule, numSteps);
  const isRising = step < warmup;
  const lowest = isRising ? initialFraction : minimumFraction;
  // 0 where the rate is full, 1 where it is lowest
  const progress = isRising
    ? (warmup - step) / (warmup - 1)
    : Math.min(1, (step - warmup) / (numSteps > warmup ? numSteps - warmup : 1));
  const share = annealing === "cosine" ? halfCosine(progress) : 1 - progress;
  return lowest + (1 - lowest) * share;
}
