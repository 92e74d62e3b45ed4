/** `unused-key`. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../../diff/source/modules.ts";
import { configEscapes, type Escapes } from "../config-flow.ts";
import { keyName, walk } from "../nodes.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { isLiteralField, type SchemaField } from "../schema-fields.ts";
import { tasksOf } from "../tasks.ts";

/** Fields that are declared and that no code reads. */
export const unusedKey: Rule = {
  id: "unused-key",
  reason: "A field that no code reads is set, swept and hashed, and changes nothing.",
  bad: "schema: z.strictObject({ gain: z.number() }), run: async () => ({ done: 1 })",
  good: "schema: z.strictObject({ gain: z.number() }), run: async ({ config }) => ({ done: config.gain })",
  hasFix: false,
  needsEvaluation: false,
  check: (project) => {
    const { modules, reached } = project;
    const read = new Set(reached.flatMap((module) => [...namesRead(module)]));
    return tasksOf(modules, reached).flatMap((task) => {
      if (task.entries.length === 0) return [];
      const escapes = configEscapes(modules, task);
      return task.fields
        .filter((field) => isUnused(field, { project, modules, read, escapes }))
        .map(problemOf);
    });
  },
};

interface Readers {
  readonly project: LintProject;
  readonly modules: SourceModules;
  readonly read: ReadonlySet<string>;
  readonly escapes: Escapes;
}

function isUnused(field: SchemaField, { project, modules, read, escapes }: Readers): boolean {
  const isOwn = field.parents.length === 0;
  if (isOwn && project.envelopeKeys.has(field.key)) return false;
  if (isLiteralField(modules, field) || read.has(field.key)) return false;
  return !["", ...field.parents, field.key].some((key) => escapes.has(key));
}

function problemOf(field: SchemaField): Problem {
  const message = `${[...field.parents, field.key].join(".")} is read by no code of the project. Take it out of the schema, or use it.`;
  return { module: field.module, node: field.node.name, message };
}

const known = new WeakMap<SourceModule, ReadonlySet<string>>();

/** What is read by name anywhere in a module: `x.name`, `x["name"]`, `const { name } = x`, `"name" in x`. */
function namesRead(module: SourceModule): ReadonlySet<string> {
  const before = known.get(module);
  if (before !== undefined) return before;
  const names = new Set<string>();
  walk(module.source, (node) => {
    const name = nameRead(node);
    if (name !== undefined) names.add(name);
  });
  known.set(module, names);
  return names;
}

function nameRead(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return isAssigned(node) ? undefined : node.name.text;
  if (ts.isElementAccessExpression(node)) {
    const { argumentExpression: key } = node;
    return ts.isStringLiteralLike(key) ? key.text : undefined;
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    if (node.propertyName !== undefined) return keyName(node.propertyName);
    return ts.isIdentifier(node.name) ? node.name.text : undefined;
  }
  const isIn = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InKeyword;
  return isIn && ts.isStringLiteralLike(node.left) ? node.left.text : undefined;
}

function isAssigned(node: ts.PropertyAccessExpression): boolean {
  const { parent } = node;
  return (
    ts.isBinaryExpression(parent) &&
    parent.left === node &&
    parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
  );
}
