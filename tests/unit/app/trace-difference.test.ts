import { expect, test } from "vitest";
import { headerDifference, rowDifference } from "../../../src/app/verify/trace-difference.ts";

const names = ["weight", "gradient/weight", "optimizer/m/weight"];
const row = {
  step: 2,
  epoch: 1,
  batch: "b",
  loss: "l",
  gradientNorm: "g",
  learningRate: "r",
  checksums: ["1", "2", "3"],
};

test("equal rows have no difference, whatever the order of their keys", () => {
  expect(rowDifference(row, Object.fromEntries(Object.entries(row).toReversed()), names)).toBe(
    undefined,
  );
});

test("what a step computes earlier is to blame for what it computes later", () => {
  const all = { ...row, checksums: ["x", "x", "x"], gradientNorm: "x", learningRate: "x" };
  const blame = (now: typeof row): unknown => {
    const { field, phase, tensor } = rowDifference(row, now, names) ?? {};
    return [field, phase, tensor];
  };
  expect(blame({ ...all, loss: "x", batch: "x" })).toEqual(["batch", "order", "gradient/weight"]);
  expect(blame({ ...all, loss: "x" })).toEqual(["loss", "forward", "gradient/weight"]);
  expect(blame(all)).toEqual(["gradients", "backward", "gradient/weight"]);
  expect(blame({ ...row, gradientNorm: "x" })).toEqual(["gradientNorm", "backward", undefined]);
  expect(blame({ ...row, checksums: ["x", "2", "x"] })).toEqual(["parameters", "update", "weight"]);
  expect(blame({ ...row, checksums: ["1", "2", "x"] })).toEqual([
    "slots",
    "update",
    "optimizer/m/weight",
  ]);
});

test("another learning rate is blamed before what the update makes of it", () => {
  const now = { ...row, learningRate: "x", checksums: ["x", "2", "x"] };
  expect(rowDifference(row, now, names)).toMatchObject({
    field: "learningRate",
    phase: "update",
    tensor: "weight",
    values: ['"r"', '"x"'],
  });
});

test("the headers tell other tensors and other first values; a header without these says nothing of them", () => {
  const header = { tensors: names, initial: ["1"] };
  expect(headerDifference(header, { ...header })).toBe(undefined);
  expect(headerDifference({ tensors: names }, header)).toBe(undefined);
  expect(headerDifference(header, { ...header, initial: ["2"] })).toMatchObject({
    step: 0,
    phase: "initial parameters",
    tensor: "weight",
  });
  expect(headerDifference(header, { tensors: names.slice(0, 2) })).toMatchObject({
    field: "tensors",
    tensor: "optimizer/m/weight",
  });
});
