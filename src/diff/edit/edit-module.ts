/** Changes of a config, written into the module that makes it: in its own objects, with the fewest changes of text. */
import type { ts } from "ts-morph";
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { withoutTypes } from "../source/scope.ts";
import { withImport } from "./add-import.ts";
import { addField, edited, removeField } from "./edit-object.ts";
import {
  findPath,
  isLiteral,
  lineOf,
  ownDefinition,
  type Found,
  type OwnDefinition,
} from "./own-layers.ts";
import { keyText, printValue } from "./print-value.ts";

/** What a module is to write at a path. */
export type Wanted =
  | { readonly kind: "value"; readonly path: Path; readonly value: JsonValue }
  /** Nothing: its own field goes; where it has none, the inherited one is taken away if `isInherited` says so. */
  | { readonly kind: "nothing"; readonly path: Path; readonly isInherited: boolean }
  /** One value in the place of an axis. */
  | { readonly kind: "unswept"; readonly path: Path; readonly value: JsonValue }
  /** Each of some values in turn. */
  | { readonly kind: "axis"; readonly path: Path; readonly values: readonly JsonValue[] };

export interface EditOptions {
  /** The module, as errors name it. */
  readonly file: string;
  /** Longest line, in characters. */
  readonly width: number;
  /** Write behind all other layers, whatever is written before. */
  readonly isLast: boolean;
}

/**
 * The module's text with one change in it; the same text where nothing is to be taken away.
 * @throws {ExpError} `usage`, with file and line, where the value is computed, or the module makes no definition itself.
 */
export function editModule(text: string, wanted: Wanted, options: EditOptions): string {
  const definition = ownDefinition(options.file, text);
  const found = placeOf(definition, wanted.path, options);
  if (found?.kind === "computed") throw computed(found, { definition, wanted, options });
  if (wanted.kind === "nothing") return withoutField({ text, definition, wanted, options }, found);
  const [name, print] = expressionOf(wanted, options.width);
  const base = name === undefined ? text : withImport(options.file, text, name);
  if (base !== text) return editModule(base, wanted, options);
  return withValue({ text, definition, wanted, options }, { found, print });
}

type Print = (place: { readonly indent: number; readonly column: number }) => string;

/** The wanted value's text, and what it needs to be imported. */
function expressionOf(
  wanted: Exclude<Wanted, { kind: "nothing" }>,
  width: number,
): readonly [name: string | undefined, print: Print] {
  if (wanted.kind === "axis") {
    const print = (one: JsonValue): string =>
      printValue(one, { indent: 0, column: 0, width: Infinity });
    return ["choice", () => `choice(${wanted.values.map(print).join(", ")})`];
  }
  return [undefined, (place) => printValue(wanted.value, { ...place, width })];
}

/** Where the path is written, or the innermost object for it; `undefined` where a new layer is needed. */
function placeOf(
  { call, objects }: OwnDefinition,
  path: Path,
  { isLast }: EditOptions,
): Found | undefined {
  const last = objects.at(-1);
  const behind = call.arguments.at(-1);
  const isBehind = behind !== undefined && withoutTypes(behind) === last;
  if (!isLast) {
    const found = objects.toReversed().map((object) => findPath(object, path));
    const written = found.find(({ kind }) => kind !== "missing");
    if (written !== undefined) return written;
    const depth = Math.max(...found.map((one) => (one.kind === "missing" ? one.depth : 0)));
    const deepest = found.find((one) => one.kind === "missing" && one.depth === depth);
    if (deepest !== undefined && (depth > 0 || isBehind)) return deepest;
  }
  return last !== undefined && isBehind ? findPath(last, path) : undefined;
}

interface Editing {
  readonly text: string;
  readonly definition: OwnDefinition;
  readonly wanted: Wanted;
  readonly options: EditOptions;
}

function computed(
  { node, depth }: Extract<Found, { kind: "computed" }>,
  { definition: { source }, wanted, options }: Omit<Editing, "text">,
): ExpError {
  const where = formatPath(wanted.path.slice(0, Math.max(1, depth)));
  const written = node.getText(source).replaceAll(/\s+/gu, " ");
  const shown = written.length > 60 ? `${written.slice(0, 59)}…` : written;
  return new ExpError(
    "usage",
    `${options.file}:${String(lineOf(source, node))}: ${where} is computed: ${shown}.`,
    { hint: `Change ${formatPath(wanted.path)} there by hand; nothing was written.` },
  );
}

function withValue(
  editing: Editing,
  { found, print }: { readonly found: Found | undefined; readonly print: Print },
): string {
  const { text, definition, wanted, options } = editing;
  const { source } = definition;
  if (found?.kind === "written") {
    const { value } = found;
    if (!isReplaceable(value, wanted, source)) {
      const depth = wanted.path.length;
      throw computed({ kind: "computed", node: value, depth }, { definition, wanted, options });
    }
    const start = value.getStart(source);
    const line = text.lastIndexOf("\n", start - 1) + 1;
    const indent = /^[ \t]*/u.exec(text.slice(line))?.[0].length ?? 0;
    return edited(text, { start, end: value.end, text: print({ indent, column: start - line }) });
  }
  if (found?.kind === "missing") return withField(editing, found, print);
  return withLayer(editing, print);
}

/** What is written out; where an axis comes, changes or goes, also one of values that are written out. */
function isReplaceable(value: ts.Expression, { kind }: Wanted, source: ts.SourceFile): boolean {
  if (isLiteral(value)) return true;
  return kind !== "value" && /^choice\([^(){}$`]*\)$/u.test(value.getText(source));
}

function withField(
  { text, definition: { source }, wanted, options }: Editing,
  { holder, depth }: Extract<Found, { kind: "missing" }>,
  print: Print,
): string {
  const [name = "", ...rest] = wanted.path.slice(depth).map(String);
  const value = ({ indent }: { readonly indent: number }): string => {
    const start = rest.map((key) => `{ ${keyText(key)}: `).join("");
    const inner = print({ indent, column: indent + keyText(name).length + 2 + start.length });
    return start + inner + " }".repeat(rest.length);
  };
  const field = { name: keyText(name), value, width: options.width };
  const { edit, isAdded } = addField(source, holder, field);
  const after = edited(text, edit);
  if (isAdded) return after;
  // The object has lines of its own now; where it is, is to be found again.
  const definition = ownDefinition(options.file, after);
  const found = placeOf(definition, wanted.path, options);
  if (found?.kind !== "missing") return missingObject();
  return withField({ text: after, definition, wanted, options }, found, print);
}

/** One more object behind the other layers. */
function withLayer(editing: Editing, print: Print): string {
  const { text, definition, options } = editing;
  const { source, call } = definition;
  const last = call.arguments.at(-1);
  if (last === undefined) {
    const line = lineOf(source, call);
    throw new ExpError(
      "usage",
      `${options.file}:${String(line)}: the call has no layer to change.`,
    );
  }
  const added = edited(text, { start: last.end, end: last.end, text: ", {}" });
  const again = ownDefinition(options.file, added);
  const found = findPath(again.objects.at(-1) ?? missingObject(), editing.wanted.path);
  if (found.kind !== "missing") return missingObject();
  return withField({ ...editing, text: added, definition: again }, found, print);
}

function missingObject(): never {
  throw new RangeError("an object that was just written is not there");
}

function withoutField(editing: Editing, found: Found | undefined): string {
  const { text, definition, wanted, options } = editing;
  const isWritten = found?.kind === "written";
  if (isWritten && "properties" in found.holder) {
    const { source } = definition;
    const removal = removeField(source, found.holder, found.property);
    return edited(text, removal);
  }
  if (wanted.kind !== "nothing" || !wanted.isInherited) return text;
  const base = withImport(options.file, text, "remove");
  if (base !== text) return editModule(base, wanted, options);
  return withValue(editing, { found, print: () => "remove()" });
}
