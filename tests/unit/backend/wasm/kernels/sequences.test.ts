import { expect, test } from "vitest";
import * as pooling from "../../../../../src/backend/kernels/pooling.ts";
import { floatsFrom } from "../parts.ts";
import { bitsOf, outputsOf } from "./both.ts";

const kernels = {
  firstRows: pooling.firstRows,
  firstRowsGradient: pooling.firstRowsGradient,
  meanRows: pooling.meanRows,
  meanRowsGradient: pooling.meanRowsGradient,
};

test.each(Object.entries(kernels))(
  "%s has the bits of the loop for any width",
  async (name, kernel) => {
    const [numExamples, sequenceLength] = [23, 9];
    const lengths = Int32Array.from({ length: numExamples }, (_, index) => index % 10); // also none, and all
    for (const width of [1, 6, 130]) {
      const numRows = name.endsWith("Gradient") ? numExamples : numExamples * sequenceLength;
      const rows = { values: floatsFrom(numRows * width), shape: [numRows, width] };
      const inputs = {
        input: rows,
        outputGradient: rows,
        lengths: { values: lengths, shape: [numExamples] },
      };
      const call = { inputs, attributes: { sequenceLength } };
      const expected = bitsOf(await outputsOf({ backend: "cpu", threads: 1 }, kernel, call));
      for (const threads of [1, 3]) {
        const actual = await outputsOf({ backend: "wasm", threads }, kernel, call);
        expect(bitsOf(actual)).toEqual(expected);
      }
    }
  },
);
