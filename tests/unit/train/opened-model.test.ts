/** A trained model in memory: what it takes as an input, and that nothing of it stays behind. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memory } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TrainingConfig } from "../../../schemas/training.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";
import type { OpenedModel, TrainedModel } from "../../../src/core/trained-model.ts";
import { textColumn } from "../../../src/train/model-inputs.ts";
import { openTrainedModel } from "../../../src/train/opened-model.ts";
import {
  eventsOf,
  pointsInput,
  resolved,
  runToy,
  sentencesInput,
  toyMembers,
  toyTask,
} from "./toy.ts";

interface OpenedToy {
  readonly model: OpenedModel;
  /** A parameter as the model holds it. */
  readonly weights: WeakRef<HostTensor>;
}

async function openToy(input: object): Promise<OpenedToy> {
  const run = await runToy(input);
  const best = eventsOf(run, "checkpoint").findLast(({ names }) => names.includes("best"));
  const [artifact] = eventsOf(run, "artifact");
  const trained: TrainedModel = {
    name: "1234abcd",
    tensors: best?.tensors ?? new Map(),
    step: best?.step,
    artifacts: artifact === undefined ? {} : { training: artifact.json },
    artifactFolder: "/model",
  };
  const config = resolved<TrainingConfig>(input, toyTask);
  const model = await openTrainedModel(toyMembers, { config, trained, backend: "cpu" });
  const [first] = trained.tensors.values();
  if (first === undefined) throw new Error("the run left no weights");
  return { model, weights: new WeakRef(first) };
}

/** What a weak reference gave in this turn lives until its end. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  await setImmediate();
  collect();
  await setImmediate();
}

test("numbers may be a list, an array of floats or pixels; one input alone gives the same bits", async () => {
  const { model } = await openToy(pointsInput);
  expect(model.inputKind).toBe("features");
  const before = memory().numTensors;
  const inputs = [[0.5, -0.25], new Float32Array([0.5, -0.25]), new Float64Array([1, 0.2])];
  const [list, floats, doubles] = await model.predict(inputs);
  expect(list).toEqual(floats);
  const [pixels] = await model.predict([new Uint8Array([255, 51])]);
  expect(pixels).toEqual(doubles);
  expect(pixels?.probabilities.map(Math.fround)).toEqual(pixels?.probabilities);
  expect(["below the line", "above"]).toContain(list?.label);
  expect(await model.predict([])).toEqual([]);
  expect(memory().numTensors).toBe(before);
});

test("each input that cannot be read is told with its position", async () => {
  const { model } = await openToy(pointsInput);
  const wrong = [[1], [1, 2], [1, Infinity], [1, 1e300], "text", null, [1, "2"], {}, true];
  await expect(model.predict(wrong)).rejects.toMatchObject({
    code: "data",
    message: [
      "8 of 9 inputs cannot be read:",
      "  input 0: expected 2 numbers, found 1",
      "  input 2: the number at 1 is Infinity, not a finite float32",
      "  input 3: the number at 1 is 1e+300, not a finite float32",
      '  input 4: expected 2 numbers, or as many pixels as a Uint8Array, found the text "text"',
      "  input 5: expected 2 numbers, or as many pixels as a Uint8Array, found null",
      "  … and 3 more",
    ].join("\n"),
  });
});

test("texts of any length are read; predictions at the same time do not disturb each other", async () => {
  const { model } = await openToy(sentencesInput);
  const texts = ["a good b 1", "a bad b 2", "", "good ".repeat(1000), "\ud800"];
  const all = await model.predict(texts);
  const alone = await Promise.all(texts.map(async (text) => (await model.predict([text]))[0]));
  expect(alone).toEqual(all);
  expect(all.map(({ probabilities }) => probabilities.length)).toEqual([2, 2, 2, 2, 2]);
});

test("after dispose it cannot predict, and lets go of its weights", async () => {
  const { model, weights } = await openToy(pointsInput);
  await collectGarbage();
  expect(weights.deref()?.dtype).toBe("F32");
  model.dispose();
  model.dispose();
  await collectGarbage();
  expect(weights.deref()).toBeUndefined();
  await expect(model.predict([[0, 0]])).rejects.toMatchObject({ code: "usage" });
});

test.each([
  [{ kind: "delimited", columns: { text: 2, label: 0 } }, 2],
  [{ kind: "delimited", columns: { text: "words", label: 0 } }, "words"],
  [{ kind: "jsonl", fields: { text: "body", label: "class" } }, "body"],
  [{ kind: "spamAssassin" }, 0],
])("a row holds its text where the config says: %j", (data, column) => {
  expect(textColumn(data)).toBe(column);
});
