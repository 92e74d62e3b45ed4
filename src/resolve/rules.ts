/** Checks across fields. A rule is blamed on the values that it read, and the latest of them is where it stands. */
import type { CallSite } from "../config/call-site.ts";
import type { TaskData } from "../config/definition.ts";
import { isUserFile } from "../core/user-files.ts";
import { formatPath, startsWith, valueAt, type Path } from "../core/path.ts";
import type { Draft } from "./build.ts";
import type { Assignments } from "./assignments.ts";
import { isThrown } from "../core/thrown.ts";
import { errorText, showValue, type Problem } from "./problems.ts";
import type { SchemaView } from "./schema-view.ts";
import { AbsentRead, trackedConfig } from "./tracked.ts";

export interface Rule {
  /** What it claims. */
  readonly name: string;
  readonly check: (config: unknown) => unknown;
  readonly call: CallSite;
}

/** The rules of a task; those of a definition's layers hold beside them. */
export function rulesOf({ rules, call }: TaskData): readonly Rule[] {
  return Object.entries(rules).map(([name, check]): Rule => {
    // A rule takes the resolved config, whose type is erased in a task's data.
    return { name, check: check as (config: unknown) => unknown, call };
  });
}

export interface RuleScope {
  readonly root: Draft;
  readonly view: SchemaView;
  readonly assignments: Assignments;
  /** Paths that are wrong already; a rule that looked at one of them says nothing new. */
  readonly wrong: readonly Path[];
}

/** The problems of all rules that do not hold. */
export function ruleProblems(rules: readonly Rule[], scope: RuleScope): readonly Problem[] {
  return rules.flatMap((rule) => ruleProblem(rule, scope) ?? []);
}

function ruleProblem(rule: Rule, scope: RuleScope): Problem | undefined {
  const reads = new Map<string, Path>();
  const config = trackedConfig(scope.root, scope.view, {
    fill: () => undefined, // a hole that could not be filled is no part of the draft any more
    read: (path) => reads.set(formatPath(path), path),
  });
  const outcome = evaluate(rule, config);
  if (outcome === "holds" || outcome === "reads what is missing") return undefined;
  const paths = [...reads.values()];
  const isExcused = paths.some((path) =>
    scope.wrong.some((wrong) => startsWith(path, wrong) || startsWith(wrong, path)),
  );
  if (isExcused) return undefined;
  const values = paths.map(
    (path) => `${formatPath(path)} is ${showValue(valueAt(scope.root, path))}`,
  );
  const path = latestOf(paths, scope.assignments);
  const found = values.length === 0 ? "" : `: ${values.join(", ")}`;
  return {
    path,
    message: `breaks the rule ${JSON.stringify(rule.name)}${outcome.why}${found}`,
    place: { kind: "setter", path, below: true },
    // A rule of Lockstep's own is known by its name; where it stands in a package helps nobody.
    ...(isUserFile(rule.call.file) && {
      because: { text: "the rule stands at", place: { kind: "call" as const, call: rule.call } },
    }),
  };
}

type Outcome = "holds" | "reads what is missing" | { readonly why: string };

function evaluate(rule: Rule, config: unknown): Outcome {
  try {
    const result = rule.check(config);
    if (result === true) return "holds";
    return {
      why: result === false ? "" : `, which gave ${showValue(result)} instead of true or false`,
    };
  } catch (error) {
    if (isThrown(error, AbsentRead) && error.isKnown) return "reads what is missing";
    return { why: `, which threw ${errorText(error)}` };
  }
}

/** The path that was assigned last: most likely the one to change. */
function latestOf(paths: readonly Path[], assignments: Assignments): Path {
  let latest: Path = paths[0] ?? [];
  let order = -1;
  for (const path of paths) {
    const setter = assignments.setter(path);
    if (setter === undefined || setter.order <= order) continue;
    latest = path;
    ({ order } = setter);
  }
  return latest;
}
