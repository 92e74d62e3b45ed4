/** JSON values as TypeScript, laid out as prettier does with its own defaults, so that a formatter has nothing to change. */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { isSecret } from "../../core/secret-reference.ts";
import { equalJson, isJsonList, isJsonObject } from "../value/equal.ts";

/** Where a value is printed. */
export interface PrintPlace {
  /** Spaces before the line that it begins on. */
  readonly indent: number;
  /** Characters before it on that line. */
  readonly column: number;
  /** Longest line, in characters. */
  readonly width: number;
}

const step = 2;

/** A key shorter than this has its text beside it, however long that is. */
const shortKey = 5;

/**
 * A value as an expression. Objects and lists stand on one line where they fit. A reference to a secret becomes a call of
 * `secret`, which the module must import.
 */
export function printValue(value: JsonValue, place: PrintPlace): string {
  const flat = flatText(value);
  // Behind it comes a comma.
  if (flat !== undefined && place.column + flat.length < place.width) return flat;
  if (isSecret(value)) return flat ?? "";
  if (isJsonList(value)) return printList(value, place);
  return isJsonObject(value) ? printFields(value, place) : (flat ?? "");
}

/** An object with every field on a line of its own. */
export function printFields(value: JsonObject, { indent, width }: PrintPlace): string {
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, field]) =>
    printField(key, field, { indent: indent + step, width }),
  );
  return `{\n${lines.join("\n")}\n${" ".repeat(indent)}}`;
}

/** One field of an object on lines of its own, with the comma behind it. */
function printField(
  key: string,
  value: JsonValue,
  { indent, width }: Omit<PrintPlace, "column">,
): string {
  const name = keyText(key);
  const start = `${" ".repeat(indent)}${name}:`;
  const text = printValue(value, { indent, column: start.length + 1, width });
  const isTooLong = typeof value === "string" && start.length + 1 + text.length >= width;
  if (!isTooLong || name.length < shortKey) return `${start} ${text},`;
  return `${start}\n${" ".repeat(indent + step)}${text},`;
}

/** A name as it stands before a colon. */
export function keyText(key: string): string {
  return /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? key : stringText(key);
}

function printList(list: readonly JsonValue[], { indent, width }: PrintPlace): string {
  const inner = indent + step;
  const pad = " ".repeat(inner);
  const isNumeric = list.length > 1 && list.every((item) => typeof item === "number");
  const lines = isNumeric
    ? filledLines(list.map(scalarText), width - inner).map((line) => `${pad}${line}`)
    : list.map((item) => `${pad}${printValue(item, { indent: inner, column: inner, width })},`);
  return `[\n${lines.join("\n")}\n${" ".repeat(indent)}]`;
}

/** Numbers fill lines, each with a comma behind it. */
function filledLines(texts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const text of texts) {
    if (line === "") line = `${text},`;
    else if (line.length + text.length + 2 <= width) line += ` ${text},`;
    else {
      lines.push(line);
      line = `${text},`;
    }
  }
  return [...lines, line];
}

/** The value on one line; `undefined` for a list that is always broken: of objects, or lists, with several parts each. */
function flatText(value: JsonValue): string | undefined {
  if (isSecret(value)) return `secret(${stringText(value.$secret)})`;
  if (isJsonList(value)) {
    const items = value.map(flatText);
    return isAlwaysBroken(value) || items.includes(undefined) ? undefined : `[${items.join(", ")}]`;
  }
  if (!isJsonObject(value)) return scalarText(value);
  const fields = Object.entries(value).map(([key, field]) => {
    const text = flatText(field);
    return text === undefined ? undefined : `${keyText(key)}: ${text}`;
  });
  if (fields.includes(undefined)) return undefined;
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

function isAlwaysBroken(list: readonly JsonValue[]): boolean {
  if (list.length < 2) return false;
  const isPlainObject = (item: JsonValue): boolean =>
    isJsonObject(item) && !isSecret(item) && Object.keys(item).length > 1;
  return list.every(isPlainObject) || list.every((item) => isJsonList(item) && item.length > 1);
}

function scalarText(value: JsonValue): string {
  if (typeof value === "string") return stringText(value);
  if (typeof value === "number") return numberText(value);
  return JSON.stringify(value);
}

/** As prettier writes exponents; minus zero, which canonical JSON does not know, is zero. */
function numberText(value: number): string {
  return equalJson(value, 0) ? "0" : String(value).replace("e+", "e");
}

/** In double quotes, or in single ones where the text has more of the double ones. */
function stringText(text: string): string {
  const numDouble = text.split('"').length;
  const json = JSON.stringify(text).replaceAll(
    /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (character) => String.raw`\u${(character.codePointAt(0) ?? 0).toString(16)}`,
  );
  if (numDouble <= text.split("'").length) return json;
  const inner = json
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`);
  return `'${inner}'`;
}
