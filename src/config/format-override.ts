/** Prints overrides that `parseOverride` reads back to the same value: for commands that can be pasted. */
import { InternalError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { escapeReferences, quoteText } from "./format-text.ts";
import { markerData, type MarkerData, type ReferencePart } from "./markers.ts";

/**
 * The text of an override, not yet quoted for a shell.
 * @param value - A JSON value, or a marker that the command line can say.
 * @throws {InternalError} for any other value.
 */
export function formatOverride(key: Path, value: unknown): string {
  return `${formatPath(key)}=${formatValue(value)}`;
}

function formatValue(value: unknown): string {
  const marker = markerData(value);
  if (marker !== undefined) return formatMarker(marker);
  if (typeof value === "string") return formatText(value);
  if (value === null || typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(formatValue).join(",")}]`;
  if (!isPlainObject(value)) throw new InternalError("an override of what is no JSON value");
  const entries = Object.entries(value).map(
    ([name, item]) => `${formatKey(name)}:${formatValue(item)}`,
  );
  return `{${entries.join(",")}}`;
}

function formatMarker(marker: MarkerData): string {
  switch (marker.kind) {
    case "choice":
      return withTags(marker.tags, `choice(${marker.values.map(formatValue).join(",")})`);
    case "range":
      return withTags(marker.tags, `range(${marker.start},${marker.stop},${marker.step})`);
    case "interval": {
      const interval = `interval(${marker.start},${marker.stop})`;
      return withTags(marker.tags, marker.isInteger ? `int(${interval})` : interval);
    }
    case "glob": {
      const [include = "", exclude = ""] = [marker.include, marker.exclude].map(
        (patterns) => `[${patterns.map((pattern) => quoteText(pattern)).join(",")}]`,
      );
      return `glob(${include},${exclude})`;
    }
    case "reference":
      return formatReference(marker.parts);
    default:
      throw new InternalError(`an override of ${marker.kind}()`);
  }
}

function withTags(tags: readonly string[] = [], sweep: string): string {
  if (tags.length === 0) return sweep;
  return `tag(${[...tags.map((tag) => quoteText(tag)), sweep].join(",")})`;
}

/** One path alone keeps its type; an empty text beside it makes a text of it. */
function formatReference(parts: readonly ReferencePart[]): string {
  const texts = parts.map((part) =>
    typeof part === "string"
      ? escapeReferences(part)
      : `\${${".".repeat(part.up ?? 0)}${formatPath(part.path)}}`,
  );
  const text = quoteText(texts.join(""));
  const isForced = parts.filter((part) => part !== "").length === 1 && parts.includes("");
  return isForced ? `str(${text})` : text;
}

/** Words that would be read as something else than text. */
const reserved = /^(?:null|true|false|inf|nan)$/i;

function isPlainWord(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(text) && !reserved.test(text);
}

function formatText(text: string): string {
  return isPlainWord(text) ? text : quoteText(escapeReferences(text));
}

/** Keys hold no references. */
function formatKey(name: string): string {
  return isPlainWord(name) ? name : quoteText(name);
}
