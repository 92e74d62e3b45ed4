/**
 * The line on which a key is written. Call sites are recorded while a module runs; keys inside a literal are found by
 * parsing the module's text, only when somebody asks. Names and spreads are followed to literals of the same module and
 * of relative imports; what only running the code could tell is answered with the nearest place that is sure.
 */
import { dirname, resolve } from "node:path";
import type * as oxc from "oxc-parser";
import type { CallSite } from "../config/call-site.ts";
import type { LiteralPlace } from "../config/definition.ts";
import { startsWith, type Path } from "../core/path.ts";
import { findCall, parseModule, placeIn, type ParsedModule } from "./parsed-module.ts";

/** Where a value is written; `isKey` is false where only what made it could be found: a call, a spread. */
export interface WrittenAt extends CallSite {
  readonly isKey: boolean;
}

export interface KeyFinder {
  /** Where a call's literal writes a path, or `undefined` where nothing of it could be found. */
  find(call: CallSite, literal: LiteralPlace, path: Path): WrittenAt | undefined;
}

/**
 * A finder over the texts of modules.
 * @param parser - `oxc-parser`, handed in because loading it is only worth it when an error is shown.
 * @param readText - The text of the very file that was evaluated, `undefined` where there is none.
 */
export function createKeyFinder(
  parser: Pick<typeof oxc, "parseSync">,
  readText: (file: string) => string | undefined,
): KeyFinder {
  const modules = new Map<string, ParsedModule | undefined>();
  const open = (file: string): ParsedModule | undefined => {
    if (!modules.has(file)) {
      const text = readText(file);
      modules.set(file, text === undefined ? undefined : parseModule(parser, file, text));
    }
    return modules.get(file);
  };
  return {
    find(call, literal, path) {
      const module = open(call.file);
      const node = module && findCall(module, call);
      const argument = node?.arguments[literal.argument];
      if (!module || !argument || argument.type === "SpreadElement") return undefined;
      if (!startsWith(path, literal.path)) return undefined;
      const keys = [...literal.keys, ...path.slice(literal.path.length)];
      return follow({ module, node: argument, depth: 0 }, keys, open);
    },
  };
}

/** Gives a module by its absolute path, where it can be read. */
export type Open = (file: string) => ParsedModule | undefined;

/** An expression with the module that it stands in. */
export interface Value {
  readonly module: ParsedModule;
  readonly node: oxc.Expression;
  /** Names followed so far: an end for those that mean each other. */
  readonly depth: number;
}

interface Found {
  readonly at: WrittenAt;
  /** What the key holds, where that can be looked into. */
  readonly value: Value | undefined;
}

const maxDepth = 20;

function follow(start: Value, keys: Path, open: Open): WrittenAt | undefined {
  let value: Value | undefined = start;
  let last: WrittenAt | undefined;
  for (const key of keys) {
    const found: Found | undefined = value && look(value, key, open);
    if (found === undefined) return last && { ...last, isKey: false };
    last = found.at;
    if (!found.at.isKey) return last;
    ({ value } = found);
  }
  return last;
}

/** Where an expression writes a key. */
function look(value: Value, key: string | number, open: Open): Found | undefined {
  const { node, module, depth } = literalOf(value, open) ?? value;
  if (node.type === "ObjectExpression") return lookInObject({ module, node, depth }, key, open);
  if (node.type !== "ArrayExpression" || typeof key !== "number") return undefined;
  const before = node.elements.slice(0, key + 1);
  const item = before[key];
  if (!item || item.type === "SpreadElement") return undefined;
  if (before.some((element) => element?.type === "SpreadElement")) return undefined;
  return {
    at: { ...placeIn(module, item.start), isKey: true },
    value: { module, node: item, depth },
  };
}

function lookInObject(
  { module, node, depth }: Value & { readonly node: oxc.ObjectExpression },
  key: string | number,
  open: Open,
): Found | undefined {
  let unsure: Found | undefined;
  for (const property of node.properties.toReversed()) {
    const place = (isKey: boolean): WrittenAt => ({ ...placeIn(module, property.start), isKey });
    if (property.type === "SpreadElement") {
      const spread = literalOf({ module, node: property.argument, depth: depth + 1 }, open);
      const found = spread && look(spread, key, open);
      if (found !== undefined) return found;
      if (spread?.node.type !== "ObjectExpression")
        unsure ??= { at: place(false), value: undefined };
      continue;
    }
    const name = propertyName(property, { module, node, depth }, open);
    if (name === undefined) unsure ??= { at: place(false), value: undefined };
    if (name !== String(key)) continue;
    return { at: place(true), value: { module, node: property.value, depth } };
  }
  return unsure;
}

function propertyName(
  { key, computed }: oxc.ObjectProperty,
  { module, depth }: Value,
  open: Open,
): string | undefined {
  if (!computed && key.type === "Identifier") return key.name;
  if (key.type === "PrivateIdentifier") return undefined;
  const literal = literalOf({ module, node: key, depth: depth + 1 }, open)?.node;
  const isText = literal?.type === "Literal" && ["string", "number"].includes(typeof literal.value);
  return isText ? String(literal.value) : undefined;
}

/** The expression behind names, wrappers of types, and `replace(…)`; `undefined` where only running it would tell. */
export function literalOf(value: Value, open: Open): Value | undefined {
  const { module, node, depth } = value;
  if (depth > maxDepth) return undefined;
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "ParenthesizedExpression":
      return literalOf({ module, node: node.expression, depth: depth + 1 }, open);
    case "Identifier":
      return namedValue(node.name, value, open);
    case "MemberExpression":
      return memberValue(node, value, open);
    case "CallExpression": {
      const [argument] = node.arguments;
      const isReplace = node.callee.type === "Identifier" && node.callee.name === "replace";
      if (!isReplace || !argument || argument.type === "SpreadElement") return undefined;
      return literalOf({ module, node: argument, depth: depth + 1 }, open);
    }
    case "ObjectExpression":
    case "ArrayExpression":
    case "Literal":
      return value;
    default:
      return undefined;
  }
}

function memberValue(
  node: oxc.MemberExpression,
  { module, depth }: Value,
  open: Open,
): Value | undefined {
  const { property, computed, object } = node;
  if (object.type === "Super" || property.type === "PrivateIdentifier") return undefined;
  const named = property.type === "Identifier" && !computed ? property.name : undefined;
  const literal = property.type === "Literal" ? property.value : undefined;
  const key = named ?? literal;
  if (typeof key !== "string" && typeof key !== "number") return undefined;
  const found = look({ module, node: object, depth: depth + 1 }, key, open);
  return found?.value && literalOf({ ...found.value, depth: depth + 1 }, open);
}

/** A `const` of the module, or of the module that a relative import names. */
function namedValue(name: string, { module, depth }: Value, open: Open): Value | undefined {
  const init = module.constants.get(name);
  if (init !== undefined) return literalOf({ module, node: init, depth: depth + 1 }, open);
  const imported = module.imports.get(name);
  if (imported?.from.startsWith(".") !== true) return undefined;
  const other = open(resolve(dirname(module.file), imported.from));
  const exported = other?.exports.get(imported.name);
  if (other === undefined || exported === undefined) return undefined;
  return literalOf({ module: other, node: exported, depth: depth + 1 }, open);
}
