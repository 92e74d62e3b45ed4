import { expect, test } from "vitest";
import { delimitedSchema } from "../../../schemas/data.ts";
import { z } from "zod";
import { parseDelimited } from "../../../src/data/delimited.ts";
import { errorOf } from "./helpers.ts";

function parse(text: string, changes: object = {}): readonly (readonly string[])[] {
  const config = z.parse(delimitedSchema, { kind: "delimited", sequenceLength: 8, ...changes });
  return parseDelimited(text, config, "train.tsv").map((example) => [example.text, example.label]);
}

test("columns are found by number", () => {
  expect(parse("good film\t1\nbad film\t0\n")).toEqual([
    ["good film", "1"],
    ["bad film", "0"],
  ]);
  expect(parse("x\t1\tgood", { columns: { text: 2, label: 1 } })).toEqual([["good", "1"]]);
});

test("columns are found by name in the header, which is no example", () => {
  const csv = { delimiter: ",", quoting: "double", header: true };
  expect(
    parse('id,label,text\n7,spam,"a, b"\r\n', {
      ...csv,
      columns: { text: "text", label: "label" },
    }),
  ).toEqual([["a, b", "spam"]]);
});

test("broken rows are listed with file, row and what was expected", async () => {
  const text = "good\t1\nno label\n\na\tb\tc\nempty\t\nbad\t0\n";
  const error = await errorOf(() => parse(text));
  expect(error.code).toBe("data");
  expect(error.message).toMatchInlineSnapshot(`
    "train.tsv: 4 rows of 6 cannot be read:
      train.tsv:2: 1 column, expected 2 as in row 1: "no label"
      train.tsv:3: the row is empty
      train.tsv:4: 3 columns, expected 2 as in row 1: "a ⇥ b ⇥ c"
      train.tsv:5: the label is empty"
  `);
  expect(error.hint).toMatchInlineSnapshot(
    `"Read with a tab between columns, no quoting, no header (data.delimiter, data.quoting, data.header)."`,
  );
});

test("a first row that is too short is the broken one, not all the others", async () => {
  const error = await errorOf(() => parse("oops\ngood\t1\nbad\t0"));
  expect(error.message).toMatchInlineSnapshot(`
    "train.tsv: 1 row of 3 cannot be read:
      train.tsv:1: 1 column, expected 2 as in row 2: "oops""
  `);
});

test("an unknown label is named with its row and the declared ones", async () => {
  const error = await errorOf(() => parse("a\tham\nb\tspamm", { labels: ["ham", "spam"] }));
  expect(error.message).toMatchInlineSnapshot(`
    "train.tsv: 1 row of 2 cannot be read:
      train.tsv:2: unknown label "spamm"; data.labels are "ham", "spam". Did you mean "spam"?"
  `);
});

const named = { header: true, columns: { text: "text", label: "label" } };

test.each([
  [
    "a column that the header lacks",
    "texts\tlabel\na\t1",
    named,
    'train.tsv:1: the header has no column "text" (data.columns.text). It has "texts", "label".',
    'Did you mean "texts"?',
  ],
  [
    "a header with the column twice",
    "text\ttext\tlabel\na\tb\t1",
    named,
    'train.tsv:1: the header has the column "text" twice.',
    "Give data.columns.text as a number, from 0.",
  ],
  ["only a header", "text\tlabel\n", named, "train.tsv has no rows after its header.", undefined],
  ["only line ends", "\n\r\n", {}, "train.tsv has no rows.", undefined],
] as const)("%s is an error", async (...[, text, changes, message, hint]) => {
  const error = await errorOf(() => parse(text, changes));
  expect(error).toMatchObject({ code: "data", message, hint });
});

test("a header that cannot be cut is the broken row", async () => {
  const error = await errorOf(() => parse('te"xt\tlabel\na\t1', { ...named, quoting: "double" }));
  expect(error.message).toMatchInlineSnapshot(`
    "train.tsv: 1 row of 2 cannot be read:
      train.tsv:1: a quotation mark inside a cell that does not begin with one: "te\\"xt""
  `);
});

test("a named column without a header is a mistake in the config", async () => {
  const error = await errorOf(() => parse("a\t1", { columns: { text: "text", label: 1 } }));
  expect(error.code).toBe("config");
  expect(error.issues).toEqual([
    { path: ["data", "columns", "text"], message: 'is the name "text", but data.header is false' },
  ]);
});

test("one column cannot be both text and label", async () => {
  const error = await errorOf(() => parse("a\t1", { columns: { text: 1, label: 1 } }));
  expect(error.issues).toEqual([
    { path: ["data", "columns", "label"], message: "is column 1, and so is data.columns.text" },
  ]);
});
