import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  isEvaluationStep,
  microBatches,
  planBatches,
  wholeBatch,
} from "../../../src/train/batches.ts";

const settings = { batchSize: 4, gradientAccumulationSteps: 2, dropLastBatch: false };

test("an epoch ends with a short batch", () => {
  const plan = planBatches({ ...settings, numEpochs: 2 }, 20);
  expect(plan.numSteps).toBe(6);
  expect([1, 2, 3, 4].map((step) => wholeBatch(plan, step))).toEqual([
    { epochIndex: 0, start: 0, size: 8 },
    { epochIndex: 0, start: 8, size: 8 },
    { epochIndex: 0, start: 16, size: 4 },
    { epochIndex: 1, start: 0, size: 8 },
  ]);
});

test("dropLastBatch leaves the short batch out", () => {
  const plan = planBatches({ ...settings, dropLastBatch: true, numEpochs: 2 }, 20);
  expect(plan.numSteps).toBe(4);
  expect(wholeBatch(plan, 3)).toEqual({ epochIndex: 1, start: 0, size: 8 });
});

test("numSteps may end a run anywhere in an epoch", () => {
  expect(planBatches({ ...settings, numSteps: 5 }, 20).numSteps).toBe(5);
});

test("dropLastBatch with fewer examples than one step needs is refused", () => {
  const plan = () => planBatches({ ...settings, dropLastBatch: true, numSteps: 5 }, 7);
  expect(plan).toThrow(
    "training.dropLastBatch leaves nothing to train on: the training part has 7 examples, one step needs 8",
  );
  expect(plan).toThrow(expect.objectContaining({ code: "config" }));
});

test("every example of an epoch is in exactly one micro-batch", () => {
  const sizes = fc.record({
    numExamples: fc.integer({ min: 1, max: 200 }),
    batchSize: fc.integer({ min: 1, max: 20 }),
    gradientAccumulationSteps: fc.integer({ min: 1, max: 5 }),
  });
  fc.assert(
    fc.property(sizes, ({ numExamples, ...sizes }) => {
      const plan = planBatches({ ...sizes, dropLastBatch: false, numEpochs: 1 }, numExamples);
      const positions: number[] = [];
      for (let step = 1; step <= plan.numSteps; step++) {
        const { start, size } = wholeBatch(plan, step);
        for (const micro of microBatches(size, plan.batchSize)) {
          expect(micro.size).toBeLessThanOrEqual(plan.batchSize);
          for (let index = 0; index < micro.size; index++)
            positions.push(start + micro.position + index);
        }
      }
      expect(positions).toEqual(Array.from({ length: numExamples }, (_, index) => index));
    }),
  );
});

test("evaluation comes at its interval, else after each epoch, and always at the end", () => {
  const plan = planBatches({ ...settings, numSteps: 8 }, 20); // 3 steps an epoch
  const steps = Array.from({ length: 8 }, (_, index) => index + 1);
  expect(steps.filter((step) => isEvaluationStep(plan, step, null))).toEqual([3, 6, 8]);
  expect(steps.filter((step) => isEvaluationStep(plan, step, 5))).toEqual([5, 8]);
});
