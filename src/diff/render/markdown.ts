/** A comparison as Markdown for a comment on a pull request. */
import type { DiffReport } from "../report.ts";
import { pageOf, type Page, type Row, type Section } from "./sections.ts";

/** GitHub cuts comments at 65,536 characters; what is left out is counted. */
const maxLength = 60_000;

/**
 * The Markdown of a report. Whatever comes from the repository stands in code spans or is escaped, so that it can make
 * no link, image, mention, HTML or row of its own.
 */
export function reportMarkdown(report: DiffReport): string {
  return markdownPage(pageOf(report));
}

/** The Markdown of a page, with the same promise. */
export function markdownPage({ before, after, summary, sections }: Page): string {
  const head = `### Experiments: ${code(before)} → ${code(after)}\n\n${plain(summary)}\n`;
  const parts = sections.map(sectionMarkdown);
  let text = head;
  for (const [index, part] of parts.entries()) {
    if (text.length + part.length > maxLength) {
      return `${text}\n…and ${String(parts.length - index)} more; \`exp diff\` shows all.\n`;
    }
    text += part;
  }
  return text;
}

function sectionMarkdown({ title, rows, notes }: Section): string {
  const table =
    rows.length === 0
      ? ""
      : `\n| where | before | after | |\n| --- | --- | --- | --- |\n${rows.map(rowMarkdown).join("")}`;
  const rest = notes.map((note) => `\n${plain(note)}\n`).join("");
  return `\n**${plain(title)}**\n${table}${rest}`;
}

function rowMarkdown({ place, before, after, notes }: Row): string {
  return `| ${code(place)} | ${code(before)} | ${code(after)} | ${plain(notes.join(" · "))} |\n`;
}

const maxValue = 200;

/** In a code span nothing is read but backticks, and a bar, which ends a cell. Control characters are shown. */
function code(text: string): string {
  const shown = visible(text.length > maxValue ? `${text.slice(0, maxValue)}…` : text).replaceAll(
    "|",
    String.raw`\|`,
  );
  const longest = Math.max(0, ...[...shown.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0
    ? `${fence}${shown === "" ? " " : shown}${fence}`
    : `${fence} ${shown} ${fence}`;
}

/** Everything that Markdown or HTML could read is escaped; `@` too, which would call people. */
function plain(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "@\u200b")
    .replaceAll(/[\\`*_{}[\]()#+!|~$-]/gu, String.raw`\$&`)
    .replaceAll("://", ":\u200b//")
    .replaceAll(/\bwww\./giu, "www\u200b.");
}

function visible(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`,
  );
}
