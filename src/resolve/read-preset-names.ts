/** Whether a value of the command line names presets: decided by the field's type, and a name wins over a plain text. */
import type { MarkerData } from "../config/markers.ts";
import type { Written } from "../config/override-value.ts";
import type { PresetGroup } from "./presets.ts";
import { listView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { acceptsScalar, acceptsText, writtenAt } from "./type-value.ts";

/** What one value says: presets in order, names that the group lacks, a plain value, or nothing that could be a name. */
export type PresetReading =
  | { readonly kind: "names"; readonly names: readonly string[] }
  | { readonly kind: "unknown"; readonly names: readonly string[] }
  | { readonly kind: "value" }
  | { readonly kind: "noName" };

export interface ReadingScope {
  readonly group: PresetGroup;
  /** All that the field may be; empty for profiles. */
  readonly views: readonly SchemaView[];
}

/**
 * Reads one value, or one of an axis: a name, or a list of names. Quotes and `str(…)` make a text of what could be a
 * name, where the field takes texts.
 */
export function readPresetNames(
  value: unknown,
  written: Written,
  { group, views }: ReadingScope,
): PresetReading {
  const isProfile = group.kind === "profiles";
  const takesText = !isProfile && acceptsText(views);
  const nameOf = (one: unknown, text: Written): string | undefined => {
    if (typeof one === "string") return takesText && text === undefined ? undefined : one;
    const isPlain = !isProfile && !takesText && isScalar(one) && acceptsScalar(views, one);
    return typeof text === "string" && !isPlain ? text : undefined; // a preset may be named 7
  };
  const isList = Array.isArray(value);
  const items: readonly unknown[] = isList ? value : [value];
  const found = items.map((item, index) =>
    nameOf(item, isList ? writtenAt(written, index) : written),
  );
  const names = found.filter((name) => name !== undefined);
  const unknown = names.filter((name) => !group.presets.has(name));
  const isEmpty = isList && items.length === 0 && !isProfile;
  if (names.length === items.length && unknown.length === 0 && !isEmpty)
    return { kind: "names", names };
  if (isProfile)
    return names.length === items.length ? { kind: "unknown", names: unknown } : { kind: "noName" };
  const fits = isList ? views.some(acceptsList) : takesText;
  const isText = items.some((item) => typeof item === "string");
  return isText && !fits ? { kind: "unknown", names: unknown } : { kind: "value" };
}

/** Tells whether a value is one that the command line also reads where a name is meant: `7`, `true`, `null`. */
export function isScalar(value: unknown): value is number | boolean | null {
  return value === null || typeof value === "number" || typeof value === "boolean";
}

function acceptsList(view: SchemaView): boolean {
  return view.shape === "unknown" || listView(view) !== undefined;
}

/** The names of a group that a glob fits, in the group's order; exclusion wins. */
export function globNames(
  glob: MarkerData & { readonly kind: "glob" },
  { presets }: PresetGroup,
): readonly string[] {
  const fits = (patterns: readonly string[], name: string): boolean =>
    patterns.some((pattern) => globPattern(pattern).test(name));
  return [...presets.keys()].filter(
    (name) => fits(glob.include, name) && !fits(glob.exclude, name),
  );
}

/** `*` any text, `?` one character, `[abc]` and `[!abc]` one of or none of these; all else stands for itself. */
function globPattern(pattern: string): RegExp {
  const source = pattern.replace(/\*+|\?|\[(!?)([^\]]+)\]|[^*?[]+|\[/gu, (part, not, set) => {
    if (part.startsWith("*")) return ".*";
    if (part === "?") return ".";
    if (typeof set !== "string") return escapeText(part);
    return `[${not === "!" ? "^" : ""}${set.replace(/[\\\]^[]/g, String.raw`\$&`)}]`;
  });
  return new RegExp(`^${source}$`, "su");
}

function escapeText(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (character) =>
    character === "-" ? "-" : `\\${character}`,
  );
}
