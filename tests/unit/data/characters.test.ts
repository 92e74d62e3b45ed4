import { expect, test } from "vitest";
import { z } from "zod";
import {
  charactersSchema,
  type CharactersConfig,
  type CharactersInput,
} from "../../../schemas/data.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { listFiles, loadDataset, type Dataset, type Examples } from "../../../src/data/dataset.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

type Settings = Omit<CharactersInput, "kind">;

function configOf(settings: Settings): { data: CharactersConfig } {
  return { data: z.parse(charactersSchema, { kind: "characters", ...settings }) };
}

function load(settings: Settings, files: Record<string, string | Uint8Array>): Promise<Dataset> {
  return loadDataset(configOf(settings), temporaryFolder(files));
}

/** The characters of a part. */
function textOf({ input }: Dataset, { text }: Examples): string {
  const vocabulary = input.kind === "language" ? input.vocabulary : [];
  return Array.from(text?.ids ?? [], (id) => vocabulary[id]).join("");
}

const alphabet = "the quick brown fox jumps over the lazy dog\n".repeat(10);

test("ids follow the code points, and the parts follow each other: training first, validation last", async () => {
  const dataset = await load({ path: "a.txt", sequenceLength: 8 }, { "a.txt": `${alphabet}é😀` });
  const { input, parts } = dataset;
  const expected = Array.from("\n abcdefghijklmnopqrstuvwxyzé😀");
  expect(input).toEqual({
    kind: "language",
    sequenceLength: 8,
    vocabSize: 30,
    vocabulary: expected,
  });
  expect(dataset.labels).toEqual(expected);
  expect(textOf(dataset, parts.train)).toBe(`${alphabet}é😀`.slice(0, 397));
  expect(textOf(dataset, parts.train) + textOf(dataset, parts.validation)).toBe(`${alphabet}é😀`);
  expect(parts.test.size).toBe(0);
});

test("training windows begin a stride apart and are whole; the others lie end to end and cover all", async () => {
  const split = { validation: 0.25, test: 0.25 };
  const settings = { path: "a.txt", sequenceLength: 4, split };
  const text = "abcdefghijklmnopqrst"; // 10, 5 and 5
  const everywhere = (await load(settings, { "a.txt": text })).parts;
  expect([everywhere.train.size, everywhere.validation.size, everywhere.test.size]).toEqual([
    6, 1, 1,
  ]);
  expect(everywhere.train.digest(5)).toBe(sha256("fghij"));
  expect(() => everywhere.train.digest(6)).toThrow("no window 6 of 6");
  const apart = (await load({ ...settings, stride: 4 }, { "a.txt": text })).parts;
  expect(apart.train.size).toBe(2);
  expect(apart.train.digest(1)).toBe(sha256("efghi"));
  const short = (await load({ ...settings, sequenceLength: 3 }, { "a.txt": text })).parts;
  expect([short.validation.size, short.validation.digest(1)]).toEqual([2, sha256("no")]);
});

test("parts may have files of their own; maxSamples cuts each file", async () => {
  const files = { train: "a.txt", validation: "b.txt" };
  const texts = { "a.txt": "abcabcabc", "b.txt": "bcz" };
  const dataset = await load({ files, sequenceLength: 2, maxSamples: 6 }, texts);
  expect(textOf(dataset, dataset.parts.train)).toBe("abcabc");
  expect(textOf(dataset, dataset.parts.validation)).toBe("bcz");
  expect(dataset.facts).toMatchObject({
    kind: "characters",
    numCharacters: { train: 6, validation: 3, test: 0 },
    language: { vocabSize: 4, numUnseen: { validation: 1, test: 0 } },
  });
});

test("its files are listed by their roles, for the data identity", async () => {
  const folder = temporaryFolder({ "a.txt": alphabet });
  const config = configOf({ path: "a.txt", sequenceLength: 8 });
  expect(await listFiles(config, folder)).toEqual([{ path: `${folder}/a.txt`, name: "train" }]);
});

test.each([
  ["an empty file", "", "a.txt is empty."],
  [
    "less than a window to train on",
    "abcdefgh",
    "The part train of the text has 7 characters; a window of data.sequenceLength and the character after it are 9.",
  ],
  [
    "nothing to measure",
    "abcdefghij",
    "The part validation of the text has 1 characters; two are the least: a character, and the one after it.",
  ],
  [
    "one character",
    "a".repeat(100),
    "The text is one character over and over: there is nothing to learn.",
  ],
  ["bytes of another encoding", Uint8Array.of(0x61, 0xe9), "a.txt:1: byte 1 (0xe9) is not UTF-8."],
])("%s is refused", async (_name, content, message) => {
  const error = await errorOf(() =>
    load({ path: "a.txt", sequenceLength: 8 }, { "a.txt": content }),
  );
  expect([error.code, error.message]).toEqual(["data", message]);
});

test("a trained model's characters are used, and one that it lacks is named", async () => {
  const folder = temporaryFolder({
    "a.txt": alphabet,
    "b.txt": "fox dog ".repeat(9),
    "c.txt": "fox → dog",
  });
  const settings = { sequenceLength: 8 };
  const { labels, input } = await loadDataset(configOf({ ...settings, path: "a.txt" }), folder);
  const fitted = { labels, input };
  const other = configOf({ ...settings, path: "b.txt" });
  expect((await loadDataset(other, folder, { fitted })).labels).toEqual(labels);
  const unknown = configOf({ ...settings, path: "c.txt", split: { validation: 0.5 } });
  const error = await errorOf(() => loadDataset(unknown, folder, { fitted }));
  expect(error.message).toBe(
    'The part validation has the character "→" (U+2192), which the model does not know.',
  );
  expect(error.hint).toMatch(/^It was trained on 28 characters: "\\n abc/);
});
