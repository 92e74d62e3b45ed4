/** A comparison as titled sections of rows, which every renderer prints in its own way. */
import { formatPath } from "../../core/path.ts";
import { changedPath, type ConfigChange } from "../configs.ts";
import { isSameReport, sharedChanges, type DiffReport, type ExperimentDiff } from "../report.ts";
import type { SourceChange } from "../source/change.ts";
import type { DefinitionChange } from "../source/diff-sources.ts";
import { axisSides, noValue, operationSides } from "./value-text.ts";

/** One change: where, from what, to what, and what else is to be said. */
export interface Row {
  readonly place: string;
  readonly before: string;
  readonly after: string;
  readonly notes: readonly string[];
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** A comparison as it is shown: two labels, a sentence, sections. */
export interface Page {
  readonly before: string;
  readonly after: string;
  readonly summary: string;
  readonly sections: readonly Section[];
}

/** A report as a page. */
export function pageOf(report: DiffReport): Page {
  const { before, after } = report;
  return { before, after, summary: summaryOf(report), sections: sectionsOf(report) };
}

/** The sections of a report; none where nothing differs. */
export function sectionsOf(report: DiffReport): readonly Section[] {
  if (isSameReport(report)) return [];
  return [...configSections(report), ...(report.sources?.definitions ?? []).map(definitionSection)];
}

/** One line that says what came out. */
export function summaryOf(report: DiffReport): string {
  if (isSameReport(report)) return "No differences.";
  const { sources, experiments = [] } = report;
  const changed = experiments.filter(({ diff }) => diff !== undefined && hasChanges(diff));
  const unresolved = experiments.filter(({ problem }) => problem !== undefined);
  const same = unresolved.filter(({ isOnBothSides }) => isOnBothSides === true);
  const problems = unresolved.length - same.length;
  const { added = [], removed = [] } = sources?.experiments ?? {};
  const parts = [
    ...(report.experiments === undefined
      ? []
      : [
          `${String(changed.length)} of ${counted(experiments.length, "experiment")} resolved otherwise`,
        ]),
    ...(sources === undefined
      ? []
      : [`${counted(sources.definitions.length, "definition")} written otherwise`]),
    ...(added.length === 0 ? [] : [`${counted(added.length, "experiment")} added`]),
    ...(removed.length === 0 ? [] : [`${counted(removed.length, "experiment")} removed`]),
    ...(same.length === 0
      ? []
      : [
          `${counted(same.length, "experiment")} compared by source alone (no side can be resolved)`,
        ]),
    ...(problems === 0 ? [] : [`${counted(problems, "experiment")} not resolved on one side`]),
  ];
  return `${parts.join(", ")}.`;
}

function hasChanges({ numRuns, axes, changes }: NonNullable<ExperimentDiff["diff"]>): boolean {
  return numRuns.before !== numRuns.after || axes.length > 0 || changes.length > 0;
}

/** `1 experiment`, `3 experiments`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** What is the same in several experiments is told once; axes and the number of runs for each. */
function configSections({ experiments }: DiffReport): readonly Section[] {
  if (experiments === undefined) return [];
  const shared = sharedChanges(experiments);
  const results = shared.filter(({ change }) => change.class === "result");
  const handling = shared.filter(({ change }) => change.class === "handling");
  const row = ({ change, experiments: names }: (typeof shared)[number]): Row =>
    changeRow(change, experiments.length > 1 ? names : []);
  return [
    ...(results.length === 0
      ? []
      : [{ title: "Values that change results", rows: results.map(row), notes: [] }]),
    ...(handling.length === 0
      ? []
      : [
          { title: "Names, places and handling: the same run", rows: handling.map(row), notes: [] },
        ]),
    ...experiments.flatMap(sweepSection),
  ];
}

function changeRow(change: ConfigChange, names: readonly string[]): Row {
  const [before, after] = operationSides(change.operation);
  return {
    place: changedPath(change.operation),
    before,
    after,
    notes: [
      ...(change.origin === undefined ? [] : [change.origin]),
      ...(change.numRuns === undefined ? [] : [`in ${counted(change.numRuns, "run")}`]),
      ...(names.length === 0 ? [] : [`${counted(names.length, "experiment")}: ${listed(names)}`]),
    ],
  };
}

const maxNames = 4;

/** The first of some names, and how many more there are. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, maxNames).join(", ");
  return names.length > maxNames ? `${shown}, and ${String(names.length - maxNames)} more` : shown;
}

function sweepSection({ name, diff, problem, isOnBothSides }: ExperimentDiff): readonly Section[] {
  if (diff === undefined) {
    if (isOnBothSides === true) return [];
    return [{ title: name, rows: [], notes: [`cannot be resolved ${problem ?? ""}`] }];
  }
  const { axes, numRuns } = diff;
  if (axes.length === 0 && numRuns.before === numRuns.after) return [];
  const rows = axes.map((axis): Row => {
    const [before, after] = axisSides(axis);
    return { place: axis.name, before, after, notes: [] };
  });
  const runs = `${String(numRuns.before)} → ${counted(numRuns.after, "run")}`;
  return [
    { title: `Sweep of ${name}`, rows, notes: numRuns.before === numRuns.after ? [] : [runs] },
  ];
}

function definitionSection(definition: DefinitionChange): Section {
  const { name, status, formerName, changes, reaches, at } = definition;
  const shown = (one: string): string => one.replace(/#default$/u, "");
  const former = formerName === undefined ? "" : ` (was ${shown(formerName)})`;
  return {
    title: `${status[0]?.toUpperCase() ?? ""}${status.slice(1)}: ${shown(name)}${former}`,
    rows: changes.map(sourceRow),
    notes: [
      ...(status === "changed" ? [] : [`${at.file}:${String(at.line)}`]),
      ...(reaches.length === 0
        ? []
        : [`reaches ${counted(reaches.length, "experiment")}: ${listed(reaches)}`]),
    ],
  };
}

function sourceRow({ path, thing, before, after, unknown }: SourceChange): Row {
  const at = after?.at ?? before?.at;
  return {
    place: path.length === 0 ? thing : formatPath(path),
    before: before?.text ?? noValue,
    after: after?.text ?? noValue,
    notes: [
      ...(at === undefined ? [] : [`${at.file}:${String(at.line)}`]),
      ...(unknown === undefined ? [] : [`not known without running it: ${unknown}`]),
    ],
  };
}
