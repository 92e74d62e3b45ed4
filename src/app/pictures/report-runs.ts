/** Runs read for a page: settings, curves, the best run. */
import { ExpError } from "../../core/errors.ts";
import { numColours } from "../../report/page/chart.ts";
import type { RunsReport } from "../../report/page/runs-report.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { lookUp, type Lookup, type LookupContext } from "../lookups/open-index.ts";
import { runsOfWords } from "../manage/meant-runs.ts";
import { lockstepVersion } from "../version.ts";
import { bestRun } from "./best-run.ts";
import { differingPaths } from "./differing.ts";
import type { Axis } from "./read-curves.ts";
import { bestOf, inOrder, ranked, rankingOf, type AskedRanking, type Ranking } from "./ranking.ts";
import { groupRuns } from "./repeats.ts";
import { chartsOf, loggedMetrics } from "./report-charts.ts";
import {
  differencesOf,
  pathsWithFewestGaps,
  rowOf,
  settingOf,
  tableMetrics,
} from "./report-tables.ts";

/** What the page is about. */
export interface ReportRequest extends LookupContext, AskedRanking {
  /** Runs as `meantRuns` takes them. */
  readonly words: readonly string[];
  /** Curves of these metrics; default: the one that selects, the losses, then the others, at most eight. */
  readonly curves?: readonly string[] | undefined;
  /** What is below the curves. */
  readonly axis?: Axis;
  /** The command as it was typed, for the page. */
  readonly command: string;
  /** When the page is made. */
  readonly time: Date;
}

/** The page's content, and what of it scripts want to know. */
export interface ReadReport {
  readonly report: RunsReport;
  readonly runs: readonly IndexedRun[];
}

/** Tables and pictures have an end: what is more is told, and is in the files. */
const [maxRows, maxPaths] = [200, 10];

/**
 * Reads what a page says of runs.
 * @throws {ExpError} `usage` where no run is named, for a metric that none has, and as `meantRuns`.
 */
export function readReport(request: ReportRequest): ReadReport {
  return lookUp(
    request,
    (lookup) => reportIn(lookup, request),
    ({ runs }) => runs.map(({ name }) => name).slice(0, maxRows),
  );
}

function reportIn(lookup: Lookup, request: ReportRequest): ReadReport {
  const { words, workingDirectory } = request;
  if (words.length === 0) {
    throw new ExpError("usage", "exp report takes runs.", {
      hint: "For example: exp report 'experiment = bert-lr' --html report.html.",
    });
  }
  const runs = runsOfWords(lookup, words, workingDirectory);
  const ranking = rankingOf(runs, request);
  const groups = ranked(groupRuns(runs), ranking);
  const paths = differingPaths(groups.map((group) => group.runs));
  const shownPaths = pathsWithFewestGaps(paths, runs).slice(0, maxPaths);
  const metrics = tableMetrics(runs, ranking);
  const marked = groups.map((group, index) => ({ ...group, ...markOf(index) }));
  const ordered = marked.flatMap(({ runs: members, mark }) =>
    inOrder(members, ranking).map((run) => ({ run, ...(mark === undefined ? {} : { mark }) })),
  );
  const chosen = loggedMetrics(runs, { ranking, asked: request.curves });
  const charts = chartsOf(lookup.store, marked, { ...chosen, axis: request.axis ?? "step" });
  const best = bestOf(runs, ranking);
  const report: RunsReport = {
    title: titleOf(runs, groups),
    made: `Made ${request.time.toISOString().slice(0, 16).replace("T", " ")} UTC by Lockstep ${lockstepVersion()}: ${request.command}`,
    ...(ranking === undefined ? {} : { ranking }),
    paths: shownPaths,
    metrics,
    settings: marked.slice(0, maxRows).map((group) => settingOf(group, shownPaths, metrics)),
    runs: ordered.slice(0, maxRows).map((one) => rowOf(one, shownPaths, metrics)),
    charts: charts.charts,
    differences: differencesOf(runs),
    ...(best === undefined ? {} : { best: bestRun(lookup.store, best, new Set(paths)) }),
    notes: [...notesOf({ runs, groups, paths, ranking }), ...charts.notes],
  };
  return { report, runs };
}

/** Letters for as many settings as there are colours. */
function markOf(index: number): { readonly mark?: string } {
  return index < numColours ? { mark: String.fromCodePoint("A".charCodeAt(0) + index) } : {};
}

function titleOf(runs: readonly IndexedRun[], groups: readonly unknown[]): string {
  const names = [...new Set(runs.map((run) => String(run.facts["experiment"] ?? "?")))];
  const shown = names.length > 3 ? `${names.slice(0, 3).join(", ")}, …` : names.join(", ");
  const count = runs.length === 1 ? `run ${runs[0]?.name ?? ""}` : `${runs.length} runs`;
  const settings =
    groups.length > 1 && groups.length < runs.length ? ` in ${groups.length} settings` : "";
  return `${shown}: ${count}${settings}`;
}

interface Told {
  readonly runs: readonly IndexedRun[];
  readonly groups: readonly unknown[];
  readonly paths: readonly string[];
  readonly ranking: Ranking | undefined;
}

function notesOf({ runs, groups, paths, ranking }: Told): readonly string[] {
  const numOf = (wanted: (status: string) => boolean): number =>
    runs.filter(({ status }) => wanted(status)).length;
  const numForeign = numOf((status) => status === "foreign");
  const unfinished = numOf((status) => status !== "finished" && status !== "foreign");
  return [
    ...(ranking === undefined && runs.length > 1
      ? [
          "Nothing says which run is better; exp report … --metric NAME --direction min or max does.",
        ]
      : []),
    ...(unfinished === 0
      ? []
      : [`${unfinished} of the runs did not finish: they are in no figure and in no ranking.`]),
    ...(numForeign === 0
      ? []
      : [
          `${numForeign} of the runs ${numForeign === 1 ? "is" : "are"} of other tools (foreign): their figures are shown, and they are in no ranking.`,
        ]),
    ...(paths.length > maxPaths
      ? [
          `Settings differ in ${paths.length} paths; the tables have ${maxPaths} that most runs have.`,
        ]
      : []),
    ...(groups.length > maxRows
      ? [`The table of settings has the first ${maxRows} of ${groups.length}.`]
      : []),
    ...(runs.length > maxRows
      ? [`The table of runs has the first ${maxRows} of ${runs.length}.`]
      : []),
  ];
}
