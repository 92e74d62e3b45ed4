/** Schedules against PyTorch's, in float64: torch 2.15's `lr_scheduler`, with the base rate 1. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { learningRateAt, type ScheduleConfig } from "../../../src/optim/schedule.ts";

function rates(schedule: ScheduleConfig, numSteps: number): number[] {
  return Array.from({ length: numSteps }, (_, index) =>
    learningRateAt(schedule, 1, { step: index + 1, numSteps }),
  );
}

const cosineRestarts = { kind: "cosineRestarts", cycleGrowth: 1, minimumFraction: 0 } as const;
const oneCycle = {
  kind: "oneCycle",
  initialFraction: 1 / 25,
  minimumFraction: 1 / 25 / 1e4,
  annealing: "cosine",
} as const;

/** What `golden/schedules.py` wrote. */
const golden = JSON.parse(
  readFileSync(new URL("golden/schedules.json", import.meta.url), "utf8"),
) as Readonly<Record<string, readonly number[]>>;

const schedules: Readonly<Record<string, ScheduleConfig>> = {
  "LinearLR(1, .25, 8)": { kind: "linear", minimumFraction: 0.25 },
  "CosineAnnealingLR(8, .1)": { kind: "cosine", numCycles: 0.5, minimumFraction: 0.1 },
  "CosineAnnealingWarmRestarts(4)": { ...cosineRestarts, numCycles: 3 },
  "CosineAnnealingWarmRestarts(2, 2, .1)": {
    ...cosineRestarts,
    numCycles: 3,
    cycleGrowth: 2,
    minimumFraction: 0.1,
  },
  "PolynomialLR(8, 2)": { kind: "polynomial", power: 2, minimumFraction: 0 },
  "PolynomialLR(8, 1.5)": { kind: "polynomial", power: 1.5, minimumFraction: 0 },
  "StepLR(3, .1)": { kind: "step", interval: 3, factor: 0.1 },
  "MultiStepLR([2, 5], .5)": { kind: "step", milestones: [2, 5], factor: 0.5 },
  "OneCycleLR(10)": oneCycle,
  "OneCycleLR(10, .5, linear, 10, 10)": {
    ...oneCycle,
    warmupFraction: 0.5,
    initialFraction: 0.1,
    minimumFraction: 0.01,
    annealing: "linear",
  },
  // 4.5 and 0.45 steps of rise: the full rate lies between two steps, or before the first
  "OneCycleLR(15)": oneCycle,
  "OneCycleLR(9, .05)": { ...oneCycle, warmupFraction: 0.05 },
};

test("every schedule is compared", () => {
  expect(Object.keys(golden)).toEqual(Object.keys(schedules));
});

test.each(Object.entries(golden))("%s", (name, expected) => {
  const actual = rates(schedules[name] ?? { kind: "constant" }, expected.length);
  for (const [index, rate] of expected.entries()) expect(actual[index]).toBeCloseTo(rate, 14);
});

test("restarts that fall between two steps are Hugging Face's get_cosine_with_hard_restarts_schedule_with_warmup", () => {
  const [numSteps, warmup, numCycles] = [45, 5, 3];
  const actual = rates({ ...cosineRestarts, numCycles, warmupSteps: warmup }, numSteps);
  for (let step = warmup + 1; step <= numSteps; step++) {
    const progress = (step - 1 - warmup) / (numSteps - warmup);
    const expected = Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((numCycles * progress) % 1))));
    expect(actual[step - 1]).toBeCloseTo(expected, 12);
  }
});

test("a polynomial with a minimum is Hugging Face's get_polynomial_decay_schedule_with_warmup", () => {
  const [numSteps, warmup] = [20, 4];
  const schedule = {
    kind: "polynomial",
    power: 3,
    minimumFraction: 0.1,
    warmupSteps: warmup,
  } as const;
  const actual = rates(schedule, numSteps);
  for (let step = warmup + 1; step <= numSteps; step++) {
    const remaining = 1 - (step - 1 - warmup) / (numSteps - warmup);
    expect(actual[step - 1]).toBeCloseTo(0.1 + 0.9 * remaining ** 3, 14);
  }
});

test("one cycle whose warm-up is none, one step or the whole run", () => {
  expect(
    rates({ ...oneCycle, annealing: "linear", minimumFraction: 0.2, warmupSteps: 0 }, 4),
  ).toEqual([0.8, 0.6, 0.4, 0.2].map((rate) => expect.closeTo(rate, 12)));
  expect(rates({ ...oneCycle, warmupSteps: 1 }, 3)[0]).toBe(1);
  expect(rates({ ...oneCycle, warmupSteps: 3 }, 3)).toEqual(
    [0.04, 0.52, 1].map((rate) => expect.closeTo(rate, 12)),
  );
});
