/** A comparison as lines for a terminal. */
import type { DiffReport } from "../report.ts";
import { pageOf, type Page, type Row } from "./sections.ts";

/** How a part of a line is to look; plain text where there is no colour. */
export type Paint = (style: "bold" | "dim" | "green" | "red", text: string) => string;

export interface TextOptions {
  readonly paint: Paint;
  /** Makes what comes from a repository or a run harmless for a terminal. */
  readonly printable: (text: string) => string;
}

/** Longer values are cut: the whole one is in the JSON. */
const maxValue = 60;

/** The lines of a report: what is the same is not shown. */
export function reportLines(report: DiffReport, options: TextOptions): readonly string[] {
  return pageLines(pageOf(report), options);
}

/** The lines of a page. */
export function pageLines(
  { before, after, summary, sections }: Page,
  { paint, printable }: TextOptions,
): readonly string[] {
  const lines = [paint("dim", printable(`${before} → ${after}`))];
  for (const { title, rows, notes } of sections) {
    lines.push("", paint("bold", printable(title)));
    const width = Math.max(0, ...rows.map(({ place }) => printable(place).length));
    for (const row of rows) lines.push(rowLine(row, { width, paint, printable }));
    for (const note of notes) lines.push(paint("dim", `  ${printable(note)}`));
  }
  return [...lines, "", printable(summary)];
}

interface RowOptions extends TextOptions {
  readonly width: number;
}

function rowLine(
  { place, before, after, notes }: Row,
  { width, paint, printable }: RowOptions,
): string {
  const change = `${paint("red", cut(printable(before)))} → ${paint("green", cut(printable(after)))}`;
  const note = notes.length === 0 ? "" : paint("dim", `   ${printable(notes.join(" · "))}`);
  return `  ${printable(place).padEnd(width)}  ${change}${note}`;
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= maxValue ? text : `${characters.slice(0, maxValue - 1).join("")}…`;
}
