import { expect, test } from "vitest";
import type { CnnConfig } from "../../../schemas/model.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { cnnLayout } from "../../../src/model/cnn-layout.ts";
import type { ModelInput } from "../../../src/model/model.ts";

type Stage = CnnConfig["stages"][number];

const stage: Stage = {
  channels: 4,
  kernelSize: 3,
  stride: 1,
  padding: 1,
  pooling: "max",
  poolSize: 2,
};
const config: CnnConfig = {
  kind: "cnn",
  image: { height: 11, width: 10, channels: 2 },
  stages: [stage, { ...stage, stride: 2, padding: 0, pooling: "none" }],
  normalization: "batch",
  batchNormMomentum: 0.1,
  activation: "relu",
  hiddenSizes: [],
  dropoutRate: 0,
};
const features: ModelInput = { kind: "features", numFeatures: 220 };

function errorOf(own: CnnConfig, input: ModelInput = features): string {
  try {
    cnnLayout(own, { input, numClasses: 3 });
  } catch (error) {
    if (isExpError(error)) return formatError(error);
    throw error;
  }
  throw new Error("nothing was thrown");
}

test("sizes follow from stage to stage, pixels that fill no window left out", () => {
  const { stages, last } = cnnLayout(config, { input: features, numClasses: 3 });
  expect(last).toEqual({ height: 2, width: 2, channels: 4 });
  expect(stages.map(({ name, inputChannels }) => [name, inputChannels])).toEqual([
    ["stages.0", 2],
    ["stages.1", 4],
  ]);
});

test("an image of another size and a window that is too large are told together", () => {
  const stages = [stage, { ...stage, kernelSize: 13, padding: 2 }, { ...stage, kernelSize: 99 }];
  const error = errorOf({ ...config, stages }, { kind: "features", numFeatures: 80 });
  expect(error).toMatchInlineSnapshot(`
    "The model does not fit the data.
      model.image: an image of 11 × 10 pixels with 2 channels has 220 values, and an example of the data has 80 (found {"height":11,"width":10,"channels":2})
      model.stages[1].kernelSize: a window of 13 × 13 is larger than the image of 5 × 5 with 2 around it that reaches it (found 13)
    Features are read row by row, the channels of a pixel side by side."
  `);
});

test("a pooling window that is larger than what the convolution leaves is refused", () => {
  const stages = [{ ...stage, stride: 10 }];
  expect(errorOf({ ...config, stages })).toContain(
    "model.stages[0].poolSize: a window of 2 × 2 is larger than the image of 2 × 1 that reaches it (found 2)",
  );
});

test("text and characters are refused with the way out", () => {
  const tokens = { kind: "tokens", sequenceLength: 8, vocabSize: 10, padId: 0 } as const;
  expect(errorOf(config, tokens)).toContain("Choose model.kind=bert for text.");
  const language = { kind: "language", sequenceLength: 8, vocabSize: 10 } as const;
  expect(errorOf(config, language)).toContain("Choose model.kind=gpt for characters.");
});
