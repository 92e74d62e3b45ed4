/** The little YAML that a model card's header needs: mappings, lists, quoted texts, numbers. */
import { wellFormed } from "./markdown.ts";

export type YamlValue =
  string | number | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * A YAML document body. Keys must be plain words; texts are always quoted, so that none is read as a number, a boolean
 * or markup.
 * @throws {RangeError} for a number that is not finite: cards with `.nan` are refused where they are uploaded.
 */
export function yaml(value: { readonly [key: string]: YamlValue }): string {
  return mappingLines(value)
    .map((line) => `${line}\n`)
    .join("");
}

function mappingLines(mapping: { readonly [key: string]: YamlValue }): string[] {
  return Object.entries(mapping).flatMap(([key, value]) => {
    if (typeof value !== "object") return [`${key}: ${scalar(value)}`];
    if (isList(value)) {
      return value.length === 0 ? [`${key}: []`] : [`${key}:`, ...indent(value.flatMap(itemLines))];
    }
    return [`${key}:`, ...indent(mappingLines(value))];
  });
}

function itemLines(value: YamlValue): string[] {
  if (typeof value !== "object") return [`- ${scalar(value)}`];
  const lines = isList(value) ? value.flatMap(itemLines) : mappingLines(value);
  return lines.map((line, index) => (index === 0 ? `- ${line}` : `  ${line}`));
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

/** `Array.isArray` forgets that a list is read-only. */
function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

function scalar(value: string | number): string {
  if (typeof value === "string") return quoted(value);
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
