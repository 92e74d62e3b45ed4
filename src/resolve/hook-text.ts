/**
 * Modules without the hooks that are written in them. A hook watches runs and reaches no result, so the code identity is
 * computed as if `onEvent` were not there: what it says may change without another run key.
 */
import type * as oxc from "oxc-parser";

/** Functions and methods whose call makes a task, and takes a hook in its first argument. */
const taskMakers = new Set(["defineTask", "taskVariant", "with"]);

type Parser = Pick<typeof oxc, "parseSync">;

/** Tells, without parsing, that a text cannot hold the hook of a task. */
export function hasNoHook(text: string): boolean {
  return !/\bonEvent\b/u.test(text);
}

/**
 * A module's text in which calls that make a task take no `onEvent`; the same text where none does. Only what is written in
 * the literal of the call is seen: what a spread brings counts as code.
 * @param file - Absolute; its ending says which language it is.
 */
export function withoutHooks(parser: Parser, file: string, text: string): string {
  if (hasNoHook(text)) return text;
  const spans: oxc.Span[] = [];
  visit(parser.parseSync(file, text).program, (node) => {
    if (isCall(node)) spans.push(...hookSpan(node));
  });
  let rest = text;
  for (const { start, end } of spans.toSorted((a, b) => b.start - a.start)) {
    rest = rest.slice(0, start) + rest.slice(end);
  }
  return rest;
}

/** The hook in a call, with the comma that is one too many without it. */
function hookSpan({ callee, arguments: [options] }: oxc.CallExpression): readonly oxc.Span[] {
  if (!taskMakers.has(calledName(callee)) || options?.type !== "ObjectExpression") return [];
  const { properties } = options;
  const index = properties.findIndex(isHook);
  const hook = properties[index];
  if (hook === undefined) return [];
  const next = properties[index + 1];
  if (next !== undefined) return [{ start: hook.start, end: next.start }];
  return [{ start: properties[index - 1]?.end ?? hook.start, end: hook.end }];
}

function isHook(property: oxc.ObjectPropertyKind): boolean {
  if (property.type !== "Property" || property.computed) return false;
  return property.key.type === "Identifier" && property.key.name === "onEvent";
}

function calledName(callee: oxc.Expression): string {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression" || callee.computed) return "";
  return callee.property.type === "Identifier" ? callee.property.name : "";
}

function visit(node: unknown, see: (node: { readonly type: string }) => void): void {
  if (Array.isArray(node)) for (const item of node) visit(item, see);
  if (typeof node !== "object" || node === null || !("type" in node)) return;
  if (typeof node.type === "string") see({ ...node, type: node.type });
  for (const child of Object.values(node)) if (typeof child === "object") visit(child, see);
}

function isCall(node: { readonly type: string }): node is oxc.CallExpression {
  return node.type === "CallExpression";
}
