/** Reading examples to predict, with a model's own classes and vocabulary. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { listFiles, loadDataset, type DatasetConfig } from "../../../src/data/dataset.ts";
import { fittedInput, type FittedInput } from "../../../src/data/fitted-input.ts";
import { encodeUnlabelled, loadUnlabelled } from "../../../src/data/unlabelled.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

const fitted: FittedInput = {
  labels: ["no", "yes"],
  input: {
    kind: "tokens",
    sequenceLength: 4,
    vocabSize: 5,
    padId: 0,
    vocabulary: ["[PAD]", "[UNK]", "[CLS]", "good", "bad"],
  },
  tokenizer: { kind: "words", lowercase: true },
};
const features: FittedInput = {
  labels: ["0", "1"],
  input: { kind: "features", numFeatures: 4 },
};
const tokenizer = { kind: "words", vocabSize: 8, minFrequency: 1, lowercase: true } as const;

function delimited(fields: object = {}): DatasetConfig {
  const columns = { text: 0, label: 1 };
  const format = { delimiter: "\t", quoting: "none", header: false, columns, encoding: "utf-8" };
  const data = { kind: "delimited", ...format, sequenceLength: 4, predict: "new.tsv", ...fields };
  return { mode: "predict", data, tokenizer };
}

function folderWith(text: string | Uint8Array, name = "new.tsv"): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, name), text);
  return folder;
}

async function rowsOf(text: string, config: DatasetConfig): Promise<unknown[]> {
  const examples = await loadUnlabelled(config, { projectDirectory: folderWith(text), fitted });
  const { tokens = new Int32Array(), labels, size } = examples ?? { size: 0, labels: [] };
  return Array.from({ length: size }, (_, index) => [
    [...tokens.subarray(index * 4, (index + 1) * 4)],
    labels[index],
  ]);
}

test("texts are read with the model's vocabulary; a label may be there, be empty, or have no column", async () => {
  const good = [2, 3, 1, 0];
  expect(await rowsOf("GOOD film\nbad\n", delimited())).toEqual([
    [good, -1],
    [[2, 4, 0, 0], -1],
  ]);
  expect(await rowsOf("good film\tyes\ngood film\t\n", delimited())).toEqual([
    [good, 1],
    [good, -1],
  ]);
  const named = { header: true, columns: { text: "words", label: "class" } };
  expect(await rowsOf("id\twords\n7\tgood film\n", delimited(named))).toEqual([[good, -1]]);
  const jsonl = { kind: "jsonl", fields: { text: "t", label: "l" } };
  const lines = '{"t":"good film"}\n{"t":"good film","l":null}\n{"t":"good film","l":"no"}\n';
  expect(await rowsOf(lines, delimited(jsonl))).toEqual([
    [good, -1],
    [good, -1],
    [good, 0],
  ]);
});

test("an example's digest is that of the data set that it could be part of", async () => {
  const projectDirectory = folderWith("good film\n");
  const examples = await loadUnlabelled(delimited(), { projectDirectory, fitted });
  expect(examples?.digest(0)).toBe(sha256("good film"));
  const few = delimited({ maxSamples: 1 });
  const more = await loadUnlabelled(few, { projectDirectory: folderWith("a\nb\n"), fitted });
  expect(more?.size).toBe(1);
});

test.each([
  ["good\tmaybe\n", 'has the class "maybe", which the model does not know'],
  ["good\tyes\nbad\n", "1 row of 2 cannot be read"],
  ["", "new.tsv is empty"],
])("%j is refused", async (text, message) => {
  const projectDirectory = folderWith(text);
  const error = await errorOf(() => loadUnlabelled(delimited(), { projectDirectory, fitted }));
  expect(error).toMatchObject({ code: "data" });
  expect(error.message).toContain(message);
});

test("images are read without labels, and their size must be the model's", async () => {
  const header = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2];
  const bytes = Uint8Array.from([...header, 0, 255, 51, 0, 1, 2, 3, 4]);
  const projectDirectory = folderWith(bytes, "images");
  const config = { data: { kind: "idx", files: { train: {} }, predict: "images" } };
  const examples = await loadUnlabelled(config, { projectDirectory, fitted: features });
  expect(examples?.size).toBe(2);
  expect([...(examples?.features ?? [])].slice(0, 4)).toEqual([0, 1, Math.fround(0.2), 0]);
  const input = { kind: "features", numFeatures: 9 } as const;
  const other = { projectDirectory, fitted: { ...features, input } };
  const error = await errorOf(() => loadUnlabelled(config, other));
  expect(error.message).toBe("The data has 4 features an example; the model reads 9 features.");
});

test("only a prediction with data.predict reads that file alone", async () => {
  const folder = folderWith("good\n");
  writeFileSync(join(folder, "all.tsv"), "good\tyes\nbad\tno\n");
  const names = async (config: DatasetConfig): Promise<unknown> =>
    (await listFiles(config, folder)).map(({ name }) => name);
  const config = delimited({ path: "all.tsv" });
  expect(await names(config)).toEqual(["predict"]);
  expect(await names({ ...config, mode: "evaluate" })).toEqual(["train"]);
  expect(await names(delimited({ path: "all.tsv", predict: undefined }))).toEqual(["train"]);
  const missing = await errorOf(() => listFiles(delimited({ predict: "old.tsv" }), folder));
  expect(missing.message).toContain("data.predict: old.tsv does not exist.");
});

test("a data set that is read for a trained model keeps its classes and vocabulary", async () => {
  const rows = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? `fine ${index}\tyes` : `awful ${index}\tno`,
  );
  const folder = folderWith(rows.join("\n"), "all.tsv");
  const config = { ...delimited({ path: "all.tsv" }), mode: "evaluate" };
  const { labels, input } = await loadDataset(config, folder, { fitted });
  expect({ labels, input }).toEqual({ labels: fitted.labels, input: fitted.input });
  expect(fittedInput(await loadDataset(config, folder, { fitted }), tokenizer)).toEqual(fitted);
  const strange = { ...fitted, labels: ["yes", "maybe"] };
  const error = await errorOf(() => loadDataset(config, folder, { fitted: strange }));
  expect(error.message).toContain('has the class "no", which the model was not trained on');
  const numbers = await errorOf(() =>
    loadDataset(config, folder, { fitted: { ...features, labels: fitted.labels } }),
  );
  expect(numbers.message).toContain("The data is text; the model reads numbers.");
});

test("nothing to predict is an error", async () => {
  const error = await errorOf(() => encodeUnlabelled({ content: "text", examples: [] }, fitted));
  expect(error.message).toBe("There is no example to predict.");
});
