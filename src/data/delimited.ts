/** Delimited text (TSV, CSV): one example a row, with or without a header. */
import { delimitedSchema, type DelimitedConfig, type DelimitedInput } from "../../schemas/data.ts";
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import { createBrokenRows } from "./broken-rows.ts";
import { defineDataSource, type DataSource, type TextExample } from "./data-source.ts";
import { splitRows, type Row } from "./delimited-rows.ts";
import { quote, unknownLabelHint } from "./labels.ts";
import { listTextFiles, readTextFiles, unlabelledTexts } from "./text-source.ts";

type Format = Pick<DelimitedConfig, "delimiter" | "quoting" | "header" | "columns" | "labels">;

type AnyFormat = Format & { readonly isLabelOptional?: boolean };
type UnlabelledExample = Omit<TextExample, "label"> & { readonly label?: string };

/** The source `delimited`. */
export const delimited: DataSource<DelimitedConfig, DelimitedInput> = defineDataSource({
  kind: "delimited",
  schema: delimitedSchema,
  listFiles: listTextFiles,
  read: ({ config, projectDirectory }) =>
    readTextFiles(config, projectDirectory, (text, file) => parseDelimited(text, config, file)),
  unlabelled: unlabelledTexts(
    (config) => (text, file) => parseRows(text, { ...config, isLabelOptional: true }, file),
  ),
});

/**
 * The examples of a delimited text.
 * @param file - Its name for messages.
 * @throws {ExpError} `data` with the first few rows that cannot be read and their number; `config` when a column is
 * named but there is no header, or when both columns are the same.
 */
export function parseDelimited(text: string, format: Format, file: string): readonly TextExample[] {
  return parseRows(text, format, file).map((example) => ({ label: "", ...example })); // none lacks it
}

/** With `isLabelOptional`, the column of the labels may be missing, or empty in some rows. */
function parseRows(text: string, format: AnyFormat, file: string): readonly UnlabelledExample[] {
  const broken = createBrokenRows(file, formatHint(format));
  const rows = splitRows(text, format, broken);
  const numRows = rows.length + broken.count();
  if (format.header && rows[0]?.number !== 1) broken.check(numRows); // the header is among the broken
  const header = format.header ? rows[0] : undefined;
  const body = format.header ? rows.slice(1) : rows;
  const columns = {
    text: findColumn("text", format, { header, file }),
    label: hasLabels(format, header ?? body[0])
      ? findColumn("label", format, { header, file })
      : undefined,
  };
  if (columns.text === columns.label) {
    throw columnIssue("label", `is column ${columns.label}, and so is data.columns.text`);
  }
  const minimum = Math.max(columns.text, columns.label ?? 0) + 1;
  const width = { minimum, reference: header ?? body.find((row) => row.cells.length >= minimum) };
  const examples: UnlabelledExample[] = [];
  for (const row of body) {
    const label = columns.label === undefined ? undefined : (row.cells[columns.label] ?? "");
    const isLabelled = label !== undefined && !(label === "" && format.isLabelOptional === true);
    const problem =
      widthProblem(row, width) ?? (isLabelled ? labelProblem(label, format) : undefined);
    if (problem !== undefined) broken.add(row.number, problem);
    examples.push({ text: row.cells[columns.text] ?? "", ...(isLabelled ? { label } : {}) });
  }
  broken.check(numRows);
  if (body.length === 0)
    throw new ExpError("data", `${file} has no rows${format.header ? " after its header" : ""}.`);
  return examples;
}

/** Whether a file has the column of the labels, as far as its first row tells. */
function hasLabels({ columns, isLabelOptional }: AnyFormat, first: Row | undefined): boolean {
  if (isLabelOptional !== true || first === undefined) return true;
  const { label } = columns;
  return typeof label === "string" ? first.cells.includes(label) : label < first.cells.length;
}

interface Width {
  /** Columns that the config needs. */
  readonly minimum: number;
  /** The row whose number of columns all others must have: the header, or the first row that is wide enough. */
  readonly reference: Row | undefined;
}

function widthProblem(row: Row, { minimum, reference }: Width): string | undefined {
  const found = row.cells.length;
  if (found === 1 && row.cells[0] === "") return "the row is empty";
  const expected = reference?.cells.length ?? minimum;
  if (found === expected && found >= minimum) return undefined;
  const as = reference === undefined ? "at least " : "";
  const like = reference === undefined ? "" : ` as in row ${reference.number}`;
  const start = quote(row.cells.join(" ⇥ "));
  return `${found} ${found === 1 ? "column" : "columns"}, expected ${as}${expected}${like}: ${start}`;
}

function labelProblem(label: string | undefined, { labels }: Format): string | undefined {
  if (label === undefined || label === "") return "the label is empty";
  if (labels === undefined || labels.includes(label)) return undefined;
  return `unknown label ${quote(label)}; ${unknownLabelHint(label, labels)}`;
}

interface HeaderPlace {
  readonly header: Row | undefined;
  readonly file: string;
}

function findColumn(
  role: "text" | "label",
  { columns, header: hasHeader }: Format,
  { header, file }: HeaderPlace,
): number {
  const column = columns[role];
  if (typeof column === "number") return column;
  if (!hasHeader) {
    throw columnIssue(role, `is the name ${quote(column)}, but data.header is false`);
  }
  const names = header?.cells ?? [];
  const index = names.indexOf(column);
  if (index < 0) {
    const near = nearest(column, names);
    throw new ExpError(
      "data",
      `${file}:1: the header has no column ${quote(column)} (data.columns.${role}). It has ${names.map(quote).join(", ")}.`,
      near === undefined ? {} : { hint: `Did you mean ${quote(near)}?` },
    );
  }
  if (names.lastIndexOf(column) !== index) {
    throw new ExpError("data", `${file}:1: the header has the column ${quote(column)} twice.`, {
      hint: `Give data.columns.${role} as a number, from 0.`,
    });
  }
  return index;
}

function columnIssue(role: "text" | "label", message: string): ExpError {
  return new ExpError("config", "The columns cannot be found.", {
    issues: [{ path: ["data", "columns", role], message }],
    hint: "Number the columns from 0, or set data.header=true and name them.",
  });
}

const delimiterNames = { "\t": "a tab", ",": "a comma", ";": "a semicolon", "|": "a bar" } as const;

function formatHint({ delimiter, quoting, header }: Format): string {
  const quotes =
    quoting === "none" ? "no quoting" : "cells in double quotation marks where they need it";
  return `Read with ${delimiterNames[delimiter]} between columns, ${quotes}, ${header ? "a header" : "no header"} (data.delimiter, data.quoting, data.header).`;
}
