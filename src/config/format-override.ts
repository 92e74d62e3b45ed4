/** Prints overrides that `parseOverride` reads back to the same value: for commands that can be pasted. */
import { InternalError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { markerData } from "./markers.ts";

/**
 * The text of an override, not yet quoted for a shell.
 * @param value - A JSON value, or a choice or range marker.
 * @throws {InternalError} for any other value.
 */
export function formatOverride(key: Path, value: unknown): string {
  return `${formatPath(key)}=${formatValue(value)}`;
}

function formatValue(value: unknown): string {
  const marker = markerData(value);
  if (marker?.kind === "choice") return `choice(${marker.values.map(formatValue).join(",")})`;
  if (marker?.kind === "range") return `range(${marker.start},${marker.stop},${marker.step})`;
  if (typeof value === "string") return formatText(value);
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(formatValue).join(",")}]`;
  if (!isPlainObject(value)) throw new InternalError("an override of what is no JSON value");
  const entries = Object.entries(value).map(
    ([name, item]) => `${formatText(name)}:${formatValue(item)}`,
  );
  return `{${entries.join(",")}}`;
}

/** Words that would be read as something else than text. */
const reserved = /^(?:null|true|false|inf|nan)$/i;

function formatText(text: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_./-]*$/.test(text) && !reserved.test(text)) return text;
  // Backslashes count two by two where a quote follows: one that is part of the text, or the closing one.
  return `"${text.replace(/(\\*)("|$)/g, (_, slashes: string, quote: string) => {
    return slashes + slashes + (quote === "" ? "" : '\\"');
  })}"`;
}
