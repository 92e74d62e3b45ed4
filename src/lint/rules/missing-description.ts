/** `missing-description`. */
import type { SourceModule } from "../../diff/source/modules.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { fieldDoc, isLiteralField, moduleFields, type SchemaField } from "../schema-fields.ts";

/** Fields of schemas that nothing is said of. */
export const missingDescription: Rule = {
  id: "missing-description",
  reason:
    "A field that nothing is said of shows nothing in the editor, in exp help and in exp list paths.",
  bad: "numSteps: z.int().min(1),",
  good: "/** Points thrown in one step. */ numSteps: z.int().min(1),",
  hasFix: false,
  needsEvaluation: false,
  check: ({ modules, linted }) =>
    fieldsIn({ modules, linted })
      .filter((field) => !isLiteralField(modules, field))
      .filter((field) => fieldDoc(modules, field) === undefined)
      .map((field): Problem => {
        const message = `${pathOf(field)} has no description. Put a doc comment /** … */ on the line above the key, or call .describe("…").`;
        return { module: field.module, node: field.node.name, message };
      }),
};

/** The fields of all schemas in the linted modules, each once. */
export function fieldsIn({
  modules,
  linted,
}: Pick<LintProject, "modules" | "linted">): readonly SchemaField[] {
  const own = new Set<SourceModule>(linted);
  const fields = linted.flatMap((module) => moduleFields(modules, module));
  const byNode = new Map(fields.map((field) => [field.node, field]));
  return [...byNode.values()].filter(({ module }) => own.has(module));
}

/** `optimizer.learningRate`, as far as the literals say. */
export function pathOf({ parents, key }: SchemaField): string {
  return [...parents, key].join(".");
}
