/** Where two executions parted, from rows alone: what an honest and a confusing execution look like. */
import { expect, test } from "vitest";
import {
  compareExecution,
  type ComparedFrom,
  type ExecutionComparison,
} from "../../../src/app/verify/compare-execution.ts";
import { relativeDifference } from "../../../src/app/verify/figures.ts";
import type { JsonObject } from "../../../src/core/json.ts";

const tensors = ["weight", "gradient/weight"];
const hex = (value: number): string => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
};

/** A row of a trace; step 1, 2 and every fourth tell all tensors. */
function row(step: number, changes: JsonObject = {}): JsonObject {
  const isDense = step <= 2 || step % 4 === 0;
  const checksums = isDense ? { checksums: [`w${step}`, `g${step}`] } : {};
  return { step, epoch: 1, batch: `b${step}`, loss: hex(1 / step), ...checksums, ...changes };
}

const numSteps = 9;
const header = { format: "lockstep/trace/2", tensors, initial: ["w0"] };
const steps = Array.from({ length: numSteps }, (_, index) => row(index + 1));
const evaluations: readonly JsonObject[] = [
  { step: 3, epoch: 1, "validation.loss": 0.5 },
  { step: 9, epoch: 1, "validation.loss": "NaN" },
];
const recorded = { trace: [header, ...steps], metrics: evaluations };

interface Fault {
  readonly trace?: (row: JsonObject) => JsonObject;
  readonly metrics?: (row: JsonObject) => JsonObject;
  readonly from?: ComparedFrom;
  /** Rows of which only so many come. */
  readonly numSteps?: number;
}

/** An execution that tells steps and evaluations in their order. */
function compared(fault: Fault = {}): ExecutionComparison {
  const { trace = (one) => one, metrics = (one) => one, from, numSteps: count = numSteps } = fault;
  const comparison = compareExecution(recorded, from);
  if (from === undefined) comparison.takeTrace(header);
  for (const one of steps.slice(from?.step ?? 0, count)) {
    comparison.takeTrace(trace(one));
    const evaluation = evaluations.find(({ step }) => step === one["step"]);
    if (evaluation !== undefined) comparison.takeMetrics(metrics(evaluation));
  }
  return comparison;
}

/** From some step on everything is another, as after a wrong update of the step before. */
const parted =
  (first: number) =>
  (one: JsonObject): JsonObject =>
    Number(one["step"]) < first
      ? one
      : { ...one, loss: hex(7), ...("checksums" in one && { checksums: ["x", "y"] }) };

test("equal rows have no difference, NaN among them", () => {
  const same = compared();
  expect([same.divergence(), same.missing(), same.hasOtherMetrics()]).toEqual([
    undefined,
    undefined,
    false,
  ]);
  expect([same.lastStep(), same.comparedSteps(), same.numDenseSteps()]).toEqual([9, 9, 4]);
});

test("of two faults the first is dated, and the second changes nothing", () => {
  const both = compared({
    trace: (one) => (one["step"] === 3 ? { ...one, loss: hex(9) } : parted(6)(one)),
  });
  expect(both.divergence()).toMatchObject({ step: 3, field: "loss", phase: "forward" });
});

test("another loss is blamed on the forward pass only where the parameters before it were compared", () => {
  const atStep = (step: number, from?: ComparedFrom) =>
    compared({ trace: parted(step), ...(from && { from }) }).divergence()?.phase;
  // Steps 1, 2, 4 and 8 tell all tensors.
  expect([1, 2, 3, 5, 9].map((step) => atStep(step))).toEqual(Array(5).fill("forward"));
  expect([4, 6, 7, 8].map((step) => atStep(step))).toEqual(Array(4).fill("update or forward"));
  expect(atStep(7, { step: 6, numRows: { trace: 7, metrics: 1 } })).toBe("forward"); // its own checkpoint
});

test("an evaluation alone is to blame where the next step is as it was, whatever comes later", () => {
  const metrics = (one: JsonObject): JsonObject => ({ ...one, "validation.loss": 0.25 });
  const alone = compared({ metrics, trace: parted(7) });
  expect(alone.divergence()).toMatchObject({ step: 3, phase: "evaluation" });
  expect(alone.divergence()).not.toHaveProperty("tensor");
  expect(alone.isSettled()).toBe(true);
});

test("an evaluation that saw other parameters is not to blame: the update before it is", () => {
  const metrics = (one: JsonObject): JsonObject => ({ ...one, "validation.loss": 0.25 });
  const updated = compared({ metrics, trace: parted(4) });
  expect(updated.divergence()).toMatchObject({
    step: 3,
    field: "validation.loss",
    phase: "update",
    tensor: "weight", // the gradients of step 4 differ only since this one does
    tensorStep: 4,
  });
});

test("of a wrong learning rate the row that tells tensors names what the update left, and no gradient", () => {
  const rate = compared({
    trace: (one) => (one["step"] === 3 ? { ...one, learningRate: hex(9) } : parted(4)(one)),
  });
  expect(rate.divergence()).toMatchObject({
    step: 3,
    field: "learningRate",
    phase: "update",
    tensor: "weight",
    tensorStep: 4,
  });
});

test("in the last step nothing tells the two apart yet, and more rows are waited for", () => {
  const metrics = (one: JsonObject): JsonObject =>
    one["step"] === 9 ? { ...one, "validation.loss": 1 } : one;
  const last = compared({ metrics });
  expect(last.divergence()).toMatchObject({
    step: 9,
    phase: "evaluation",
    values: ['"NaN"', "1"],
  });
  expect(last.isSettled()).toBe(false);
  expect(last.largestDifference()).toBe(Infinity);
});

test("a metric that only one side has is no number that is near", () => {
  for (const metrics of [
    ({ step = 0, epoch = 0 }: JsonObject): JsonObject => ({ step, epoch }),
    (one: JsonObject): JsonObject => ({ ...one, extra: 0 }),
  ]) {
    const other = compared({ metrics });
    expect(other.hasOtherMetrics()).toBe(true);
    expect(other.largestDifference()).toBe(Infinity);
    expect(other.divergence()).toMatchObject({ step: 3 });
  }
});

test("rows that do not come, and rows too many, are differences in the number of steps", () => {
  expect(compared({ numSteps: 5 }).missing()).toMatchObject({ step: 6, field: "steps" });
  const surplus = compared();
  surplus.takeMetrics({ step: 10, epoch: 2, "validation.loss": 0.1 });
  expect(surplus.divergence()).toMatchObject({ step: 10, field: "steps" });
  expect(surplus.largestDifference()).toBe(Infinity);
  const longer = compared();
  longer.takeTrace(row(10));
  expect(longer.hasOtherMetrics()).toBe(true);
});

const from: ComparedFrom = { step: 4, numRows: { trace: 5, metrics: 1 } };

test("from a checkpoint the steps after it are compared, their tensors by the names of the run's header", () => {
  const same = compared({ from });
  expect([same.divergence(), same.comparedSteps(), same.lastStep(), same.agreedStep()]).toEqual([
    undefined,
    5,
    9,
    8,
  ]);
  const wrong = compared({
    from,
    trace: (one) => (one["step"] === 8 ? { ...one, checksums: ["x", "g8"] } : one),
  });
  expect(wrong.divergence()).toMatchObject({ step: 8, field: "parameters", tensor: "weight" });
});

test("an execution that begins anew though it was to go on is found out by its first row", () => {
  for (const first of [header, row(1), row(4)]) {
    const anew = compareExecution(recorded, from);
    anew.takeTrace(first);
    expect(anew.hasBegunAnew()).toBe(true);
  }
  const after = compareExecution(recorded, { step: 3, numRows: { trace: 4, metrics: 0 } });
  after.takeMetrics(evaluations[0] ?? {}); // of the step of the checkpoint itself
  expect(after.hasBegunAnew()).toBe(false);
});

test("numbers that are not finite are near to none but themselves", () => {
  expect(relativeDifference(NaN, 1)).toBe(Infinity);
  expect(relativeDifference(1, NaN)).toBe(Infinity);
  expect(relativeDifference("Infinity", "Infinity")).toBe(0);
  expect(relativeDifference(200, 202)).toBe(0.01);
});
