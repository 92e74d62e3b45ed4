/** From the text of a value to its tree: plain and quoted values, lists, dicts, calls, and sweeps with commas. */
import { evaluateCall, requireKnownFunction } from "./override-call.ts";
import {
  found,
  isAt,
  match,
  overrideError,
  skip,
  skipSpace,
  type Cursor,
} from "./override-cursor.ts";
import type { CallArgument } from "./override-function.ts";
import { refuseForbiddenKey } from "./override-key.ts";
import { plainNode, scanPlain } from "./override-plain.ts";
import { parseQuoted, quotedParts, requireEndOfValue } from "./override-quoted.ts";
import {
  isElement,
  type DictEntry,
  type ElementNode,
  type KeyNode,
  type TextNode,
  type ValueNode,
} from "./override-tree.ts";

/** Deeper values are slips or attacks; the parser calls itself once a level. */
const maxDepth = 100;

const callStart = /[A-Za-z_][A-Za-z0-9_]*[ \t]*\(/y;
const argumentName = /[A-Za-z_][A-Za-z0-9_]*[ \t]*=/y;

/**
 * Reads the rest of the text as one value; several with commas between them are a choice.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseTree(cursor: Cursor): ValueNode {
  skipSpace(cursor);
  const position = cursor.position;
  const first = parseElement(cursor, 0);
  if (!isAt(cursor, ",")) {
    requireEnd(cursor);
    return first;
  }
  const items = [whole(cursor, first)];
  while (skip(cursor, ",")) items.push(whole(cursor, parseElement(cursor, 0)));
  requireEnd(cursor);
  return { kind: "choice", items, isSimple: true, tags: [], position };
}

/**
 * Reads one value that is a part of a longer text, up to a comma or a closing bracket.
 * @throws {ExpError} `usage`, with the position.
 */
export function parseTreePart(cursor: Cursor): ValueNode {
  return parseElement(cursor, 0);
}

function requireEnd(cursor: Cursor): void {
  if (cursor.position >= cursor.text.length) return;
  throw overrideError(cursor, {
    message: `expected a comma or the end, found ${found(cursor)}.`,
    hint: "Quote the value if it is a text.",
  });
}

function parseElement(cursor: Cursor, depth: number): ValueNode {
  if (depth > maxDepth) {
    throw overrideError(cursor, { message: `values may be nested ${maxDepth} deep at most.` });
  }
  skipSpace(cursor);
  const parsed = parseOne(cursor, depth);
  skipSpace(cursor);
  return parsed;
}

function parseOne(cursor: Cursor, depth: number): ValueNode {
  const start = cursor.position;
  switch (cursor.text.charAt(start)) {
    case "[":
      return parseList(cursor, depth);
    case "{":
      return parseDict(cursor, depth);
    case "'":
    case '"': {
      const node = parseQuotedNode(cursor);
      skipSpace(cursor);
      requireEndOfValue(cursor);
      return node;
    }
    case "":
    case ",":
    case "]":
    case "}":
    case ")":
      throw overrideError(cursor, { message: `expected a value, found ${found(cursor)}.` });
    default: {
      const name = isWordStart(cursor.text.charCodeAt(start))
        ? match(cursor, callStart)
        : undefined;
      if (name === undefined) return plainNode(scanPlain(cursor, false), start);
      return parseCall(cursor, { name: name.slice(0, -1).trim(), start, depth });
    }
  }
}

/** Spares the pattern for a call where a number stands. */
function isWordStart(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function parseQuotedNode(cursor: Cursor): TextNode {
  const { position } = cursor;
  const quote = isAt(cursor, "'") ? "single" : "double";
  const text = parseQuoted(cursor);
  const parts = quotedParts(text, position);
  return { kind: "text", text, quote, position, ...(parts !== undefined && { parts }) };
}

function parseList(cursor: Cursor, depth: number): ElementNode {
  const items: ElementNode[] = [];
  const position = cursor.position++;
  skipSpace(cursor);
  while (!skip(cursor, "]")) {
    items.push(whole(cursor, parseElement(cursor, depth + 1)));
    separate(cursor, { open: position, close: "]" });
  }
  return { kind: "list", items, position };
}

function parseDict(cursor: Cursor, depth: number): ElementNode {
  const entries: DictEntry[] = [];
  const position = cursor.position++;
  skipSpace(cursor);
  while (!skip(cursor, "}")) {
    const key = parseDictKey(cursor);
    entries.push([key, whole(cursor, parseElement(cursor, depth + 1))]);
    separate(cursor, { open: position, close: "}" });
  }
  return { kind: "dict", entries, position };
}

function parseDictKey(cursor: Cursor): KeyNode {
  const key = dictKey(cursor);
  const name = key.kind === "text" ? key.text : key.written;
  if (name === "" && key.kind === "text" && key.quote === undefined) {
    throw overrideError(cursor, { message: `expected a key, found ${found(cursor)}.` });
  }
  refuseForbiddenKey(cursor, name, key.position);
  skipSpace(cursor);
  if (skip(cursor, ":")) return key;
  const message = `expected ":" behind the key, found ${found(cursor)}.`;
  throw overrideError(cursor, { message });
}

function dictKey(cursor: Cursor): KeyNode {
  const { position } = cursor;
  if (!isAt(cursor, "'") && !isAt(cursor, '"')) {
    return plainNode(scanPlain(cursor, true), position);
  }
  const quote = isAt(cursor, "'") ? "single" : "double";
  return { kind: "text", text: parseQuoted(cursor), quote, position }; // keys hold no references
}

/** Moves past the comma behind an item; the last one may have a comma too. */
function separate(
  cursor: Cursor,
  bracket: { readonly open: number; readonly close: string },
): void {
  skipSpace(cursor);
  if (skip(cursor, ",")) {
    skipSpace(cursor);
    return;
  }
  if (isAt(cursor, bracket.close)) return;
  if (cursor.position >= cursor.text.length) {
    const message = `this bracket has no end: expected "${bracket.close}".`;
    throw overrideError(cursor, { position: bracket.open, message });
  }
  const message = `expected a comma or "${bracket.close}", found ${found(cursor)}.`;
  throw overrideError(cursor, { message });
}

function parseCall(
  cursor: Cursor,
  call: { readonly name: string; readonly start: number; readonly depth: number },
): ValueNode {
  requireKnownFunction(cursor, call.name, call.start);
  const parameters: CallArgument[] = [];
  const open = cursor.position - 1;
  skipSpace(cursor);
  while (!skip(cursor, ")")) {
    const position = cursor.position;
    const name = match(cursor, argumentName)?.slice(0, -1).trim();
    const node = parseElement(cursor, call.depth + 1);
    parameters.push(name === undefined ? { node, position } : { name, node, position });
    separate(cursor, { open, close: ")" });
  }
  skipSpace(cursor);
  return evaluateCall({ name: call.name, parameters, position: call.start, cursor });
}

/** A sweep is a whole value: inside another value it would not say what varies with what. */
function whole(cursor: Cursor, node: ValueNode): ElementNode {
  if (isElement(node)) return node;
  throw overrideError(cursor, {
    position: node.position,
    message: `${node.kind}(…) has to be the whole value, not a part of one.`,
  });
}
