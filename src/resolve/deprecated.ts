/** Writes to a path that was renamed go to its new name, in modules and on the command line alike, and are told. */
import type { CallSite } from "../config/call-site.ts";
import type { DefinitionData } from "../config/definition.ts";
import { plainLayers } from "../config/nested-layers.ts";
import { formatPlace } from "../core/stack-frames.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, parsePath, startsWith, type Path } from "../core/path.ts";
import type { Layer } from "./layers.ts";
import { projectLocation } from "./locations.ts";
import type { Report } from "./problems.ts";

/** A path and what it is called now. */
export interface Move {
  readonly from: Path;
  readonly to: Path;
}

/** What is told while layers are moved. */
export interface MoveContext {
  readonly moves: readonly Move[];
  readonly report: Report;
  readonly note: (text: string) => void;
  /** Absolute; places in notes are relative to it. */
  readonly projectDirectory: string;
}

/** The renamed paths of a definition: those of its task, then those of its own layers. */
export function movesOf({ task, layers }: DefinitionData): readonly Move[] {
  const own = plainLayers(layers).flatMap((layer) =>
    layer.kind === "deprecated" && layer.problem === undefined
      ? [[layer.from, layer.to] as const]
      : [],
  );
  return [...Object.entries(task.deprecated), ...own].map(([from, to]) => ({
    from: parsePath(from) ?? [from],
    to: parsePath(to) ?? [to],
  }));
}

/** The move that gives a path its new name; `undefined` where it has none. */
export function moveOf(path: Path, moves: readonly Move[]): Move | undefined {
  return moves.find(({ from }) => startsWith(path, from));
}

/** The path under its new name, or as it is. */
export function movedPath(path: Path, moves: readonly Move[]): Path {
  const move = moveOf(path, moves);
  return move === undefined ? path : [...move.to, ...path.slice(move.from.length)];
}

/** The path under the name by which a layer wrote it. */
export function writtenPath(path: Path, moves: readonly Move[]): Path {
  const move = moves.find(({ to }) => startsWith(path, to));
  return move === undefined ? path : [...move.from, ...path.slice(move.to.length)];
}

/** What is said about one use of an old name. */
export function deprecationNote({ from, to }: Move, where: string): string {
  return `${formatPath(from)} is deprecated: its value goes to ${formatPath(to)} (${where}).`;
}

/** Layers of modules with everything under its new name; one that sets both names is refused. */
export function moveLayers<L extends Layer>(
  layers: readonly L[],
  context: MoveContext,
): readonly L[] {
  if (context.moves.length === 0) return layers;
  return layers.map((layer) => moveLayer(layer, context));
}

function moveLayer<L extends Layer>(layer: L, context: MoveContext): L {
  if (layer.source.kind !== "module") return layer;
  const { moves } = context;
  const { call } = layer.source;
  let { patch } = layer;
  const moved: Move[] = [];
  for (const move of moves) {
    const value = ownValue(patch, move.from);
    if (value === absent) continue;
    if (ownValue(patch, move.to) !== absent || !isOpen(patch, move.to)) {
      const message = `is set together with its deprecated name ${formatPath(move.from)}; keep one of them`;
      context.report({ path: move.to, message, place: { kind: "layer", layer, path: move.to } });
      continue;
    }
    patch = withValue(withoutValue(patch, move.from), move.to, value);
    moved.push(move);
    context.note(deprecationNote(move, placeText(call, context.projectDirectory)));
  }
  return moved.length === 0 ? layer : { ...layer, patch, moved };
}

function placeText(call: CallSite, projectDirectory: string): string {
  return formatPlace({ ...call, file: projectLocation(call.file, projectDirectory) });
}

const absent: unique symbol = Symbol("absent");

/** What a patch writes at a path itself, through plain objects; markers and lists are not gone into. */
function ownValue(patch: unknown, path: Path): unknown {
  let value = patch;
  for (const part of path) {
    if (!isPlainObject(value) || !Object.hasOwn(value, part)) return absent;
    value = value[part];
  }
  return value;
}

/** Nothing but plain objects stands on the way to a path. */
function isOpen(patch: unknown, path: Path): boolean {
  return path.slice(0, -1).every((_, index) => {
    const value = ownValue(patch, path.slice(0, index + 1));
    return value === absent || isPlainObject(value);
  });
}

/** Without the value, and without the objects that held nothing else. */
function withoutValue(patch: unknown, path: Path): unknown {
  const [first, ...rest] = path;
  if (first === undefined || !isPlainObject(patch)) return patch;
  const { [first]: inner, ...others } = patch;
  if (rest.length === 0) return others;
  const kept = withoutValue(inner, rest);
  const isEmpty = isPlainObject(kept) && Object.keys(kept).length === 0;
  return isEmpty ? others : { ...others, [first]: kept };
}

function withValue(patch: unknown, path: Path, value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  const holder = isPlainObject(patch) ? patch : {};
  return { ...holder, [first]: withValue(holder[first], rest, value) };
}
