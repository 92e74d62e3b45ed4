/** A call in the value of an override, with its arguments under the names that the function knows. */
import { nearest } from "../core/suggest.ts";
import { overrideError, shortText, type Cursor } from "./override-cursor.ts";
import { hasReference, type TextNode, type ValueNode } from "./override-tree.ts";

/** One argument of a call. */
export interface CallArgument {
  /** Given as `name=value`. */
  readonly name?: string;
  readonly node: ValueNode;
  readonly position: number;
}

/** A call as it was written. */
export interface WrittenCall {
  readonly name: string;
  readonly parameters: readonly CallArgument[];
  readonly position: number;
  readonly cursor: Cursor;
}

/** The parameters of a function. */
export interface Signature {
  /** In order; absent where the function takes any number of values without names. */
  readonly positional?: readonly string[];
  /** Names that only `name=value` gives. */
  readonly onlyNamed?: readonly string[];
}

/** A call that fits its signature. */
export interface BoundCall extends WrittenCall {
  /** The values without names, where the function takes any number of them. */
  readonly rest: readonly ValueNode[];
  readonly named: ReadonlyMap<string, ValueNode>;
}

/**
 * The arguments of a call by name. Quoted texts count as plain ones from here on.
 * @throws {ExpError} `usage` for too many, unknown or repeated arguments, each at its place.
 */
export function bindCall(call: WrittenCall, signature: Signature): BoundCall {
  const { positional } = signature;
  const rest: ValueNode[] = [];
  const named = new Map<string, ValueNode>();
  let hasNames = false;
  for (const [index, { name: written, node, position }] of call.parameters.entries()) {
    hasNames ||= written !== undefined;
    if (hasNames && written === undefined) {
      throw callError(call, position, "a value without a name cannot follow one with a name.");
    }
    const name = written ?? positional?.[index];
    if (name === undefined) {
      if (positional !== undefined) throw tooMany(call, positional, position);
      rest.push(withoutQuote(node));
      continue;
    }
    requireName(call, signature, { name, position });
    if (named.has(name)) throw callError(call, position, `${call.name}() got ${name} twice.`);
    named.set(name, withoutQuote(node));
  }
  return { ...call, rest, named };
}

/** The error at a place of a call. */
export function callError(
  { cursor }: WrittenCall,
  position: number,
  ...[message, hint]: readonly [message: string, hint?: string]
): Error {
  return overrideError(cursor, { position, message, ...(hint !== undefined && { hint }) });
}

function tooMany(call: WrittenCall, names: readonly string[], position: number): Error {
  const known = `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
  return callError(call, position, `${call.name}() takes ${known}, no more.`);
}

function requireName(
  call: WrittenCall,
  { positional = [], onlyNamed = [] }: Signature,
  { name, position }: { readonly name: string; readonly position: number },
): void {
  const known = [...positional, ...onlyNamed];
  if (known.includes(name)) return;
  const meant = nearest(name, known);
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`;
  const message = `${call.name}() has no argument named ${shortText(name)}.${suggestion}`;
  throw callError(call, position, message, 'Quote a text that holds "=".');
}

/** References keep their quotes: without them their text could not be written again. */
function withoutQuote(node: ValueNode): ValueNode {
  if (node.kind !== "text" || node.quote === undefined || hasReference(node)) return node;
  const { quote: _quote, ...text }: TextNode = node;
  return text;
}
