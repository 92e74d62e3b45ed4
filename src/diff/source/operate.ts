/** Arithmetic and texts of known parts, as JavaScript computes them. */
import { ts } from "ts-morph";
import type { Form, SourcePlace, ValueForm } from "./form.ts";

type Value = ValueForm["value"];
type Read = (expression: ts.Expression) => Form;

/** The value of an operation on known values; `undefined` where a part is not known or the operation is another one. */
export function operate(node: ts.Expression, read: Read, at: SourcePlace): Form | undefined {
  if (ts.isPrefixUnaryExpression(node)) return known(prefixed(node, read), at);
  if (ts.isBinaryExpression(node)) return binary(node, read, at);
  if (ts.isTemplateExpression(node)) return known(template(node, read), at);
  if (!ts.isConditionalExpression(node)) return undefined;
  const condition = read(node.condition);
  if (condition.kind !== "value") return undefined;
  return read(condition.value ? node.whenTrue : node.whenFalse);
}

/** In a list, so that the value `undefined` differs from none. */
type Computed = readonly [Value] | undefined;

function known(result: Computed, at: SourcePlace): Form | undefined {
  return result === undefined ? undefined : { kind: "value", value: result[0], at };
}

function prefixed(node: ts.PrefixUnaryExpression, read: Read): Computed {
  const operand = read(node.operand);
  if (operand.kind !== "value") return undefined;
  if (node.operator === ts.SyntaxKind.ExclamationToken) return [!operand.value];
  if (typeof operand.value !== "number") return undefined;
  if (node.operator === ts.SyntaxKind.MinusToken) return [-operand.value];
  return node.operator === ts.SyntaxKind.PlusToken ? [operand.value] : undefined;
}

function binary(node: ts.BinaryExpression, read: Read, at: SourcePlace): Form | undefined {
  const left = read(node.left);
  if (left.kind === "value" && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return left.value === null || left.value === undefined ? read(node.right) : left;
  }
  const right = read(node.right);
  if (left.kind !== "value" || right.kind !== "value") return undefined;
  if (typeof left.value === "string" && typeof right.value === "string") {
    const isPlus = node.operatorToken.kind === ts.SyntaxKind.PlusToken;
    return isPlus ? known([left.value + right.value], at) : undefined;
  }
  if (typeof left.value !== "number" || typeof right.value !== "number") return undefined;
  return known(arithmetic(node.operatorToken.kind, left.value, right.value), at);
}

function arithmetic(operator: ts.SyntaxKind, left: number, right: number): Computed {
  switch (operator) {
    case ts.SyntaxKind.PlusToken:
      return [left + right];
    case ts.SyntaxKind.MinusToken:
      return [left - right];
    case ts.SyntaxKind.AsteriskToken:
      return [left * right];
    case ts.SyntaxKind.SlashToken:
      return [left / right];
    case ts.SyntaxKind.PercentToken:
      return [left % right];
    case ts.SyntaxKind.AsteriskAsteriskToken:
      return wholePower(left, right);
    default:
      return undefined;
  }
}

/** Only what is exact: other powers may differ in the last digit between machines. */
function wholePower(base: number, exponent: number): Computed {
  if (!Number.isSafeInteger(base) || !Number.isSafeInteger(exponent)) return undefined;
  if (exponent < 0 || exponent > 64) return undefined;
  let power = 1;
  for (let count = 0; count < exponent; count++) power *= base;
  return Number.isSafeInteger(power) ? [power] : undefined;
}

function template(node: ts.TemplateExpression, read: Read): Computed {
  let text = node.head.text;
  for (const span of node.templateSpans) {
    const part = read(span.expression);
    if (part.kind !== "value") return undefined;
    text += String(part.value) + span.literal.text;
  }
  return [text];
}
