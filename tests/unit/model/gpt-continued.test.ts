/** Logits of a text that grows, with and without what GPT remembers of it. */
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { placeTensors } from "../../../src/backend/host-tensors.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { currentBackend } from "../../../src/backend/wasm/current.ts";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { createModel } from "../../../src/model/create-model.ts";
import type { Model } from "../../../src/model/model.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { continuedLogits, lastLogits } from "../../../src/train/gradients.ts";

const [vocabSize, contextLength] = [37, 40];

/** Sizes that no tile divides, and sums of more than one block. */
function opened(): { readonly model: Model; readonly parameters: HostTensors } {
  const config = {
    kind: "gpt",
    numLayers: 3,
    hiddenSize: 72,
    numHeads: 3,
    feedForwardSize: 300,
    contextLength,
    dropoutRate: 0.2,
  } as const;
  const input = { kind: "language", sequenceLength: contextLength, vocabSize } as const;
  const model = createModel(config, { input, numClasses: vocabSize });
  const streams = createStreams(1);
  const parameters = new Map(
    model.parameters.map(({ name, shape, initialise }) => {
      // Larger than first values are, so that attention is not flat and GELU is bent.
      const values = initialise(streams.stream(name)).map((value) => value * 8 + 0.01);
      return [name, { dtype: "F32" as const, shape, values }];
    }),
  );
  return { model, parameters };
}

/** Tokens 0, 1, … of an irregular text. */
const text = Int32Array.from(
  { length: 60 },
  (_, index) => ((index * 7919 + 11) % 1009) % vocabSize,
);

describe.each(["wasm", "cpu"] as const)("on %s", (backend) => {
  beforeAll(() => prepareBackend(backend, { threads: 2 }));

  test("a growing text has the logits of a whole pass bit by bit, also where the window moves on", () => {
    const { model, parameters } = opened();
    const setup = { model, numClasses: vocabSize };
    const next = continuedLogits(setup, parameters);
    expect(model.continueText?.()).toBeDefined();
    for (let end = 30; end <= 45; end++) {
      const tokens = text.slice(Math.max(0, end - contextLength), end);
      expect(next(tokens), `${end} tokens`).toEqual(lastLogits(setup, parameters, tokens));
    }
  });

  test("another text, one that is shorter, and one that goes on differently are told apart", () => {
    const { model, parameters } = opened();
    const setup = { model, numClasses: vocabSize };
    const next = continuedLogits(setup, parameters);
    const other = Int32Array.of(...text.subarray(0, 10), 3, 1, 2);
    const texts = [
      text.slice(0, 20),
      other,
      text.slice(0, 4),
      text.slice(0, 4),
      text.slice(30, 70),
    ];
    for (const tokens of texts) {
      expect(next(tokens)).toEqual(lastLogits(setup, parameters, tokens));
    }
  });

  test("no tensor and no memory is left", () => {
    const { model, parameters } = opened();
    const placed = placeTensors(parameters);
    const next = continuedLogits({ model, numClasses: vocabSize }, placed.tensors);
    const used = () => [memory().numTensors, currentBackend()?.parts.heap.facts().numPassingBytes];
    const before = used();
    for (const end of [3, 4, 5]) next(text.slice(0, end));
    expect(used()).toEqual(before);
    placed.release();
  });
});
