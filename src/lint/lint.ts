/** Asks the rules, and takes out what a suppression answers. */
import type { SourceModule } from "../diff/source/modules.ts";
import { ruleIds, type RuleId } from "./rule-ids.ts";
import type { Edit, LintProject, Problem, Rule } from "./rule.ts";
import { suppressionReason, unusedSuppression } from "./rules/suppression-rules.ts";
import { suppressionRemoval, suppressionsOf, type Suppression } from "./suppressions.ts";

/** Something that is to be told. */
export interface Finding {
  readonly rule: RuleId;
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  /** All from 1; the end is behind the last character. */
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  /** What `--fix` would do. */
  readonly edits?: readonly Edit[];
}

/** A finding that a comment answers. */
export interface SuppressedFinding extends Finding {
  readonly reason: string;
}

/** What the rules found. */
export interface LintResult {
  /** By file and place. */
  readonly findings: readonly Finding[];
  readonly suppressed: readonly SuppressedFinding[];
}

/** Asks some rules; comments that suppress others are not judged. */
export function lint(project: LintProject, asked: readonly Rule[]): LintResult {
  const own = new Set(project.linted);
  const found = asked.flatMap((rule) =>
    rule.check(project).map((problem) => ({ rule, problem, finding: findingOf(rule, problem) })),
  );
  const told = unique(found.filter(({ problem }) => own.has(problem.module)));
  const suppressions = project.linted.flatMap(suppressionsOf);
  const used = new Set<Suppression>();
  const suppressed: SuppressedFinding[] = [];
  const left = told.filter(({ finding, problem }) => {
    const by = suppressions.find((one) => isAbout(one, problem.module, finding));
    if (by === undefined) return true;
    used.add(by);
    suppressed.push({ ...finding, reason: by.reason });
    return false;
  });
  const ofComments = suppressions.flatMap((one) => checkSuppression(one, { used, asked }));
  const findings = [...left.map(({ finding }) => finding), ...ofComments];
  return { findings: findings.toSorted(byPlace), suppressed: suppressed.toSorted(byPlace) };
}

/** The rule that takes several ways to one finding tells it once. */
function unique<Found extends { readonly finding: Finding }>(
  found: readonly Found[],
): readonly Found[] {
  const byText = new Map<string, Found>();
  for (const one of found) {
    const { rule, file, line, column, message } = one.finding;
    const key = JSON.stringify([rule, file, line, column, message]);
    if (!byText.has(key)) byText.set(key, one);
  }
  return [...byText.values()];
}

function isAbout(suppression: Suppression, module: SourceModule, finding: Finding): boolean {
  return (
    suppression.module === module &&
    suppression.line === finding.line &&
    suppression.reason !== "" &&
    suppression.ruleIds.includes(finding.rule)
  );
}

interface SuppressionScope {
  readonly used: ReadonlySet<Suppression>;
  readonly asked: readonly Rule[];
}

function checkSuppression(
  suppression: Suppression,
  { used, asked }: SuppressionScope,
): readonly Finding[] {
  const { ruleIds: names, reason } = suppression;
  const unknown = names.filter((id) => !ruleIds.some((known) => known === id));
  const [odd] = unknown;
  if (names.length === 0 || odd !== undefined || reason === "") {
    if (!asked.includes(suppressionReason)) return [];
    const message =
      names.length === 0
        ? "This suppression names no rule. Write // lint-ignore rule-id: reason."
        : odd !== undefined
          ? `There is no rule ${odd}. exp lint --list-rules lists them.`
          : `This suppression gives no reason, so it suppresses nothing. Write // lint-ignore ${names.join(", ")}: reason.`;
    return [findingAt(suppressionReason, suppression, { message })];
  }
  const isJudged = names.every((id) => asked.some((rule) => rule.id === id));
  if (used.has(suppression) || !isJudged || !asked.includes(unusedSuppression)) return [];
  const message = `Nothing here is found by ${names.join(", ")}. Take the suppression away.`;
  return [
    findingAt(unusedSuppression, suppression, {
      message,
      edits: [suppressionRemoval(suppression)],
    }),
  ];
}

function findingAt(
  { id }: Rule,
  { module, comment }: Suppression,
  facts: Pick<Finding, "message" | "edits">,
): Finding {
  return { rule: id, ...placeIn(module, comment.start, comment.end), ...facts };
}

function findingOf({ id }: Rule, { module, node, message, edits }: Problem): Finding {
  const place = placeIn(module, node.getStart(module.source), node.end);
  return { rule: id, ...place, message, ...(edits && { edits }) };
}

type FindingPlace = Pick<Finding, "file" | "line" | "column" | "endLine" | "endColumn">;

function placeIn({ file, source }: SourceModule, start: number, end: number): FindingPlace {
  const from = source.getLineAndCharacterOfPosition(start);
  const to = source.getLineAndCharacterOfPosition(end);
  return {
    file,
    line: from.line + 1,
    column: from.character + 1,
    endLine: to.line + 1,
    endColumn: to.character + 1,
  };
}

function byPlace(one: Finding, other: Finding): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.column - other.column || (one.rule < other.rule ? -1 : 1);
}
