/** Where an override leads: short names are looked up, indices told from keys, and unknown paths refused. */
import type { Override } from "../config/override.ts";
import { formatPath, parsePath, type Path } from "../core/path.ts";
import { ambiguity, type Aliases, type AliasTarget } from "./aliases.ts";
import { deprecationNote, movedPath, moveOf, type Move } from "./deprecated.ts";
import type { Layer } from "./layers.ts";
import type { PresetGroup, PresetGroups } from "./presets.ts";
import type { Report } from "./problems.ts";
import { listView, viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { safeText } from "./secret-fields.ts";
import { suggestPath } from "./suggest-path.ts";

/** An override whose place is known. */
export interface PlacedOverride {
  readonly override: Override;
  /** From the root of the config; empty for profiles, which change any part of it. */
  readonly path: Path;
  readonly isAlias: boolean;
  /** The override itself, for problems. */
  readonly source: Layer;
  /** The presets of this path, or the profiles of this name. */
  readonly group: PresetGroup | undefined;
}

export interface PlaceRequest {
  readonly view: SchemaView;
  readonly aliases: Aliases;
  /** Former names of paths. */
  readonly moves?: readonly Move[];
  readonly presets: PresetGroups;
  /** Those for other tasks. */
  readonly otherPresets?: readonly PresetGroup[];
  readonly report: Report;
  readonly note: (text: string) => void;
}

/** Finds the place of an override; `undefined` where there is none, or more than one, which is reported. */
export function placeOverride(given: Override, request: PlaceRequest): PlacedOverride | undefined {
  const meanings = meaningsOf(given.key, request);
  const [meaning] = meanings;
  if (meanings.length > 1) return refuseAmbiguous(given, meanings, request);
  if (meaning?.profiles !== undefined) {
    const source = sourceOf(given);
    return { override: given, path: [], isAlias: false, source, group: meaning.profiles };
  }
  const { view, moves = [], presets } = request;
  const written = meaning?.path ?? given.key;
  const path = withIndices(movedPath(written, moves), view);
  const isKnown = viewsAt(view, path).length > 0;
  const suggestion = isKnown ? undefined : suggestFor(path, request);
  const override = withSafeText(given, { path, suggestion, view });
  const move = moveOf(written, moves);
  if (move !== undefined) request.note(deprecationNote(move, `command line: ${override.text}`));
  const source = sourceOf(override);
  if (isKnown) {
    const group = presets.get(formatPath(path));
    return { override, path, isAlias: meaning !== undefined, source, group };
  }
  const other = request.otherPresets?.find(({ name }) => name === formatPath(given.key));
  request.report({
    path,
    message: `is not a known field${other === undefined ? "" : `: ${otherText(other)}`}`,
    place: { kind: "layer", layer: source, path },
    ...(suggestion === undefined || other !== undefined ? {} : { suggestion }),
  });
  return undefined;
}

function otherText({ kind, file, task, name }: PresetGroup): string {
  const what = kind === "profiles" ? `the profiles ${name}` : `the presets for ${name}`;
  return `${what} in ${file} are for the task ${task}, and this experiment has another`;
}

function sourceOf({ text }: Override): Layer {
  return { label: "command line", patch: undefined, source: { kind: "commandLine", text } };
}

/** The argument that an override came with: itself, or the combinator that it is a part of. */
export function argumentText({ override, source }: PlacedOverride): string {
  const part = source.source.kind === "commandLine" ? source.source.argument : undefined;
  return part ?? override.text;
}

function refuseAmbiguous(
  override: Override,
  meanings: readonly Meaning[],
  { report }: PlaceRequest,
): undefined {
  const { key: path } = override;
  const message = ambiguity(meanings.map(({ target }) => target));
  report({ path, message, place: { kind: "layer", layer: sourceOf(override), path } });
  return undefined;
}

function suggestFor(path: Path, { view, aliases, presets }: PlaceRequest): string | undefined {
  return suggestPath(view, path, [...aliases.keys(), ...profileNames(presets)]);
}

/** What was typed for a secret is not repeated, also where its path has a slip. */
function withSafeText(
  override: Override,
  {
    path,
    suggestion,
    view,
  }: Pick<PlaceRequest, "view"> & {
    readonly path: Path;
    readonly suggestion: string | undefined;
  },
): Override {
  const meant = suggestion?.split(/, | or /u).map((text) => parsePath(text) ?? []) ?? [path];
  const texts = meant.map((one) => safeText(override, viewsAt(view, one)));
  return { ...override, text: texts.find((text) => text !== override.text) ?? override.text };
}

/**
 * The path that a reference of the command line names, through aliases too.
 * @returns `undefined` where the schema has no such path, or its alias is ambiguous.
 */
export function referencedPath(
  key: Path,
  { view, aliases, moves = [] }: Pick<PlaceRequest, "view" | "aliases" | "moves">,
): Path | undefined {
  const targets = aliases.get(String(key[0])) ?? [];
  const [target] = targets;
  if (targets.length > 1) return undefined;
  const written = target === undefined ? key : aliased(target.path, key);
  const path = withIndices(movedPath(written, moves), view);
  return viewsAt(view, path).length > 0 ? path : undefined;
}

interface Meaning {
  readonly target: AliasTarget;
  readonly path?: Path;
  readonly profiles?: PresetGroup;
}

/** What a key stands for beside a path: aliases, and profiles. */
function meaningsOf(key: Path, { aliases, presets }: PlaceRequest): readonly Meaning[] {
  const targets = aliases.get(String(key[0])) ?? [];
  const meanings: Meaning[] = targets.map((target) => {
    return { target, path: aliased(target.path, key) };
  });
  const group = key.length === 1 ? presets.get(String(key[0])) : undefined;
  if (group?.kind !== "profiles") return meanings;
  const target = { path: `the profiles of ${group.file}`, by: "" };
  return [...meanings, { target, profiles: group }];
}

function aliased(target: string, [, ...rest]: Path): Path {
  return [...(parsePath(target) ?? []), ...rest];
}

function profileNames(presets: PresetGroups): readonly string[] {
  return [...presets.values()].flatMap(({ kind, name }) => (kind === "profiles" ? [name] : []));
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
