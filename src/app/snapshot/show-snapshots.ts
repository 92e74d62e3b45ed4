/** Snapshots in the form that was asked for. */
import { canonicalJson } from "../../core/canonical-json.ts";
import { pageLines, type TextOptions } from "../../diff/render/text.ts";
import { counted, pageOf, type Section } from "../../diff/render/sections.ts";
import { reportDocument, type DiffReport } from "../../diff/report.ts";
import { isStale, type SnapshotState } from "./snapshots.ts";

/** The document of `exp snapshot --json`: how each snapshot stands, and what changed. */
export function snapshotDocument(states: readonly SnapshotState[]): string {
  const list = states.map(({ file, snapshot, status, problem }) => {
    return { file, snapshot, status, ...(problem !== undefined && { problem }) };
  });
  const diff = reportDocument(reportOf(states));
  return `${canonicalJson({ format: "lockstep/snapshots/1", snapshots: list, diff })}\n`;
}

/** The same in words; what is fresh is counted only. */
export function snapshotLines(
  states: readonly SnapshotState[],
  options: TextOptions,
): readonly string[] {
  const page = pageOf(reportOf(states));
  const told = states.filter(({ status }) => status !== "fresh");
  const section: Section = {
    title: "Snapshots",
    rows: [],
    notes: told.map(({ snapshot, status, problem }) =>
      [`${status}  ${snapshot}`, ...(problem === undefined ? [] : [problem])].join("  "),
    ),
  };
  const sections = told.length === 0 ? [] : [...page.sections, section];
  return pageLines({ ...page, sections, summary: summaryOf(states) }, options);
}

function summaryOf(states: readonly SnapshotState[]): string {
  const count = (...wanted: readonly SnapshotState["status"][]): number =>
    states.filter(({ status }) => wanted.includes(status)).length;
  const [skipped, unresolved] = [count("skipped"), count("unresolved")];
  const stale = states.filter(isStale).length - unresolved;
  const parts = [
    `${counted(states.length - skipped, "snapshot")}, ${String(count("fresh"))} fresh.`,
    ...(stale === 0 ? [] : [`${String(stale)} not as they should be: exp snapshot writes them.`]),
    ...(unresolved === 0 ? [] : [`${counted(unresolved, "experiment")} cannot be resolved.`]),
    ...(skipped === 0
      ? []
      : [
          `${counted(skipped, "experiment")} without a snapshot: what changes there is not seen, since values are required() from the command line.`,
        ]),
  ];
  return parts.join(" ");
}

function reportOf(states: readonly SnapshotState[]): DiffReport {
  return {
    before: "snapshots",
    after: "experiments",
    experiments: states.flatMap(({ file, diff }) =>
      diff === undefined ? [] : [{ name: file, diff }],
    ),
  };
}
