/** JSON data as YAML that every reader takes for the same: block style, texts always quoted. */
import { wellFormed } from "./markdown.ts";

export type YamlValue =
  null | boolean | string | number | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * A YAML document body. Texts, and keys that are no plain words, are quoted, so that none is read as a number, a boolean
 * or markup, by readers of YAML 1.1 and 1.2 alike.
 * @throws {RangeError} for a number that is not finite: cards with `.nan` are refused where they are uploaded.
 */
export function yaml(value: YamlValue): string {
  return valueLines(value)
    .map((line) => `${line}\n`)
    .join("");
}

function valueLines(value: YamlValue): string[] {
  if (typeof value !== "object" || value === null) return [scalar(value)];
  if (isList(value)) return value.length === 0 ? ["[]"] : value.flatMap(itemLines);
  return Object.keys(value).length === 0 ? ["{}"] : mappingLines(value);
}

function mappingLines(mapping: { readonly [key: string]: YamlValue }): string[] {
  return Object.entries(mapping).flatMap(([name, value]) => {
    const key = keyText(name);
    const lines = valueLines(value);
    const isBlock = typeof value === "object" && value !== null && Object.keys(value).length > 0;
    return isBlock ? [`${key}:`, ...indent(lines)] : [`${key}: ${lines.join("")}`];
  });
}

/** Words that YAML 1.1 takes for booleans or null. */
const reserved = /^(?:y|n|yes|no|on|off|true|false|null)$/iu;

function keyText(name: string): string {
  return /^[A-Za-z_][\w.-]*$/u.test(name) && !reserved.test(name) ? name : quoted(name);
}

function itemLines(value: YamlValue): string[] {
  return valueLines(value).map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** `Array.isArray` forgets that a list is read-only. */
function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function scalar(value: null | boolean | string | number): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "number") return String(value);
  if (!Number.isFinite(value)) throw new RangeError(`${value} cannot stand in YAML`);
  // YAML readers take `1e-7` for a text: a float needs a point.
  return String(value).replace(/^(-?\d+)e/, "$1.0e");
}

/** Double quotes with JSON's escapes; everything that is not plainly printable is written as a number. */
function quoted(text: string): string {
  const escaped = wellFormed(text)
    .replace(/["\\]/g, String.raw`\$&`)
    .replace(/[^\u0020-\u007e\u00a1-\u1fff\u2070-\ud7ff]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      const [letter, width] = code > 0xffff ? ["U", 8] : ["u", 4];
      return `\\${letter}${code.toString(16).padStart(width, "0")}`;
    });
  return `"${escaped}"`;
}
