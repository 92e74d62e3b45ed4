/** Gradient checkpointing in the models that have it: the same bits, with less memory. */
import { beforeAll, describe, expect, test } from "vitest";
import type { BertConfig, GptConfig } from "../../../schemas/model.ts";
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
} from "../../../src/backend/gradients.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import { measurePeak } from "../../../src/backend/peak-memory.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";
import { createModel } from "../../../src/model/create-model.ts";
import type { Batch, Mode, ModelFacts } from "../../../src/model/model.ts";
import { createStreams } from "../../../src/random/streams.ts";

const [size, sequenceLength, vocabSize] = [4, 16, 13];
const batch = {
  kind: "tokens",
  size,
  sequenceLength,
  tokens: Int32Array.from({ length: size * sequenceLength }, (_, index) => (index * 7) % vocabSize),
  lengths: Int32Array.of(16, 9, 1, 12),
} as const satisfies Batch;
const full = { ...batch, lengths: new Int32Array(size).fill(sequenceLength) };

const sizes = {
  numLayers: 6,
  hiddenSize: 16,
  numHeads: 2,
  feedForwardSize: 64,
  contextLength: sequenceLength,
  dropoutRate: 0.2,
};
const texts: ModelFacts["input"] = { kind: "tokens", sequenceLength, vocabSize, padId: 0 };
const language: ModelFacts["input"] = { kind: "language", sequenceLength, vocabSize };
const bert = { kind: "bert", ...sizes, pooling: "first" } as const;

const ofTexts: ModelFacts = { input: texts, numClasses: 3 };
const ofCharacters: ModelFacts = { input: language, numClasses: vocabSize };

interface Case {
  readonly config: BertConfig | GptConfig;
  readonly facts: ModelFacts;
  readonly batch: Batch;
}

const cases: readonly (readonly [name: string, each: Case])[] = [
  ["bert, norms after", { config: { ...bert, normalization: "post" }, facts: ofTexts, batch }],
  ["bert, norms before", { config: { ...bert, normalization: "pre" }, facts: ofTexts, batch }],
  ["gpt", { config: { kind: "gpt", ...sizes }, facts: ofCharacters, batch: full }],
];

describe.each(["wasm", "cpu"] as const)("on %s", (backend) => {
  beforeAll(async () => {
    await prepareBackend(backend);
  });

  test.each(cases)(
    "%s: the bits are the same, and the peak is lower",
    async (_name, { config, facts, batch: given }) => {
      const model = createModel(config, facts);
      const streams = createStreams(5);
      const host = new Map(
        model.parameters.map(({ name, shape, initialise }): [string, HostTensor] => {
          const values = initialise(streams.stream(`initialization/${name}`));
          return [name, { dtype: "F32", shape, values }];
        }),
      );
      const gradients = (gradientCheckpointing: boolean) =>
        measurePeak(() => {
          const mode: Mode = {
            kind: "train",
            streams,
            step: 3,
            position: 8,
            gradientCheckpointing,
          };
          const parameters = uploadParameters(host);
          try {
            return valueAndGradients(parameters, () => {
              const logits = model.forward(parameters, given, mode);
              const numRows = logits.shape[0] ?? 0;
              const labels = Int32Array.from(
                { length: numRows },
                (__, row) => row % facts.numClasses,
              );
              return softmaxCrossEntropy(logits, labels, { labelSmoothing: 0.1, divisor: numRows });
            });
          } finally {
            disposeParameters(parameters);
          }
        });
      const [plain, checkpointed] = [await gradients(false), await gradients(true)];
      expect(checkpointed.value).toEqual(plain.value);
      expect(checkpointed.numPeakBytes).toBeLessThan(0.6 * plain.numPeakBytes);
    },
  );
});
