/**
 * Overrides of the command line as layers: aliases and presets looked up, paths checked against the schema, values
 * typed by the field that they are for. They are one step in time: what excludes each other cannot both be given.
 */
import { createMarker, markerData } from "../config/markers.ts";
import { parseOverride, type Override } from "../config/override.ts";
import { ExpError } from "../core/errors.ts";
import { formatPath, parsePath, startsWith, type Path } from "../core/path.ts";
import { IndexEdit, type Layer } from "./layers.ts";
import type { PresetGroups } from "./presets.ts";
import { deprecationNote, movedPath, type Move } from "./deprecated.ts";
import { safeText } from "./secret-fields.ts";
import { choosePreset } from "./choose-preset.ts";
import type { Report } from "./problems.ts";
import { listView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { suggestPath } from "./suggest-path.ts";
import { typeValue, writtenAt } from "./type-value.ts";

/** One override that the schema knows. */
export interface CommandLineLayer extends Layer {
  readonly path: Path;
  readonly operation: Override["operation"];
  /** For axes over presets: the name by the value that stands for it. */
  readonly names: ReadonlyMap<unknown, string>;
}

export interface CommandLine {
  readonly overrides: readonly Override[];
  readonly view: SchemaView;
  /** Dotted paths by their short names. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Former names of paths. */
  readonly moves?: readonly Move[];
  readonly presets: PresetGroups;
  readonly report: Report;
  readonly note: (text: string) => void;
}

/**
 * The layers of a command line in the order in which they are merged: what chooses a preset or a union's kind first,
 * since it decides which fields there are, then everything else as written.
 */
export function commandLineLayers(request: CommandLine): readonly CommandLineLayer[] {
  const placed = request.overrides.flatMap((override) => place(override, request) ?? []);
  reportRepeated(placed, request);
  reportExclusive(placed, request);
  const layers = placed.flatMap((one) => toLayer(one, request) ?? []);
  const isChoice = ({ path, chooses }: (typeof layers)[number]): boolean =>
    chooses || viewsAt(request.view, path.slice(0, -1)).some((view) => isKind(view, path.at(-1)));
  return [...layers.filter(isChoice), ...layers.filter((layer) => !isChoice(layer))];
}

/**
 * The overrides of a command line, read but not yet looked up.
 * @throws {ExpError} `usage` for a malformed one.
 */
export function parseOverrides(texts: readonly string[]): readonly Override[] {
  return texts.map((text, index) => parseOverride(text, index)).map(requireKnownOperation);
}

function requireKnownOperation(override: Override): Override {
  if (["set", "add", "forceAdd"].includes(override.operation)) return override;
  const message = `${override.text}: this operator cannot be applied yet.`;
  throw new ExpError("usage", message, { hint: "Write path=value." });
}

function isKind(view: SchemaView, key: string | number | undefined): boolean {
  return view.shape === "union" && view.discriminator === key;
}

interface PlacedOverride {
  readonly override: Override;
  readonly path: Path;
  readonly isAlias: boolean;
  readonly source: Layer;
}

function place(given: Override, request: CommandLine): PlacedOverride | undefined {
  const [first, ...rest] = given.key;
  const target = typeof first === "string" ? request.aliases.get(first) : undefined;
  const written = target === undefined ? given.key : [...(parsePath(target) ?? []), ...rest];
  const { moves = [] } = request;
  const path = withIndices(movedPath(written, moves), request.view);
  const move = moves.find(({ from }) => startsWith(written, from));
  const views = viewsAt(request.view, path);
  const suggestion =
    views.length > 0 ? undefined : suggestPath(request.view, path, [...request.aliases.keys()]);
  const meant = viewsAt(request.view, parsePath(suggestion ?? "") ?? []);
  const text = safeText(given, suggestion === undefined ? views : meant);
  const override = { ...given, text };
  if (move !== undefined) request.note(deprecationNote(move, `command line: ${text}`));
  const source: Layer = {
    label: "command line",
    patch: undefined,
    source: { kind: "commandLine", text },
  };
  if (views.length > 0) return { override, path, isAlias: target !== undefined, source };
  request.report({
    path,
    message: "is not a known field",
    place: { kind: "layer", layer: source, path },
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return undefined;
}

/** `a.0` means an item where a list stands there, and a key everywhere else; so does `a[0]`. */
function withIndices(path: Path, root: SchemaView): Path {
  const typed: (string | number)[] = [];
  for (const part of path) {
    const isList = viewsAt(root, typed).some((view) => listView(view) !== undefined);
    const isIndex = /^(0|[1-9]\d{0,8})$/.test(String(part));
    typed.push(isList && isIndex ? Number(part) : String(part));
  }
  return typed;
}

function reportRepeated(placed: readonly PlacedOverride[], request: CommandLine): void {
  for (const [index, one] of placed.entries()) {
    const name = formatPath(one.path);
    const earlier = placed.slice(0, index).find(({ path }) => formatPath(path) === name);
    if (earlier === undefined) continue;
    if (
      earlier.isAlias === one.isAlias &&
      earlier.override.key.join() === one.override.key.join()
    ) {
      request.note(`${name} is given twice on the command line; ${one.override.text} holds.`);
      continue;
    }
    request.report({
      path: one.path,
      message: `is set twice on the command line, by ${earlier.override.text} and by ${one.override.text}`,
      place: { kind: "layer", layer: one.source, path: one.path },
    });
  }
}

function reportExclusive(placed: readonly PlacedOverride[], { view, report }: CommandLine): void {
  for (const [index, one] of placed.entries()) {
    const parent = one.path.slice(0, -1);
    const excluded = placed.slice(0, index).find((earlier) => {
      const isSibling = formatPath(earlier.path.slice(0, -1)) === formatPath(parent);
      return (
        isSibling && excludeEachOther(viewsAt(view, parent), earlier.path.at(-1), one.path.at(-1))
      );
    });
    if (excluded === undefined) continue;
    report({
      path: one.path,
      message: `cannot be set together with ${formatPath(excluded.path)}`,
      place: { kind: "layer", layer: one.source, path: one.path },
    });
  }
}

function excludeEachOther(
  parents: readonly SchemaView[],
  one: string | number | undefined,
  other: string | number | undefined,
): boolean {
  const objects = parents.flatMap((view) =>
    view.shape === "union" ? [...new Set(view.members().values())] : [view],
  );
  const groups = objects.flatMap(({ facts }) => [
    ...(facts.exactlyOneOf ?? []),
    ...(facts.atMostOneOf ?? []),
  ]);
  const isIn = (group: readonly string[], key: typeof one): boolean =>
    typeof key === "string" && group.includes(key);
  return one !== other && groups.some((group) => isIn(group, one) && isIn(group, other));
}

function toLayer(
  { override, path, source }: PlacedOverride,
  request: CommandLine,
): (CommandLineLayer & { readonly chooses: boolean }) | undefined {
  const views = viewsAt(request.view, path);
  const common = { ...source, path, operation: override.operation };
  const preset = choosePreset({ override, path, views, layer: source }, request);
  if (preset === "refused") return undefined;
  if (preset !== undefined) return { ...common, ...preset, chooses: true };
  const value = typeOverride(override, views);
  return { ...common, patch: patchAt(path, value), names: new Map(), chooses: false };
}

function typeOverride({ value, written }: Override, views: readonly SchemaView[]): unknown {
  const marker = markerData(value);
  if (marker?.kind === "choice") {
    const values = marker.values.map((item, index) =>
      typeValue(item, views, writtenAt(written, index)),
    );
    return createMarker({ ...marker, values });
  }
  return marker === undefined ? typeValue(value, views, written) : value;
}

/** The patch that writes a value at a path. */
function patchAt(path: Path, value: unknown): unknown {
  let patch = value;
  for (const part of path.toReversed())
    patch = typeof part === "number" ? new IndexEdit(part, patch) : { [part]: patch };
  return patch;
}
