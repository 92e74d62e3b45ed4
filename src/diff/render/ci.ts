/** The document of `exp ci` for people: what a branch does to experiments and finished runs, then the changes one by one. */
import type { CiDocument, CiRun, ExperimentStatus } from "../document/ci-document.ts";
import { reportIn } from "../document/read.ts";
import { markdownPage } from "./markdown.ts";
import { counted, listed, sectionsOf, type Page, type Section } from "./sections.ts";
import { pageLines, type TextOptions } from "./text.ts";

/** By this line a job finds its own comment again, to write it anew. */
const commentMark = "<!-- lockstep/ci -->";

/** Whoever reads the comment cannot see that another job executed the branch for it, which may have said anything. */
const origin =
  "\n<sub>The branch's own code computed this: it is as trustworthy as the branch.</sub>\n";

/** The comment on a pull request: escaped as `exp diff --markdown` is, and shorter than GitHub takes. */
export function ciMarkdown(document: CiDocument): string {
  return `${commentMark}\n${markdownPage(pageOf(document))}${origin}`;
}

/** The same for a terminal. */
export function ciLines(document: CiDocument, options: TextOptions): readonly string[] {
  return pageLines(pageOf(document), options);
}

function pageOf(document: CiDocument): Page {
  return { ...labels(document), summary: ciSummary(document), sections: ciSections(document) };
}

/** Experiments that cannot be resolved now: those that could be on the base, and new ones that lack more than values. */
export function brokenExperiments({ experiments }: CiDocument): readonly string[] {
  return experiments.flatMap(({ file, status, problems }) => {
    const isBroken = problems?.after !== undefined && problems.before === undefined;
    return isBroken && status === "unresolved" ? [file] : [];
  });
}

function labels({ base, diff }: CiDocument): { readonly before: string; readonly after: string } {
  return { before: `${base.name} (${base.commit.slice(0, 12)})`, after: diff.after };
}

/** In the order in which they matter. */
const shown: readonly (readonly [ExperimentStatus, string])[] = [
  ["unresolved", "cannot be resolved"],
  ["changed", "changed"],
  ["added", "added"],
  ["removed", "removed"],
  ["relabelled", "relabelled"],
  ["rewritten", "written otherwise with the same values"],
];

/** One line that says what came out. */
function ciSummary(document: CiDocument): string {
  const { experiments, runs } = document;
  const parts = shown.flatMap(([status, text]) => {
    const count = experiments.filter((one) => one.status === status).length;
    return count === 0 ? [] : [`${String(count)} ${text}`];
  });
  const head = `${counted(experiments.length, "experiment")}: ${parts.length === 0 ? "no differences" : parts.join(", ")}.`;
  const changed = runs.unmatched.filter(({ status }) => status === "changed").length;
  const stale = changed === 0 ? "" : ` ${counted(changed, "finished run")} would be made anew.`;
  return `${head}${stale}`;
}

function ciSections(document: CiDocument): readonly Section[] {
  const report = reportIn(document.diff);
  return [...experimentSections(document), ...runSections(document), ...sectionsOf(report)];
}

function experimentSections({ experiments }: CiDocument): readonly Section[] {
  const rows = shown.flatMap(([status, text]) =>
    experiments
      .filter((one) => one.status === status)
      .map(({ file, numRuns, problems, through }) => ({
        place: file,
        before: sideText(numRuns?.before, problems?.before),
        after: sideText(numRuns?.after, problems?.after),
        notes: [text, ...(through.length === 0 ? [] : [`through ${listed(through)}`])],
      })),
  );
  return rows.length === 0 ? [] : [{ title: "Experiments", rows, notes: [] }];
}

function sideText(numRuns: number | undefined, problem: string | undefined): string {
  if (problem !== undefined) return problem;
  return numRuns === undefined ? "(none)" : counted(numRuns, "run");
}

const runTexts: Readonly<Record<CiRun["status"], string>> = {
  changed: "asked for before, not any more",
  earlier: "not asked for before either",
  gone: "its experiment is not there",
  unknown: "not known",
};

function runSections({ runs }: CiDocument): readonly Section[] {
  const { numChecked, numDamaged, unmatched } = runs;
  const damaged = numDamaged === 0 ? "" : ` ${counted(numDamaged, "run")} cannot be read.`;
  if (unmatched.length === 0 && numDamaged === 0) return [];
  const rows = unmatched.map(({ run, experiment, overrides, status, reason }) => ({
    place: run,
    before: [experiment, ...overrides].join(" "),
    after: runTexts[status],
    notes: reason === undefined ? [] : [reason],
  }));
  const notes = [
    `${String(unmatched.length)} of ${counted(numChecked, "finished run")}.${damaged}`,
  ];
  return [{ title: "Finished runs that match no longer", rows, notes }];
}
