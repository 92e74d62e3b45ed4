import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBrokenRows } from "../../../src/data/broken-rows.ts";
import { splitRows } from "../../../src/data/delimited-rows.ts";
import { errorOf } from "./helpers.ts";

type Rows = readonly (readonly string[])[];

function rowsOf(text: string, quoting: "none" | "double", delimiter = ","): Rows {
  const broken = createBrokenRows("a.csv", "");
  const rows = splitRows(text, { delimiter, quoting }, broken);
  broken.check(rows.length + broken.count());
  return rows.map(({ cells }) => cells);
}

test("lines may end with LF or CRLF, the last with nothing", () => {
  const expected = [
    ["a", "1"],
    ["b", "2"],
  ];
  for (const quoting of ["none", "double"] as const) {
    expect(rowsOf("a,1\nb,2\n", quoting)).toEqual(expected);
    expect(rowsOf("a,1\r\nb,2\r\n", quoting)).toEqual(expected);
    expect(rowsOf("a,1\r\nb,2", quoting)).toEqual(expected);
    expect(rowsOf("a,1\nb,2\n\n\n", quoting)).toEqual(expected);
    expect(rowsOf("\n\n", quoting)).toEqual([]);
  }
});

test("without quoting, quotation marks are text", () => {
  expect(rowsOf('"a\tb"\t1', "none", "\t")).toEqual([['"a', 'b"', "1"]]);
});

test("a quoted cell may hold delimiters, line ends and quotation marks", () => {
  expect(rowsOf('"a, ""b""\r\nc",1\nd,2', "double")).toEqual([
    ['a, "b"\r\nc', "1"],
    ["d", "2"],
  ]);
});

test("rows are numbered by the line that they begin on", () => {
  const broken = createBrokenRows("a.csv", "");
  const rows = splitRows('"a\n\nb",1\nc,2', { delimiter: ",", quoting: "double" }, broken);
  expect(rows.map(({ number }) => number)).toEqual([1, 4]);
});

const cell = fc.string({ unit: fc.constantFrom("a", "é", ",", '"', "\n", "\r\n", " ", "😀") });

test("what RFC 4180 writes is read back", () => {
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1 });
  fc.assert(
    fc.property(table, fc.constantFrom("\n", "\r\n"), (rows, lineEnd) => {
      const quoted = rows.map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`));
      const text = quoted.map((row) => row.join(",")).join(lineEnd);
      expect(rowsOf(text, "double")).toEqual(rows);
    }),
  );
});

test("all mistakes in quoting are listed with their rows", async () => {
  const text = 'a,1\nb"c,2\n"d" e,3\nf,4\n"never';
  const error = await errorOf(() => rowsOf(text, "double"));
  expect(error.message).toMatchInlineSnapshot(`
    "a.csv: 3 rows of 5 cannot be read:
      a.csv:2: a quotation mark inside a cell that does not begin with one: "b\\"c"
      a.csv:3: column 1 goes on with " " after its closing quotation mark
      a.csv:5: a quotation mark is never closed"
  `);
});
