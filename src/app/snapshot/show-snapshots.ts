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
  const stale = states.filter(isStale).length;
  const hint =
    stale === 0 ? "" : ` ${String(stale)} not as they should be: exp snapshot writes them.`;
  const summary = `${counted(states.length, "snapshot")}, ${String(states.length - told.length)} fresh.${hint}`;
  return pageLines({ ...page, sections, summary }, options);
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
