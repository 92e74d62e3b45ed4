/** Models of language: trained on characters, measured by character, and writing. */
import { memory } from "@tensorflow/tfjs-core";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { isExpError } from "../../../src/core/errors.ts";
import type { OpenedModel, TrainedModel } from "../../../src/core/trained-model.ts";
import { openTrainedModel } from "../../../src/train/opened-model.ts";
import { training } from "../../../src/train/task.ts";
import { temporaryFolder } from "../data/helpers.ts";
import {
  eventsOf,
  metricsOf,
  resolved,
  resultOf,
  runToy,
  traceOf,
  type FinishedToy,
} from "./toy.ts";

/** Predictable but for the number. */
const text = Array.from({ length: 60 }, (_, i) => `line ${(i * 7) % 10} of a song\n`).join("");

interface Written {
  readonly run: FinishedToy;
  readonly input: object;
}

function inputOf(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const folder = temporaryFolder({ "song.txt": text });
  return {
    backend: "cpu",
    data: { kind: "characters", path: join(folder, "song.txt"), sequenceLength: 12 },
    model: {
      kind: "gpt",
      numLayers: 1,
      hiddenSize: 16,
      numHeads: 2,
      feedForwardSize: 32,
      contextLength: 12,
      dropoutRate: 0.1,
    },
    optimizer: { kind: "adamw", learningRate: 0.01 },
    training: { numSteps: 40, batchSize: 8, evaluationInterval: 20 },
    selection: { metric: "validation.loss", direction: "min" },
    sampling: { prompt: "line", length: 30, numSamples: 2 },
    ...changes,
  };
}

async function written(changes: Readonly<Record<string, unknown>> = {}): Promise<Written> {
  const input = inputOf(changes);
  const run = await runToy(input, { members: {} });
  if (run.error !== undefined) throw run.error;
  return { run, input };
}

function trainedBy(run: FinishedToy): TrainedModel {
  const best = eventsOf(run, "checkpoint").findLast(({ names }) => names.includes("best"));
  const artifacts = eventsOf(run, "artifact").map(({ name, json }) => [name, json]);
  return {
    name: "1234abcd",
    tensors: best?.tensors ?? new Map(),
    step: best?.step,
    artifacts: JSON.parse(JSON.stringify(Object.fromEntries(artifacts))) as never,
    artifactFolder: "/runs/1234abcd/model",
  };
}

/** The text of a row of predictions. */
function textOf(row: Readonly<Record<string, unknown>> = {}): string {
  const { text: found } = row;
  return typeof found === "string" ? found : "";
}

async function opened({ run, input }: Written): Promise<OpenedModel> {
  const config = resolved<TrainingConfig>(input, training);
  const model = await openTrainedModel({}, { config, trained: trainedBy(run), backend: "cpu" });
  onTestFinished(() => model.dispose());
  return model;
}

function use(
  { run, input }: Written,
  changes: Readonly<Record<string, unknown>>,
): Promise<FinishedToy> {
  const whole = { mode: "evaluate", checkpoint: "1234abcd", ...input, ...changes };
  return runToy(whole, { members: {}, trained: trainedBy(run) });
}

test("a run learns, measures by character, and leaves its samples as predictions and in the log", async () => {
  const { run } = await written();
  const [first, last] = metricsOf(run);
  const loss = last?.["validation.loss"] ?? NaN;
  expect(loss).toBeLessThan(0.8 * (first?.["validation.loss"] ?? NaN));
  expect(loss).toBeLessThan(1.7); // guessing among 21 characters is 3.04
  expect(last?.["validation.perplexity"]).toBeCloseTo(Math.exp(loss), 12);
  expect(last?.["validation.bitsPerCharacter"]).toBeCloseTo(loss / Math.log(2), 12);
  expect(Object.keys(resultOf(run).metrics).sort()).toEqual([
    "validation.accuracy",
    "validation.bitsPerCharacter",
    "validation.loss",
    "validation.perplexity",
  ]);
  expect(resultOf(run).details["validation"]).toEqual({ numTokens: 101 }); // of 102 characters
  const rows = eventsOf(run, "predictions").flatMap((event) => event.rows);
  expect(rows).toMatchObject([
    { index: 0, prompt: "line" },
    { index: 1, prompt: "line" },
  ]);
  const texts = rows.map(textOf);
  expect(texts.map((each) => each.length)).toEqual([30, 30]);
  expect(texts[0]).not.toBe(texts[1]);
  const log = eventsOf(run, "log").map((event) => event.text);
  const at = log.indexOf('sample 1 after "line":');
  expect(log.slice(at + 1).join("\n")).toContain(texts[0]);
  expect(log.join("\n")).toContain(
    "data characters: 918 training, 102 validation and 0 test characters, 21 different ones; 906 training windows of 12",
  );
});

test("the same config writes the same, another seed something else", async () => {
  const [a, b, c] = [await written(), await written(), await written({ seeds: { sampling: 1 } })];
  expect(eventsOf(b.run, "predictions")).toEqual(eventsOf(a.run, "predictions"));
  expect(eventsOf(c.run, "predictions")).not.toEqual(eventsOf(a.run, "predictions"));
  expect(resultOf(c.run).weightsDigest).toBe(resultOf(a.run).weightsDigest);
});

test("4 accumulated passes of 2 windows see what 1 pass of 8 sees", async () => {
  const settings = { numSteps: 2, evaluationInterval: null };
  const model = { ...(inputOf()["model"] as object), dropoutRate: 0.3 };
  const whole = await written({ model, training: { ...settings, batchSize: 8 } });
  const cut = { ...settings, batchSize: 2, gradientAccumulationSteps: 4 };
  const parts = await written({ model, training: cut });
  const batches = ({ run }: Written): unknown[] => traceOf(run).map((row) => row["batch"]);
  expect(batches(parts)).toEqual(batches(whole));
  const loss = ({ run }: Written): number => metricsOf(run)[0]?.["validation.loss"] ?? NaN;
  expect(loss(parts)).toBeCloseTo(loss(whole), 5);
});

test("the loss does not depend on how many windows are measured at once, and leaves no tensor", async () => {
  const done = await written();
  const before = memory().numTensors;
  const evaluation = await use(done, { training: { numSteps: 1, batchSize: 3 } });
  expect(resultOf(evaluation).metrics).toEqual(resultOf(done.run).metrics);
  expect(resultOf(evaluation).details["labels"]).toBeUndefined();
  expect(memory().numTensors).toBe(before);
});

test("characters that were trained on are not measured under another split", async () => {
  const done = await written();
  const data = { ...(done.input as { data: object }).data, split: { validation: 0.5 } };
  const { error } = await use(done, { data });
  expect(isExpError(error) && [error.message, error.issues?.[0]?.path]).toEqual([
    "The checkpoint 1234abcd was trained on 2 of 3 validation stretches of text of this config.",
    ["data", "split", "validation"],
  ]);
});

test("mode=predict writes what the run wrote; without sampling, by the defaults", async () => {
  const done = await written();
  const prediction = await use(done, { mode: "predict" });
  expect(eventsOf(prediction, "predictions")).toEqual(eventsOf(done.run, "predictions"));
  expect(resultOf(prediction).metrics).toEqual({});
  const plain = await use(done, { mode: "predict", sampling: undefined });
  const [row] = eventsOf(plain, "predictions").flatMap(({ rows }) => rows);
  expect([row?.["prompt"], textOf(row).length]).toEqual(["\n", 500]);
});

describe("an opened model", () => {
  test("writes the run's texts, and others when it is asked to", async () => {
    const done = await written();
    const model = await opened(done);
    const rows = eventsOf(done.run, "predictions").flatMap((event) => event.rows);
    const options = { prompt: "line", length: 30 };
    expect(await model.sample?.(options)).toBe(rows[0]?.["text"]);
    expect(await model.sample?.({ ...options, index: 1 })).toBe(rows[1]?.["text"]);
    expect(await model.sample?.({ ...options, seed: 5 })).not.toBe(rows[0]?.["text"]);
    const likeliest = { ...options, temperature: 0 };
    expect(await model.sample?.({ ...likeliest, seed: 5 })).toBe(await model.sample?.(likeliest));
  });

  test("says which character comes next, from the last ones that it can see", async () => {
    const model = await opened(await written());
    const far = `x${"?".repeat(50)}`;
    const [short, long] = await model.predict(["ne 3 of a son", "line 3 of a son"]);
    expect([short?.label, long?.probabilities]).toEqual(["g", short?.probabilities]);
    expect(long?.probabilities).toHaveLength(model.labels.length);
    await expect(model.predict([far])).rejects.toThrow(
      'Input 0 has the character "?" (U+003F), which the model does not know.',
    );
    await expect(model.predict(["a", ""])).rejects.toThrow("Input 1 is empty");
  });

  test("refuses what it cannot write, all at once", async () => {
    const model = await opened(await written());
    await expect(model.sample?.({ length: 0, temperature: -1, topK: 0.5 })).rejects.toThrow(
      "Nothing was written: length is 0, expected 1 or more; temperature is -1, expected 0 to 100; topK is 0.5, expected 1 or more, or null.",
    );
    await expect(model.sample?.({ prompt: "Ω" })).rejects.toThrow('has the character "Ω" (U+03A9)');
    model.dispose();
    await expect(model.sample?.({})).rejects.toThrow("was disposed");
  });
});

test("a prompt with unknown characters is refused before anything is trained", async () => {
  const { run, error } = await runToy(inputOf({ sampling: { prompt: "Ω" } }), { members: {} }).then(
    (done) => ({ run: done, error: done.error }),
  );
  expect(run.events).toEqual([]);
  expect(isExpError(error) && error.message).toBe(
    'The prompt (sampling.prompt) has the character "Ω" (U+03A9), which the model does not know.',
  );
});

test("a text that is shorter than a window ends the run with its size", async () => {
  const input = inputOf();
  writeFileSync((input["data"] as { path: string }).path, "short");
  const { error } = await runToy(input, { members: {} });
  expect(isExpError(error) && error.message).toContain(
    "The part train of the text has 4 characters",
  );
});
