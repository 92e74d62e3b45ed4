import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { dataSchemas } from "../../../schemas/data.ts";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { defineDataSource } from "../../../src/data/data-source.ts";
import {
  builtInDataSources,
  listFiles,
  loadDataset,
  type DatasetConfig,
} from "../../../src/data/dataset.ts";
import { errorOf, repository, temporaryFolder } from "./helpers.ts";

const tokenizer = { kind: "words" as const, vocabSize: 8_000, minFrequency: 1, lowercase: true };
const dataSchema = z.discriminatedUnion("kind", dataSchemas);

/** A config as resolving gives it, with the defaults of the schema. */
function textConfig(data: z.input<typeof dataSchema>): DatasetConfig {
  return { data: dataSchema.parse(data), tokenizer };
}

function rows(count: number, from = 0): string {
  return Array.from({ length: count }, (_, index) => {
    const number = index + from;
    return number % 2 === 0 ? `good film ${number}\tpos\n` : `bad film ${number}\tneg\n`;
  }).join("");
}

const oneFile = textConfig({ kind: "delimited", path: "all.tsv", sequenceLength: 6 });

test("there is a source for every kind of the schema", () => {
  expect(builtInDataSources.map(({ kind }) => kind)).toEqual(
    dataSchemas.map((schema) => [...(schema._zod.propValues["kind"] ?? [])][0]),
  );
});

test("one file becomes three parts, classes and facts", async () => {
  const folder = temporaryFolder({ "all.tsv": rows(100) });
  const { labels, parts, input, facts } = await loadDataset(oneFile, folder);
  expect(labels).toEqual(["neg", "pos"]);
  expect(parts.train.size + parts.validation.size + parts.test.size).toBe(100);
  expect(parts.train.tokens).toHaveLength(parts.train.size * 6);
  expect(input).toMatchObject({ kind: "tokens", sequenceLength: 6, padId: 0 });
  expect(facts).toMatchInlineSnapshot(`
    {
      "classes": [
        {
          "name": "neg",
          "test": 5,
          "train": 40,
          "validation": 5,
        },
        {
          "name": "pos",
          "test": 2,
          "train": 40,
          "validation": 8,
        },
      ],
      "kind": "delimited",
      "numExamples": {
        "test": 7,
        "train": 80,
        "validation": 13,
      },
      "numInputsSharedWithTrain": {
        "test": 0,
        "validation": 0,
      },
      "numSharedWithTrain": {
        "test": 0,
        "validation": 0,
      },
      "source": {},
      "text": {
        "numCut": {
          "test": 0,
          "train": 0,
          "validation": 0,
        },
        "numEmpty": {
          "test": 0,
          "train": 0,
          "validation": 0,
        },
        "unknownTokenShare": {
          "test": 0,
          "train": 0,
          "validation": 0,
        },
        "vocabSize": 16,
        "vocabularyDigest": "ccb6d024f6049d84fd77248466723ae3e7b6a6053f1fdcb4aa03fab6deed65c1",
      },
    }
  `);
  expect(() => canonicalJson(facts)).not.toThrow();
});

test("loading twice gives the same arrays", async () => {
  const folder = temporaryFolder({ "all.tsv": rows(60) });
  const [first, second] = [await loadDataset(oneFile, folder), await loadDataset(oneFile, folder)];
  expect(second.parts.train.tokens).toEqual(first.parts.train.tokens);
  expect(second.facts).toEqual(first.facts);
});

test("files of their own are the parts, and what they share with training is counted", async () => {
  const config = textConfig({
    kind: "delimited",
    path: "set",
    files: { train: "a.tsv", validation: "b.tsv", test: "c.tsv" },
    sequenceLength: 6,
  });
  const folder = temporaryFolder({
    "set/a.tsv": rows(20),
    "set/b.tsv": rows(6, 18),
    "set/c.tsv": rows(4, 50),
  });
  const { parts, facts } = await loadDataset(config, folder);
  expect([parts.train.size, parts.validation.size, parts.test.size]).toEqual([20, 6, 4]);
  expect(facts["numSharedWithTrain"]).toEqual({ validation: 2, test: 0 });
  const files = await listFiles(config, folder);
  expect(files.map(({ name }) => name)).toEqual(["train", "validation", "test"]);
});

test("texts that are cut to one input are counted, with whatever label", async () => {
  const config = textConfig({
    kind: "delimited",
    path: "set",
    files: { train: "a.tsv", validation: "b.tsv", test: "c.tsv" },
    sequenceLength: 3,
  });
  const folder = temporaryFolder({
    "set/a.tsv": "one two three\tpos\nfour\tneg\n",
    "set/b.tsv": "one two other\tneg\nfour\tneg\nfour five\tpos\none\tpos\n",
    "set/c.tsv": "one two\tpos\none three\tneg\nfive six\tneg\n",
  });
  const { facts, sharedInputs } = await loadDataset(config, folder);
  expect(facts["numSharedWithTrain"]).toEqual({ validation: 1, test: 0 });
  expect(facts["numInputsSharedWithTrain"]).toEqual({ validation: 2, test: 1 });
  expect(sharedInputs).toEqual({ validation: 2, test: 1 });
});

test("features with the same bits are counted, whatever content they stand for", async () => {
  const example = (content: number, ...values: readonly number[]) => ({
    features: Float32Array.from(values),
    content: Uint8Array.of(content),
    label: content % 2 === 0 ? "even" : "odd",
  });
  const points = defineDataSource({
    kind: "points",
    schema: z.strictObject({ kind: z.literal("points") }),
    listFiles: () => Promise.resolve([]),
    read: () =>
      Promise.resolve({
        content: "features",
        numFeatures: 2,
        parts: {
          train: [example(0, 1, 2), example(1, 3, 4)],
          validation: [example(2, 3, 4), example(3, 2, 1)],
          test: [example(4, 4, 3), example(5, 1, 2), example(6, 1, 2)],
        },
        facts: {},
      }),
  });
  const { facts } = await loadDataset({ data: { kind: "points" } }, "/", { sources: [points] });
  expect(facts["numSharedWithTrain"]).toEqual({ validation: 0, test: 0 });
  expect(facts["numInputsSharedWithTrain"]).toEqual({ validation: 1, test: 2 });
});

test("an empty file is an error that names it", async () => {
  const folder = temporaryFolder({ "all.tsv": "" });
  const error = await errorOf(() => loadDataset(oneFile, folder));
  expect(error).toMatchObject({ code: "data", message: "all.tsv is empty." });
});

test("JSON Lines are read by the same way", async () => {
  const lines = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify({ text: `word ${index}`, label: index % 2 }),
  );
  const folder = temporaryFolder({ "all.jsonl": lines.join("\n") });
  const { labels } = await loadDataset(
    textConfig({ kind: "jsonl", path: "all.jsonl", sequenceLength: 4 }),
    folder,
  );
  expect(labels).toEqual(["0", "1"]);
});

test("text without a tokenizer is refused", async () => {
  const folder = temporaryFolder({ "all.tsv": rows(40) });
  const error = await errorOf(() => loadDataset({ data: oneFile.data }, folder));
  expect(error).toMatchObject({
    code: "config",
    message: "data.kind delimited gives text, which needs a tokenizer.",
  });
});

test("a tokenizer for anything but text is refused", async () => {
  const error = await errorOf(() => loadDataset(textConfig({ kind: "mnist" }), repository));
  expect(error.code).toBe("config");
  expect(error.issues).toEqual([{ path: ["tokenizer"], message: "is for text only; remove it" }]);
});

test("a source of one's own goes the same way", async () => {
  const schema = z.strictObject({
    kind: z.literal("colours"),
    sequenceLength: z.int(),
    numTexts: z.int(),
  });
  const colours = defineDataSource({
    kind: "colours",
    schema,
    listFiles: () => Promise.resolve([]),
    read: ({ config }) => {
      const train = Array.from({ length: config.numTexts }, (_, index) => ({
        text: `colour ${index}`,
        label: index % 3 === 0 ? "red" : "blue",
      }));
      return Promise.resolve({
        content: "text",
        parts: { train },
        labels: ["red", "blue"],
        facts: { shades: 2 },
      });
    },
  });
  const config = { data: { kind: "colours", sequenceLength: 4, numTexts: 50 }, tokenizer };
  const { labels, facts } = await loadDataset(config, "/", {
    sources: [...builtInDataSources, colours],
  });
  expect(labels).toEqual(["red", "blue"]);
  expect(facts["source"]).toEqual({ shades: 2 });
});

const shared = join(repository, "..", "shared", "data");

test("the Stanford Sentiment Treebank is read whole", async ({ skip }) => {
  skip(!existsSync(join(shared, "sst2")), "../shared/data/sst2 is absent");
  const files = { train: "train.tsv", validation: "dev.tsv", test: "test.tsv" };
  const config = textConfig({
    kind: "delimited",
    path: "../shared/data/sst2",
    files,
    sequenceLength: 40,
  });
  const { facts } = await loadDataset(config, repository);
  expect(facts["numExamples"]).toEqual({ train: 6_920, validation: 872, test: 1_821 });
});

test("the IDX files of MNIST are read whole", async ({ skip }) => {
  const folder = join(shared, "mnist-t10k");
  skip(!existsSync(folder), "../shared/data/mnist-t10k is absent");
  const train = { images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz" };
  expect(readFileSync(join(folder, train.images)).subarray(0, 2)).toEqual(Buffer.of(0x1f, 0x8b));
  const data = dataSchema.parse({
    kind: "idx",
    path: "../shared/data/mnist-t10k",
    files: { train },
  });
  const { parts, labels, input } = await loadDataset({ data }, repository);
  expect(parts.train.size + parts.validation.size + parts.test.size).toBe(10_000);
  expect(labels).toHaveLength(10);
  expect(input).toEqual({ kind: "features", numFeatures: 784 });
});
