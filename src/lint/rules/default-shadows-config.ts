/** `default-shadows-config`. */
import { ts } from "ts-morph";
import { isFunctionNode, keyName, literalValue, plainName, walk, type Located } from "../nodes.ts";
import type { Problem, Rule } from "../rule.ts";
import { tasksOf, type TaskCode } from "../tasks.ts";

/** Defaults in the code of a task for what its config says. */
export const defaultShadowsConfig: Rule = {
  id: "default-shadows-config",
  reason:
    "A default in code is used where somebody forgot to hand the value on, and the config then says what did not happen.",
  bad: "function step(model: Model, learningRate = 0.1) { … } beside learningRate in the schema",
  good: "function step(model: Model, learningRate: number) { … }, with the default in the schema",
  hasFix: false,
  needsEvaluation: false,
  check: ({ modules, reached }) => tasksOf(modules, reached).flatMap(checkTask),
};

function checkTask({ fields, functions }: TaskCode): readonly Problem[] {
  const names = new Set(fields.map(({ key }) => plainName(key)));
  const problems: Problem[] = [];
  for (const { module, node: code } of functions) {
    walk(code, (node) => {
      const isOther = node !== code && isFunctionNode(node);
      if (isOther && functions.some((one) => one.node === node)) return false; // looked at by itself
      const found = defaultIn(node);
      if (found !== undefined && names.has(plainName(found.name)))
        problems.push(problemOf(found.name, { module, node: found.node }));
      return true;
    });
  }
  return problems;
}

function problemOf(name: string, { module, node }: Located): Problem {
  const message = `${name} is a field of the config and has a default of its own here. Take the default away; one that is needed belongs into the schema, as .default(…).`;
  return { module, node, message };
}

interface WrittenDefault {
  readonly name: string;
  readonly node: ts.Node;
}

/** A parameter or part of a pattern with a literal as its default, or `config.rate ?? 0.1`. */
function defaultIn(node: ts.Node): WrittenDefault | undefined {
  if (ts.isParameter(node) || ts.isBindingElement(node)) {
    const { initializer } = node;
    if (initializer === undefined || literalValue(initializer) === undefined) return undefined;
    const key = ts.isBindingElement(node) ? keyName(node.propertyName) : undefined;
    const own = ts.isIdentifier(node.name) ? node.name.text : undefined;
    const name = key ?? own;
    return name === undefined ? undefined : { name, node };
  }
  if (!ts.isBinaryExpression(node)) return undefined;
  const { operatorToken, left, right } = node;
  const isFallback =
    operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken ||
    operatorToken.kind === ts.SyntaxKind.BarBarToken;
  if (!isFallback || literalValue(right) === undefined) return undefined;
  return ts.isPropertyAccessExpression(left) && isOfConfig(left.expression)
    ? { name: left.name.text, node }
    : undefined;
}

/** `config`, `config.model`, `context.config`. */
function isOfConfig(node: ts.Expression): boolean {
  if (ts.isIdentifier(node)) return node.text === "config";
  if (!ts.isPropertyAccessExpression(node)) return false;
  return node.name.text === "config" || isOfConfig(node.expression);
}
