/** What a model was trained on is known again by content, wherever it turns up. */
import { expect, test } from "vitest";
import type { Examples } from "../../../src/data/dataset.ts";
import { readTrainedOn, refuseTrainedOn, trainedOnJson } from "../../../src/train/trained-on.ts";
import { sha256 } from "../../../src/core/hash.ts";

function examples(...contents: readonly string[]): Examples {
  return {
    size: contents.length,
    labels: new Int32Array(contents.length),
    digest: (index) => sha256(contents[index] ?? ""),
  };
}

const data = { split: { validation: 0.1, test: 0.1, seed: 0 }, maxSamples: null };
const trained = {
  train: examples("a", "b", "c"),
  validation: examples("d"),
  test: examples("e", "f"),
};
const trainedOn = readTrainedOn(
  JSON.parse(JSON.stringify(trainedOnJson({ parts: trained }, data))),
);

test("the parts that the run had itself, and contents that it never saw, are measured", () => {
  expect(trainedOn?.digests.size).toBe(3);
  const name = "1234abcd";
  expect(() => refuseTrainedOn({ parts: trained, data, name, trainedOn })).not.toThrow();
  const others = { train: examples("x"), validation: examples("d", "e"), test: examples("y") };
  expect(() => refuseTrainedOn({ parts: others, data: {}, name, trainedOn })).not.toThrow();
});

test("files of their own that share contents with training are told elsewhere, and measured as in training", () => {
  const parts = { train: examples("a", "b"), validation: examples("d"), test: examples("a", "z") };
  expect(() => refuseTrainedOn({ parts, data, name: "1234abcd", trainedOn })).not.toThrow();
});

test("trained contents in a part that is measured are refused, with what divides the parts", () => {
  const parts = { train: examples("x"), validation: examples("d"), test: examples("a", "y", "b") };
  const refuse = (changed: object): unknown => {
    try {
      refuseTrainedOn({ parts, data: changed, name: "1234abcd", trainedOn });
      return undefined;
    } catch (error) {
      return error;
    }
  };
  expect(refuse({ ...data, maxSamples: 9 })).toMatchObject({
    code: "config",
    message: "The checkpoint 1234abcd was trained on 2 of 3 test examples of this config.",
    issues: [
      { path: ["data", "maxSamples"], message: "the checkpoint was trained with null", value: "9" },
    ],
  });
  expect(refuse(data)).toMatchObject({
    issues: [],
    hint: expect.stringContaining("files") as string,
  });
});

test.each([undefined, {}, { settings: {}, digests: 7 }, { settings: {}, digests: "AAAA" }])(
  "what is not what was trained on is not taken for it: %j",
  (json) => {
    expect(readTrainedOn(json)).toBeUndefined();
  },
);
