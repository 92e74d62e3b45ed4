/** Which of JavaScript's and Node's own things an expression names, under whatever name it was taken. */
import { ts } from "ts-morph";
import type { Binding, SourceModule } from "../diff/source/modules.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import { isLocal, keyName } from "./nodes.ts";

/** Modules of Node by what their exports are called as globals; an empty text where they are globals themselves. */
const nodeModules: Readonly<Record<string, string>> = {
  crypto: "crypto",
  os: "os",
  perf_hooks: "",
  process: "process",
};

/** Names followed so far: an end for constants that mean each other. */
const maxDepth = 10;

/**
 * `Math.random` for `Math.random`, `globalThis.Math["random"]`, and `m.random` after `const m = Math`.
 * @returns `undefined` for anything that is not one of these.
 */
export function globalName(
  expression: ts.Expression,
  module: SourceModule,
  depth: number = 0,
): string | undefined {
  if (depth > maxDepth) return undefined;
  const node = withoutTypes(expression);
  if (ts.isIdentifier(node)) return isLocal(node) ? undefined : namedGlobal(node, module, depth);
  const key = memberKey(node);
  if (key === undefined) return undefined;
  const holder = globalName(key.of, module, depth + 1);
  return holder === undefined ? undefined : joined(holder, key.name);
}

/** What is taken out of a global by a pattern: `Math.random` of `const { random } = Math`. */
export function takenGlobals(
  declaration: ts.VariableDeclaration,
  module: SourceModule,
): readonly { readonly name: string; readonly node: ts.Node }[] {
  const { name, initializer } = declaration;
  if (!ts.isObjectBindingPattern(name) || initializer === undefined) return [];
  const holder = globalName(initializer, module);
  if (holder === undefined) return [];
  return name.elements.flatMap((element) => {
    const own = ts.isIdentifier(element.name) ? element.name.text : undefined;
    const key = element.propertyName === undefined ? own : keyName(element.propertyName);
    return key === undefined ? [] : [{ name: joined(holder, key), node: element }];
  });
}

function memberKey(
  node: ts.Expression,
): { readonly of: ts.Expression; readonly name: string } | undefined {
  if (ts.isPropertyAccessExpression(node)) return { of: node.expression, name: node.name.text };
  if (!ts.isElementAccessExpression(node)) return undefined;
  const { argumentExpression: key } = node;
  return ts.isStringLiteralLike(key) ? { of: node.expression, name: key.text } : undefined;
}

function joined(holder: string, name: string): string {
  if (name === "globalThis" || name === "default") return holder;
  return holder === "" ? name : `${holder}.${name}`;
}

function namedGlobal(
  { text }: ts.Identifier,
  module: SourceModule,
  depth: number,
): string | undefined {
  const binding: Binding | undefined = module.bindings.get(text);
  if (binding === undefined) return text === "globalThis" || text === "global" ? "" : text;
  if (binding.kind === "constant") return globalName(binding.value, module, depth + 1);
  if (binding.kind !== "import") return undefined;
  const holder = nodeModules[binding.from.replace(/^node:/u, "")];
  if (holder === undefined) return undefined;
  return binding.name === "*" ? holder : joined(holder, binding.name);
}
