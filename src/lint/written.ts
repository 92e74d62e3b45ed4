/** Where a layer writes a path, and how that is taken out of the source. */
import { ts } from "ts-morph";
import type { CallSite } from "../config/call-site.ts";
import type { Path } from "../core/path.ts";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import type { EvaluatedLayer } from "./evaluated.ts";
import { calleeName, keyName, type Located } from "./nodes.ts";
import type { Edit } from "./rule.ts";

/** The place of a write. */
export interface WrittenAt extends Located {
  /** The key itself, where it stands in the literal; absent where a spread or a constant brings it. */
  readonly property?: ts.PropertyAssignment;
}

/** Where a layer writes a path: the key, else the call; `undefined` where the module is not known. */
export function writtenAt(
  modules: SourceModules,
  { data, file }: EvaluatedLayer,
  path: Path,
): WrittenAt | undefined {
  const module = modules.module(file);
  const call = module && callAt(module, data.call);
  if (module === undefined || call === undefined) return undefined;
  const argument = call.arguments[data.literal.argument];
  const keys = [...data.literal.keys, ...path.slice(data.literal.path.length)];
  const property = argument && propertyAt(argument, keys.map(String));
  return { module, node: property ?? call, ...(property && { property }) };
}

/** The innermost call whose callee stands at a place. */
function callAt(
  { source }: SourceModule,
  { line, column }: CallSite,
): ts.CallExpression | undefined {
  const start = source.getLineStarts()[line - 1];
  if (start === undefined) return undefined;
  const offset = start + column - 1;
  let found: ts.CallExpression | undefined;
  const visit = (node: ts.Node): void => {
    if (offset < node.pos || offset > node.end) return;
    const isHere = ts.isCallExpression(node) && isInside(node.expression, offset, source);
    if (isHere) found = node;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isInside(node: ts.Node, offset: number, source: ts.SourceFile): boolean {
  return node.getStart(source) <= offset && offset < node.end;
}

function propertyAt(
  expression: ts.Expression,
  [key, ...rest]: readonly string[],
): ts.PropertyAssignment | undefined {
  let node = withoutTypes(expression);
  const isReplace = ts.isCallExpression(node) && calleeName(node) === "replace";
  if (ts.isCallExpression(node) && isReplace && node.arguments[0] !== undefined)
    node = withoutTypes(node.arguments[0]);
  if (!ts.isObjectLiteralExpression(node) || key === undefined) return undefined;
  const properties = node.properties.filter(ts.isPropertyAssignment);
  // A key behind a spread is not sure to be the one that counts.
  if (node.properties.some(ts.isSpreadAssignment)) return undefined;
  const found = properties.find(({ name }) => keyName(name) === key);
  return rest.length === 0 || found === undefined ? found : propertyAt(found.initializer, rest);
}

/** Takes a key out of its literal, with what holds nothing but it, and with the comments that belong to it. */
export function removal(
  { file, source }: Pick<SourceModule, "file" | "source">,
  property: ts.PropertyAssignment,
): Edit {
  const object = property.parent;
  const isAlone = object.properties.length === 1;
  if (isAlone && ts.isPropertyAssignment(object.parent))
    return removal({ file, source }, object.parent);
  const layer = isAlone ? layerRemoval({ file, source }, object) : undefined;
  if (layer !== undefined) return layer;
  const edit = { file, text: "", within: object.getStart(source) };
  const { text } = source;
  const start = property.getStart(source);
  let { end } = property;
  if (text[skipSpace(text, end)] === ",") end = skipSpace(text, end) + 1;
  const isFirstOnLine = text.slice(lineStart(text, start), start).trim() === "";
  const rest = /^[ \t]*(?:\/\/[^\n]*)?\n/u.exec(text.slice(end));
  if (isFirstOnLine && rest !== null)
    return {
      ...edit,
      start: commentStart(text, lineStart(text, start)),
      end: end + rest[0].length,
    };
  const index = object.properties.indexOf(property);
  const before = object.properties[index - 1];
  // The last one takes the comma before it along.
  const isLast = index === object.properties.length - 1;
  if (before !== undefined && isLast) return { ...edit, start: before.end, end: property.end };
  const spaces = /^[ \t]*/u.exec(text.slice(end))?.[0].length ?? 0;
  return { ...edit, start, end: end + spaces };
}

/** A layer that would be empty goes as a whole, where the call needs it not: `extend(base)` is one, `defineConfig()` none. */
function layerRemoval(
  { file, source }: Pick<SourceModule, "file" | "source">,
  object: ts.ObjectLiteralExpression,
): Edit | undefined {
  const call = object.parent;
  if (!ts.isCallExpression(call) || !["extend", "defineConfig"].includes(calleeName(call)))
    return undefined;
  const index = call.arguments.indexOf(object);
  const [before, after] = [call.arguments[index - 1], call.arguments[index + 1]];
  const edit = { file, text: "", within: call.getStart(source) };
  if (before !== undefined) return { ...edit, start: before.end, end: object.end };
  return after && { ...edit, start: object.getStart(source), end: after.getStart(source) };
}

function skipSpace(text: string, offset: number): number {
  return offset + (/^\s*/u.exec(text.slice(offset))?.[0].length ?? 0);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Lines of comments directly above a line belong to it. */
function commentStart(text: string, line: number): number {
  let from = line;
  for (;;) {
    const above = lineStart(text, from - 1);
    if (from === 0 || !/^[ \t]*\/\//u.test(text.slice(above, from))) break;
    from = above;
  }
  const block = /[ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*\n$/u.exec(text.slice(0, from));
  const isOwnLine = block !== null && lineStart(text, block.index) === block.index;
  return isOwnLine ? block.index : from;
}
