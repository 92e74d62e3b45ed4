/** Schedules against PyTorch's, in float64: torch 2.15's `lr_scheduler`, with the base rate 1. */
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

type Case = readonly [name: string, schedule: ScheduleConfig, expected: readonly number[]];

// prettier-ignore
const cases: readonly Case[] = [
  ["LinearLR(start_factor=1, end_factor=.25, total_iters=8)", { kind: "linear", minimumFraction: 0.25 },
    [1, 0.90625, 0.8125, 0.71875, 0.625, 0.53125, 0.4375, 0.34375]],
  ["CosineAnnealingLR(8, eta_min=.1)", { kind: "cosine", numCycles: 0.5, minimumFraction: 0.1 },
    [1, 0.965745789630079, 0.868198051533946, 0.72220754456429, 0.55, 0.37779245543571, 0.231801948466054, 0.134254210369921]],
  ["CosineAnnealingWarmRestarts(4)", { ...cosineRestarts, numCycles: 3 },
    [1, 0.853553390593274, 0.5, 0.146446609406726, 1, 0.853553390593274, 0.5, 0.146446609406726, 1, 0.853553390593274, 0.5, 0.146446609406726]],
  ["CosineAnnealingWarmRestarts(2, T_mult=2, eta_min=.1)", { ...cosineRestarts, numCycles: 3, cycleGrowth: 2, minimumFraction: 0.1 },
    [1, 0.55, 1, 0.868198051533946, 0.55, 0.231801948466054, 1, 0.965745789630079, 0.868198051533946, 0.72220754456429, 0.55, 0.37779245543571, 0.231801948466054, 0.134254210369921]],
  ["PolynomialLR(8, power=2)", { kind: "polynomial", power: 2, minimumFraction: 0 },
    [1, 0.765625, 0.5625, 0.390625, 0.25, 0.140625, 0.0625, 0.015625]],
  ["PolynomialLR(8, power=1.5)", { kind: "polynomial", power: 1.5, minimumFraction: 0 },
    [1, 0.8184875533568, 0.649519052838329, 0.494105884401309, 0.353553390593274, 0.229639663385923, 0.125, 0.044194173824159]],
  ["StepLR(3, gamma=.1)", { kind: "step", interval: 3, factor: 0.1 },
    [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.001]],
  ["MultiStepLR([2, 5], gamma=.5)", { kind: "step", milestones: [2, 5], factor: 0.5 },
    [1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]],
  ["OneCycleLR(1, total_steps=10)", oneCycle,
    [0.04, 0.52, 1, 0.950484632013474, 0.811745653949763, 0.611262021936289, 0.388741978063711, 0.188258346050237, 0.049519367986526, 4e-6]],
  ["OneCycleLR(1, total_steps=10, pct_start=.5, anneal_strategy=linear, div_factor=10, final_div_factor=10)",
    { ...oneCycle, warmupFraction: 0.5, initialFraction: 0.1, minimumFraction: 0.01, annealing: "linear" },
    [0.1, 0.325, 0.55, 0.775, 1, 0.802, 0.604, 0.406, 0.208, 0.01]],
];

test.each(cases)("%s", (_name, schedule, expected) => {
  const actual = rates(schedule, expected.length);
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
