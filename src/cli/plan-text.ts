/** A plan as people read it: a table of its runs, and why those that are not finished would be executed. */
import { components, type Comparison, type RunReason } from "../app/run-reasons.ts";
import type { PlannedRun } from "../app/outcome.ts";
import type { PlanDifference } from "../app/plan-difference.ts";
import type { PreparedPlan } from "../app/plan-experiment.ts";
import type { FinishedFacts } from "../app/finished-facts.ts";
import { axisColumns } from "./axis-columns.ts";
import { relativePath } from "./json-output.ts";
import { formatTime } from "./lookup-text.ts";
import { describeRun, formatValue, mainMetrics } from "./run-text.ts";
import type { Session } from "./session.ts";
import { formatTable, type Column } from "./table.ts";
import { printable } from "./terminal.ts";

/** A longer plan is shown by its first and last runs. */
const maxRows = 40;
const numFirst = 20;
const numLast = 5;

/** Of texts that say what differs. */
const maxTexts = 6;
const maxReasons = 10;

export interface PlanTextOptions {
  readonly session: Session;
  /** Show every run and every reason. */
  readonly isWhole: boolean;
}

/** The lines of `exp plan`. */
export function planLines(
  prepared: Pick<PreparedPlan, "plan" | "runsDirectory" | "notes">,
  reasons: readonly RunReason[],
  { session, isWhole }: PlanTextOptions,
): readonly string[] {
  const { plan } = prepared;
  const { stdout, workingDirectory } = session;
  const count = plan.runs.length === 1 ? "1 run" : `${plan.runs.length} runs`;
  const directory = relativePath(prepared.runsDirectory, workingDirectory);
  const head = stdout.style("bold", printable(plan.experiment));
  const [header = "", ...rows] = runTable(plan.runs, reasons);
  return [
    `${head}: ${count}, kept in ${printable(directory)}`,
    ...sharedFacts(plan.runs),
    ...prepared.notes.map((note) => `note: ${printable(note)}`),
    "",
    stdout.style("bold", header),
    ...(isWhole ? rows : shortened(rows)),
    ...finishedLines(reasons, isWhole ? Infinity : maxReasons),
    ...reasonLines(reasons, isWhole ? Infinity : maxReasons),
  ];
}

function runTable(runs: readonly PlannedRun[], reasons: readonly RunReason[]): readonly string[] {
  const axes = axisColumns(runs);
  const columns: Column[] = [
    { title: "run", align: "right" },
    ...axes.map((title): Column => ({ title: printable(title), align: "right" })),
    { title: "runKey" },
    { title: "configHash" },
    { title: "groupHash" },
    { title: "status" },
    ...(reasons.some(({ comparison }) => comparison !== undefined)
      ? [{ title: "because of" }]
      : []),
  ];
  const rows = runs.map((run, index) => [
    String(run.index + 1),
    ...axes.map((path) => {
      const value = run.axisValues[path];
      return value === undefined ? "" : formatValue(value);
    }),
    run.runKey.slice(0, 16),
    run.configHash.slice(0, 16),
    run.groupHash.slice(0, 16),
    reasons[index]?.isReused === true ? "reused" : (reasons[index]?.status ?? ""),
    changedComponents(reasons[index]?.comparison),
  ]);
  return formatTable(columns, rows);
}

function changedComponents(comparison: Comparison | undefined): string {
  if (comparison === undefined) return "";
  const { differences } = comparison;
  return components.filter((name) => differences[name].length > 0).join(", ");
}

function shortened(rows: readonly string[]): readonly string[] {
  if (rows.length <= maxRows) return rows;
  const left = rows.length - numFirst - numLast;
  return [
    ...rows.slice(0, numFirst),
    `… ${left} more (--all shows them) …`,
    ...rows.slice(-numLast),
  ];
}

/** What is equal for every run is said once. */
function sharedFacts(runs: readonly PlannedRun[]): readonly string[] {
  const facts = [
    ["codeHash", (run: PlannedRun): string => run.codeHash],
    ["dataHash", (run: PlannedRun): string => run.dataHash],
    ["environmentClass", (run: PlannedRun): string => run.environmentClass],
  ] as const;
  return facts.map(([name, read]) => {
    const values = [...new Set(runs.map(read))];
    const rest = values.length > 3 ? ` and ${values.length - 3} more` : "";
    const shown = values.slice(0, 3).map((value) => printable(value));
    return `${name.padEnd(17)} ${shown.join(", ")}${rest}`;
  });
}

const verdictNotes = { valid: ", signed", invalid: ", with a wrong signature", unsigned: "" };

/** What stands for the runs that are not executed again. */
function finishedLines(reasons: readonly RunReason[], maxShown: number): readonly string[] {
  const finished = reasons.flatMap(({ run, finished: facts }) => (facts ? [{ run, facts }] : []));
  if (finished.length === 0) return [];
  const left = finished.length - maxShown;
  const rows = finished
    .slice(0, maxShown)
    .map(({ run, facts }) => [
      `  run ${run.index + 1}`,
      facts.endTime === undefined ? "" : formatTime(Date.parse(facts.endTime)),
      mainMetrics({ run, metrics: facts.metrics }).join("  "),
      verifiedText(facts),
    ]);
  const columns: Column[] = ["", "", "", ""].map((title) => ({ title }));
  return [
    "",
    "Finished with the same config, code, data and environment, so not executed again:",
    ...formatTable(columns, rows).slice(1),
    ...(left > 0 ? [`  and ${left} more (--all shows them)`] : []),
  ];
}

function verifiedText({ verification, numDuplicates }: FinishedFacts): string {
  const repeated = numDuplicates === 0 ? "" : `repeated ${numDuplicates}×`;
  if (verification === undefined) return repeated === "" ? "not verified" : repeated;
  const { verdict, signature, part } = verification;
  const what = part === undefined ? printable(verdict) : printable(`${verdict}, ${part}`);
  const text = `verified${part === undefined ? "" : " in part"}: ${what}${verdictNotes[signature]}`;
  return repeated === "" ? text : `${text}, ${repeated}`;
}

/** Runs that differ from what is known in the same way are told together. */
function reasonLines(reasons: readonly RunReason[], maxShown: number): readonly string[] {
  const open = reasons.filter(({ status }) => status !== "finished");
  const groups = new Map<string, RunReason[]>();
  for (const reason of open) {
    const key = JSON.stringify(reason.comparison?.differences ?? null);
    groups.set(key, [...(groups.get(key) ?? []), reason]);
  }
  const shown = [...groups.values()].slice(0, maxShown);
  const left = groups.size - shown.length;
  return [
    ...shown.flatMap((group) => ["", ...groupLines(group)]),
    ...(left > 0 ? ["", `… ${left} more reasons (--all shows them)`] : []),
  ];
}

function groupLines(group: readonly RunReason[]): readonly string[] {
  const [first] = group;
  if (first === undefined) return [];
  if (first.comparison === undefined)
    return ["No run of this task is finished yet, so there is nothing to compare with."];
  const who = runNumbers(group.map(({ run }) => run.index + 1));
  return [
    `${who}, compared with ${nearestName(first.comparison)}:`,
    ...comparisonLines(first.comparison),
  ];
}

/** `run 3`, `runs 1, 2, 4 and 12 more`. */
function runNumbers(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 8).join(", ");
  const rest = numbers.length > 8 ? ` and ${numbers.length - 8} more` : "";
  return `${numbers.length === 1 ? "run" : "runs"} ${shown}${rest}`;
}

function nearestName({ nearest }: Comparison): string {
  return nearest.runKey.slice(0, 16);
}

/** What differs, component by component. */
export function comparisonLines({ differences }: Comparison): readonly string[] {
  return components.map((name) => {
    const texts = differences[name];
    const shown = texts.slice(0, maxTexts).map((text) => printable(text));
    const rest = texts.length > maxTexts ? `; and ${texts.length - maxTexts} more` : "";
    return `  ${name.padEnd(12)} ${texts.length === 0 ? "same" : `${shown.join("; ")}${rest}`}`;
  });
}

/** What `--expect-no-changes` found; nothing where nothing would be executed. */
export function expectationLines(reasons: readonly RunReason[]): readonly string[] {
  const open = reasons.filter(({ status, isReused }) => status !== "finished" && isReused !== true);
  if (open.length === 0) return [];
  const what = open.length === 1 ? "1 run is" : `${open.length} runs are`;
  const lines = open.slice(0, maxReasons).map(({ run, status, comparison }) => {
    const why = changedComponents(comparison);
    return `  ${run.runKey.slice(0, 16)}  ${describeRun(run)}  ${status}${why === "" ? "" : ` (${why})`}`;
  });
  const left = open.length - lines.length;
  return [
    `${what} not finished, and no changes were expected:`,
    ...lines,
    ...(left > 0 ? [`  and ${left} more`] : []),
  ];
}

/** What is different from a saved plan; nothing where both are the same. */
export function differenceLines(
  { added, removed }: PlanDifference,
  saved: string,
): readonly string[] {
  if (added.length + removed.length === 0) return [];
  const lines = added
    .slice(0, maxReasons)
    .flatMap(({ run, comparison }) => [
      `  + ${run.runKey.slice(0, 16)}  ${describeRun(run)}${comparison === undefined ? "" : `, compared with ${nearestName(comparison)}:`}`,
      ...(comparison === undefined ? [] : comparisonLines(comparison).map((line) => `  ${line}`)),
    ]);
  const gone = removed
    .slice(0, maxReasons)
    .map((run) => `  - ${run.runKey.slice(0, 16)}  ${describeRun(run)}`);
  const left = Math.max(0, added.length - maxReasons) + Math.max(0, removed.length - maxReasons);
  const head = `The plan is not that of ${printable(saved)}: ${added.length} more, ${removed.length} fewer.`;
  return [head, ...lines, ...gone, ...(left > 0 ? [`  and ${left} more`] : [])];
}
