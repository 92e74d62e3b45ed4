/** The checks of a finished draft: zod's, fields that exclude each other, and rules, with everything wrong at once. */
import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import { ExpError } from "../core/errors.ts";
import { deepFreeze } from "../core/freeze.ts";
import type { JsonObject } from "../core/json.ts";
import { startsWith } from "../core/path.ts";
import type { Build } from "./build.ts";
import { missingChoices } from "./exclusive-fields.ts";
import type { Assignments } from "./assignments.ts";
import type { Report } from "./problems.ts";
import { withoutSecret } from "./secret-fields.ts";
import { textProblems } from "./text-problems.ts";
import { ruleProblems, type Rule } from "./rules.ts";
import { shareParts } from "./shared-parts.ts";
import type { SchemaView } from "./schema-view.ts";
import { zodProblems } from "./zod-problems.ts";

export interface Validation {
  readonly schema: z.ZodType;
  readonly view: SchemaView;
  readonly rules: readonly Rule[];
  readonly assignments: Assignments;
  /** How many problems were reported before: with any, nothing is given back. */
  readonly numProblems: number;
  /** Runs of the plan before this one. */
  readonly numResolved: number;
  /** Config of the run before this one, where there is one: equal parts are shared with it. */
  readonly earlier: JsonObject | undefined;
  readonly report: Report;
}

/** Zod can compile a schema into functions: that pays from here on, and costs a cold start about a tenth of its time. */
const numUncompiled = 16;

/**
 * The deep-frozen config of a draft, or `undefined` where anything is wrong with it.
 * @throws {ExpError} `config` for a schema that gives back something else than it was given.
 */
export function validateDraft(build: Build, validation: Validation): JsonObject | undefined {
  const { schema, view, rules, assignments, report } = validation;
  const { root, broken } = build;
  const parsed = schema.safeParse(root, { jitless: validation.numResolved < numUncompiled });
  const found = [
    ...(parsed.success ? [] : zodProblems(parsed.error.issues, root, view)),
    ...missingChoices(build, view),
  ].filter(({ path }) => !broken.some((known) => startsWith(path, known)));
  const wrong = [...broken, ...found.map(({ path }) => path)];
  const problems = [...found, ...ruleProblems(rules, { root, view, assignments, wrong })];
  for (const problem of problems) report(withoutSecret(problem, view));
  if (!parsed.success || problems.length + broken.length + validation.numProblems > 0)
    return undefined;
  if (!isDeepStrictEqual(parsed.data, root)) {
    throw new ExpError("config", "The schema of the task changes the values that it checks.", {
      hint: "Take transforms out of the schema, and compute in run or with derived().",
    });
  }
  const wrongTexts = textProblems(root);
  for (const problem of wrongTexts) report(problem);
  if (wrongTexts.length > 0) return undefined;
  shareParts(root, validation.earlier);
  return deepFreeze(root as JsonObject); // zod accepted it as the schema's output, which is JSON
}
