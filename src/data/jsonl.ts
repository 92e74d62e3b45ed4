/** JSON Lines: one JSON object a line, with a text and a label. */
import { jsonlSchema, type JsonlConfig, type JsonlInput } from "../../schemas/data.ts";
import { ExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import { nearest } from "../core/suggest.ts";
import { createBrokenRows } from "./broken-rows.ts";
import { defineDataSource, type DataSource, type TextExample } from "./data-source.ts";
import { quote, unknownLabelHint } from "./labels.ts";
import { listTextFiles, readTextFiles, unlabelledTexts } from "./text-source.ts";

/** With the `u` flag, only halves of surrogate pairs that stand alone match; JSON can escape them. */
const loneSurrogate = /[\uD800-\uDFFF]/u;

type Format = Pick<JsonlConfig, "fields" | "labels">;
type AnyFormat = Format & { readonly isLabelOptional?: boolean };
type UnlabelledExample = Omit<TextExample, "label"> & { readonly label?: string };

/** The source `jsonl`. */
export const jsonl: DataSource<JsonlConfig, JsonlInput> = defineDataSource({
  kind: "jsonl",
  schema: jsonlSchema,
  listFiles: listTextFiles,
  read: ({ config, projectDirectory }) =>
    readTextFiles(config, projectDirectory, (text, file) => parseJsonl(text, config, file)),
  unlabelled: unlabelledTexts(
    (config) => (text, file) => parseLines(text, { ...config, isLabelOptional: true }, file),
  ),
});

/**
 * The examples of JSON Lines. Labels may be strings, integers or booleans; their class is named by their JSON text.
 * Lines end with LF or CRLF; empty lines are only allowed at the end.
 * @param file - Its name for messages.
 * @throws {ExpError} `data` with the first few lines that cannot be read and their number.
 */
export function parseJsonl(text: string, format: Format, file: string): readonly TextExample[] {
  return parseLines(text, format, file).map((example) => ({ label: "", ...example })); // none lacks it
}

function parseLines(text: string, format: AnyFormat, file: string): readonly UnlabelledExample[] {
  const { fields } = format;
  const hint = `Each line must be an object with a text under ${quote(fields.text)} and a class under ${quote(fields.label)} (data.fields).`;
  const broken = createBrokenRows(file, hint);
  const lines = text.split(/\r?\n/);
  while (lines.at(-1)?.trim() === "") lines.pop();
  const examples: UnlabelledExample[] = [];
  lines.forEach((line, index) => {
    const example = parseLine(line, format);
    if (typeof example === "string") broken.add(index + 1, example);
    else examples.push(example);
  });
  broken.check(lines.length);
  if (examples.length === 0) throw new ExpError("data", `${file} has no rows.`);
  return examples;
}

/** The example of a line, or what is wrong with it. */
function parseLine(line: string, format: AnyFormat): UnlabelledExample | string {
  if (line.trim() === "") return "the row is empty";
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `not JSON: ${quote(line)}`;
  }
  if (!isPlainObject(value)) return `expected an object, found ${quote(line)}`;
  return readText(value, format) ?? readExample(value, format);
}

/** What is wrong with the text, if anything. */
function readText(
  value: Readonly<Record<string, unknown>>,
  { fields }: Format,
): string | undefined {
  const text = ownField(value, fields.text);
  if (text === undefined) return missingField(value, fields.text);
  if (typeof text !== "string") return `${quote(fields.text)} is not a string: ${shown(text)}`;
  return loneSurrogate.test(text)
    ? `${quote(fields.text)} holds half of a surrogate pair, which is not a character`
    : undefined;
}

function readExample(
  value: Readonly<Record<string, unknown>>,
  { fields, labels, isLabelOptional = false }: AnyFormat,
): UnlabelledExample | string {
  const found = ownField(value, fields.label);
  const isAbsent = found === undefined || found === null || found === "";
  if (isLabelOptional && isAbsent) return { text: String(ownField(value, fields.text)) };
  if (found === undefined) return missingField(value, fields.label);
  const label = className(found);
  if (label === undefined) {
    return `${quote(fields.label)} must be a string, an integer or a boolean, found ${shown(found)}`;
  }
  if (label === "") return "the label is empty";
  if (labels !== undefined && !labels.includes(label)) {
    return `unknown label ${quote(label)}; ${unknownLabelHint(label, labels)}`;
  }
  return { text: String(ownField(value, fields.text)), label };
}

function className(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  const isName = typeof value === "boolean" || Number.isSafeInteger(value);
  return isName ? JSON.stringify(value) : undefined;
}

function ownField(value: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function missingField(value: Readonly<Record<string, unknown>>, name: string): string {
  const names = Object.keys(value);
  const near = nearest(name, names);
  const hint = near === undefined ? "" : ` Did you mean ${quote(near)}?`;
  const list = names.slice(0, 8).map(quote).join(", ");
  return `no field ${quote(name)}; found ${list === "" ? "an empty object" : list}.${hint}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
