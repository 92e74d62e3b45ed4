import { expect, test } from "vitest";
import { checksum64 } from "../../../src/core/checksum.ts";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { sha256 } from "../../../src/core/hash.ts";
import {
  batchDigest,
  isDenseStep,
  tensorChecksums,
  traceHeader,
  traceText,
} from "../../../src/train/trace.ts";

const facts = { step: 1, epoch: 1, learningRate: 1, loss: 0.5, gradientNorm: -0 };
const step = { facts, examples: [1], checksums: undefined };
const part = { digest: (index: number) => `content ${index}`, labels: Int32Array.of(0, 1) };

test("the header names parameters, gradients and slots in the order of dense rows, and what they begin as", () => {
  const values = [new Float32Array([1, 2]), new Float32Array([3])] as const;
  const parameters = new Map([
    ["a", { dtype: "F32", shape: [2], values: values[0] }],
    ["b", { dtype: "F32", shape: [1], values: values[1] }],
  ] as const);
  expect(traceHeader(parameters, ["a"], ["optimizer/m/a"])).toEqual({
    format: "lockstep/trace/2",
    tensors: ["a", "b", "gradient/a", "optimizer/m/a"],
    initial: values.map((each) => checksum64(each)),
  });
});

test("rows hold float64 numbers as hex, in canonical form", () => {
  const row = {
    step: 1,
    epoch: 1,
    learningRate: "3ff0000000000000",
    loss: "3fe0000000000000",
    gradientNorm: "8000000000000000",
    batch: sha256("content 1 1\n"),
  };
  const dense = { ...step, facts: { ...facts, step: 2, loss: NaN }, checksums: ["0123", "cd"] };
  const denseRow = { ...row, step: 2, loss: "7ff8000000000000", checksums: ["0123", "cd"] };
  const long = { ...step, facts: { ...facts, epoch: 1e21, loss: 3 }, examples: [] };
  const longRow = { ...row, epoch: 1e21, loss: "4008000000000000", batch: sha256("") };
  const text = traceText([step, dense, long], part);
  const rows = [row, denseRow, longRow];
  expect(text).toBe(rows.map((each) => `${canonicalJson(each)}\n`).join(""));
  expect(traceText([], part)).toBe("");
});

test("a dense row adds the checksums, in the order of the tensors", () => {
  const values = new Float32Array([1, 2]);
  const other = new Float32Array([1, 2.0000002]);
  const tensors = new Map([
    ["b", { dtype: "F32", shape: [2], values: other }],
    ["a", { dtype: "F32", shape: [2], values }],
  ] as const);
  const checksums = tensorChecksums(
    tensors,
    new Map([["c", { dtype: "F32", shape: [2], values }]]),
  );
  expect(checksums).toEqual([other, values, values].map((each) => checksum64(each)));
  expect(JSON.parse(traceText([{ ...step, checksums }], part))).toMatchObject({ checksums });
  expect(new Set(checksums).size).toBe(2);
});

test("steps 1, 2 and every 50th are dense", () => {
  const dense = Array.from({ length: 150 }, (_, index) => index + 1).filter(isDenseStep);
  expect(dense).toEqual([1, 2, 50, 100, 150]);
});

test("the batch digest tells order, content and labels apart", () => {
  const digests = ["aa", "bb", "bb", "bb"];
  const part = {
    digest: (index: number) => digests[index] ?? "",
    labels: Int32Array.of(0, 1, 0, 1),
  };
  const batches = [[0, 1], [1, 0], [0], [0, 2], []].map((batch) => batchDigest(batch, part));
  expect(new Set(batches).size).toBe(batches.length);
  expect(batchDigest([0, 3], part)).toBe(batches[0]);
  expect(batches[0]).toBe(sha256("aa 0\nbb 1\n"));
  expect(batchDigest([0], { ...part, labels: new Int32Array() })).toBe(sha256("aa -1\n"));
});
