/** One run in words: what it is, what came out, what it was configured with. */
import type { Curve } from "../app/lookups/curves.ts";
import type { Beside, LeftOutRows } from "../app/lookups/show-run.ts";
import type { FoundNumbers, FoundRun } from "../app/lookups/list-runs.ts";
import { formatMetric, formatValue } from "./run-text.ts";
import { formatTime, statusStyle } from "./lookup-text.ts";
import { sparkline } from "./sparkline.ts";
import { formatTable } from "./table.ts";
import { formatDuration, printable, type Terminal } from "./terminal.ts";

export interface RunDetails {
  readonly run: FoundRun;
  readonly curves: ReadonlyMap<string, Curve>;
  readonly leftOut?: LeftOutRows;
  readonly beside: Beside;
  /** As the reader can use it. */
  readonly directory: string;
}

/** The lines of a run. */
export function detailLines(details: RunDetails, terminal: Terminal): readonly string[] {
  const { run } = details;
  const title = [run.name, textOf(run, "experiment")].filter((part) => part !== "").join("  ");
  const status = terminal.style(statusStyle(run.status), run.status);
  return [
    `${terminal.style("bold", title)}  ${status}`,
    ...indented(formatTable(twoColumns, factRows(details)).slice(1)),
    ...metricLines(details, terminal),
    ...leftOutLines(details.leftOut),
    ...section(
      "config",
      [...run.config].map(([path, value]) => [path, formatValue(value)]),
      terminal,
    ),
    ...section("notes", noteRows(run), terminal),
    ...section("beside the run", besideRows(details.beside), terminal),
  ];
}

/** A note of several lines stands under its time. */
function noteRows({ notes }: FoundRun): readonly (readonly string[])[] {
  return notes.flatMap(({ time, text }) =>
    text.split("\n").map((line, index) => [index === 0 ? formatTime(Date.parse(time)) : "", line]),
  );
}

function besideRows(beside: Beside): readonly (readonly string[])[] {
  const { numDuplicates, conflicts, verifications } = beside;
  const times = numDuplicates === 1 ? "once more" : `${numDuplicates} times more`;
  return [
    ...(numDuplicates === 0 ? [] : [["duplicates", `came out the same ${times}`]]),
    ...conflicts.map((path) => ["conflict", `came out otherwise, kept at ${path}`]),
    ...verifications.map(({ time, verdict, signature, part }) => [
      part === undefined ? "verified" : "verified in part",
      `${verdict}, ${part === undefined ? "" : `${part}, `}${formatTime(Date.parse(time))}, ${signatureTexts[signature]}`,
    ]),
  ];
}

/** What the figures above do not have. */
function leftOutLines(leftOut: LeftOutRows | undefined): readonly string[] {
  if (leftOut === undefined) return [];
  const { path, line, numCharacters } = leftOut;
  const what = `${path}:${line} is cut off or damaged, and left out with what follows it`;
  return [`  ${what} (${numCharacters} characters); see exp fsck`];
}

const signatureTexts = {
  valid: "signed",
  unsigned: "not signed",
  invalid: "WITH A SIGNATURE THAT DOES NOT HOLD",
} as const;

const twoColumns = [{ title: "" }, { title: "" }];

function section(
  title: string,
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => row.map((cell) => printable(cell)));
  return ["", terminal.style("bold", title), ...indented(formatTable(twoColumns, cells).slice(1))];
}

function indented(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function textOf({ facts }: FoundRun, name: string): string {
  const value = facts[name];
  return value === undefined ? "" : printable(String(value));
}

function factRows({ run, directory }: RunDetails): readonly (readonly string[])[] {
  const { facts } = run;
  const { started, duration } = facts;
  const start = typeof started === "number" ? formatTime(started) : "";
  const took = typeof duration === "number" ? `, took ${formatDuration(duration * 1000)}` : "";
  const host = facts["host"] === undefined ? "" : `, on ${textOf(run, "host")}`;
  const branch = facts["git.branch"] === undefined ? "" : ` on ${textOf(run, "git.branch")}`;
  const dirty = facts["git.dirty"] === true ? ", with uncommitted changes" : "";
  const commit =
    facts["git.commit"] === undefined ? "" : `${textOf(run, "git.commit")}${branch}${dirty}`;
  const named = ["task", "environmentClass", "configHash", "groupHash", "codeHash", "dataHash"];
  const rows = [
    ["directory", printable(directory)],
    ["reason", printable(run.reason ?? "")],
    ["started", `${start}${took}${host}`],
    ["commit", commit],
    ["tags", printable(run.tags.join(" "))],
    ["steps", textOf(run, "steps")],
    ["runKey", run.runKey],
    ...[...named, "weightsDigest"].map((name) => [name, textOf(run, name)]),
  ];
  return rows.filter(([, value]) => value !== "");
}

const curveColumns = 24;

function metricLines({ run, curves }: RunDetails, terminal: Terminal): readonly string[] {
  if (run.metrics.size === 0) return [];
  const cell = (numbers: FoundNumbers, part: keyof FoundNumbers): string => {
    const value = numbers[part];
    return value === undefined ? "" : formatMetric(value);
  };
  const rows = [...run.metrics].map(([name, numbers]) => [
    name === run.selection?.metric ? `${printable(name)} *` : printable(name),
    ...(["final", "best", "last", "min", "max"] as const).map((part) => cell(numbers, part)),
    sparkline(curves.get(name)?.values ?? [], curveColumns),
  ]);
  const right = ["final", "best", "last", "min", "max"].map(
    (title) => ({ title, align: "right" }) as const,
  );
  const [header = "", ...lines] = formatTable(
    [{ title: "metrics" }, ...right, { title: "" }],
    rows,
  );
  const note =
    run.selection === undefined ? [] : [`  * selects: ${run.selection.direction} is better`];
  return ["", terminal.style("bold", header), ...lines, ...note];
}
