/** Where the config of a task goes as a whole, out of what can be followed: then any of its fields may be read there. */
import { ts } from "ts-morph";
import type { SourceModules } from "../diff/source/modules.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import { isUse, keyName, walk, type FunctionNode, type Located } from "./nodes.ts";
import { namedFunction, type TaskCode } from "./tasks.ts";

/** Keys whose value leaves as a whole; the empty key stands for the config itself. */
export type Escapes = ReadonlySet<string>;

/** What a parameter or variable holds: the config (an empty key), the value of a key, or the context around the config. */
type Held = { readonly key: string } | "context";

interface Visit extends Located<FunctionNode> {
  readonly holds: readonly (Held | undefined)[];
}

interface Flow {
  readonly modules: SourceModules;
  readonly escapes: Set<string>;
  readonly waiting: Visit[];
  readonly seen: Set<string>;
}

/** Functions that are given a context with the config in it. */
const withContext = new Set(["run", "preflight", "read", "listUnlabelled"]);

/** Follows the config through the functions of a task. */
export function configEscapes(modules: SourceModules, { entries }: TaskCode): Escapes {
  const flow: Flow = { modules, escapes: new Set(), waiting: [], seen: new Set() };
  for (const { key, module, node } of entries) {
    const first: Held = withContext.has(key) ? "context" : { key: "" };
    flow.waiting.push({ module, node, holds: [first] });
  }
  for (let next = flow.waiting.pop(); next !== undefined; next = flow.waiting.pop()) {
    const step = `${next.module.file}:${next.node.pos}:${JSON.stringify(next.holds)}`;
    if (flow.seen.has(step)) continue;
    flow.seen.add(step);
    follow(next, flow);
  }
  return flow.escapes;
}

function follow({ module, node: code, holds }: Visit, flow: Flow): void {
  const names = new Map<string, Held>();
  code.parameters.forEach((parameter, index) => {
    const held = holds[index];
    if (held === undefined) return;
    if (parameter.dotDotDotToken === undefined) bind(parameter.name, held, { names, flow });
    else escape(held, flow);
  });
  if (code.body === undefined) return;
  walk(code.body, (node) => {
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined) {
      const held = heldBy(node.initializer, names);
      if (held !== undefined) bind(node.name, held, { names, flow });
    }
    const isName = ts.isIdentifier(node) && isUse(node);
    const held = isName ? names.get(node.text) : undefined;
    if (isName && held !== undefined) use({ module, node }, held, flow);
  });
}

interface Scope {
  readonly names: Map<string, Held>;
  readonly flow: Flow;
}

function bind(name: ts.BindingName, held: Held, scope: Scope): void {
  if (ts.isIdentifier(name)) return void scope.names.set(name.text, held);
  for (const element of name.elements) {
    if (!ts.isBindingElement(element)) continue;
    const own = ts.isIdentifier(element.name) ? element.name.text : undefined;
    const key = element.propertyName === undefined ? own : keyName(element.propertyName);
    if (element.dotDotDotToken !== undefined || key === undefined) escape(held, scope.flow);
    else {
      const inner = memberOf(held, key);
      if (inner !== undefined) bind(element.name, inner, scope);
    }
  }
}

/** Of the context only the config counts. */
function memberOf(held: Held, key: string): Held | undefined {
  if (held !== "context") return { key };
  return key === "config" ? { key: "" } : undefined;
}

/** What an expression holds, where it is a name or a chain of members of one. */
function heldBy(expression: ts.Expression, names: ReadonlyMap<string, Held>): Held | undefined {
  const node = withoutTypes(expression);
  if (ts.isIdentifier(node)) return names.get(node.text);
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const holder = heldBy(node.expression, names);
  return holder && memberOf(holder, node.name.text);
}

/** Goes up from a name to what is done with the longest chain of members that begins there. */
function use({ module, node: name }: Located<ts.Identifier>, held: Held, flow: Flow): void {
  let node: ts.Node = name;
  let own: Held | undefined = held;
  for (;;) {
    const { parent }: ts.Node = node;
    if (isTransparent(parent)) node = parent;
    else if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
      own = memberOf(own, parent.name.text);
      if (own === undefined) return;
      node = parent;
    } else break;
  }
  const { parent } = node;
  if (ts.isVariableDeclaration(parent)) return; // followed under its new name
  if (ts.isElementAccessExpression(parent) && parent.expression === node) {
    if (!ts.isStringLiteralLike(parent.argumentExpression)) escape(own, flow);
    return;
  }
  if (ts.isCallExpression(parent) && parent.expression !== node) {
    return handOn(parent, { module, node, held: own }, flow);
  }
  const isWhole =
    ts.isSpreadAssignment(parent) ||
    ts.isSpreadElement(parent) ||
    ts.isReturnStatement(parent) ||
    ts.isPropertyAssignment(parent) ||
    ts.isShorthandPropertyAssignment(parent) ||
    ts.isArrayLiteralExpression(parent) ||
    ts.isNewExpression(parent) ||
    ts.isArrowFunction(parent) ||
    ts.isForInStatement(parent) ||
    ts.isYieldExpression(parent) ||
    ts.isBinaryExpression(parent);
  if (isWhole) escape(own, flow);
}

function isTransparent(node: ts.Node): boolean {
  return (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isAwaitExpression(node)
  );
}

interface Argument extends Located {
  readonly held: Held;
}

/** To a function of the project it goes on; to anything else it is gone. */
function handOn(call: ts.CallExpression, { module, node, held }: Argument, flow: Flow): void {
  const callee = withoutTypes(call.expression);
  const index = call.arguments.findIndex((argument) => argument === node);
  const targets = ts.isIdentifier(callee)
    ? namedFunction(flow.modules, { module, node: callee })
    : [];
  if (targets.length === 0 || index < 0) return escape(held, flow);
  const holds = call.arguments.map((_, position) => (position === index ? held : undefined));
  for (const target of targets) flow.waiting.push({ ...target, holds });
}

function escape(held: Held, { escapes }: Flow): void {
  escapes.add(held === "context" ? "" : held.key);
}
