/** What the three rules about ambient inputs share: uses of globals, wherever experiments are made. */
import { ts } from "ts-morph";
import type { SourceModule } from "../../diff/source/modules.ts";
import { globalName, takenGlobals } from "../globals.ts";
import { walk } from "../nodes.ts";
import type { LintProject, Problem } from "../rule.ts";

/** What is looked for, and what to say. */
export interface AmbientSearch {
  /** Full names of globals: `Math.random`. */
  readonly names: RegExp;
  /** Of a call or `new` without arguments, also these. */
  readonly madeNames?: RegExp;
  /** Behind what was found. */
  readonly advice: string;
}

/** Every use in the linted modules, but those of `onEvent`, which watches runs and makes nothing of them. */
export function findAmbient({ linted }: LintProject, search: AmbientSearch): readonly Problem[] {
  return linted.flatMap((module) => {
    const problems: Problem[] = [];
    const found = (node: ts.Node, name: string): void => {
      problems.push({ module, node, message: `${name} ${search.advice}` });
    };
    walk(module.source, (node) => {
      if (isHook(node)) return false;
      if (ts.isVariableDeclaration(node)) {
        for (const taken of takenGlobals(node, module))
          if (search.names.test(taken.name)) found(taken.node, taken.name);
        return;
      }
      const name = nameOf(node, module, search);
      if (name === undefined) return;
      found(node, name);
      return false;
    });
    return problems;
  });
}

function nameOf(node: ts.Node, module: SourceModule, search: AmbientSearch): string | undefined {
  const isMember = ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node);
  if (isMember || (ts.isIdentifier(node) && isCalled(node, module))) {
    const name = globalName(node, module);
    return name !== undefined && search.names.test(name) ? name : undefined;
  }
  const isMade = ts.isNewExpression(node) || ts.isCallExpression(node);
  if (!isMade || search.madeNames === undefined) return undefined;
  if (ts.isNewExpression(node) && (node.arguments?.length ?? 0) > 0) return undefined;
  const name = globalName(node.expression, module);
  if (name === undefined || !search.madeNames.test(name)) return undefined;
  return ts.isNewExpression(node) ? `new ${name}()` : `${name}()`;
}

/** A constant of the module is told of where it takes what it holds. */
function isCalled(node: ts.Identifier, module: SourceModule): boolean {
  const { parent } = node;
  const isCallee = ts.isCallExpression(parent) && parent.expression === node;
  return isCallee && module.bindings.get(node.text)?.kind !== "constant";
}

function isHook(node: ts.Node): boolean {
  const name =
    ts.isFunctionDeclaration(node) || ts.isVariableDeclaration(node) ? node.name : undefined;
  return name !== undefined && ts.isIdentifier(name) && name.text === "onEvent";
}
