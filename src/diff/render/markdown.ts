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
  const parts = sections.map(partsOf);
  const room = maxLength - head.length;
  const shown = parts.slice(0, numShown(parts.map(lengthOf), room));
  const shares = fairShares(shown.map(lengthOf), room);
  const left = parts.length - shown.length;
  const rest = left === 0 ? "" : `\n…and ${String(left)} more; \`exp diff\` shows all.\n`;
  return [head, ...shown.map((part, index) => within(part, shares[index] ?? 0)), rest].join("");
}

/** A section that has to be cut keeps so much at least; where that is not to be had for all, the last ones are counted. */
const leastLength = 600;
/** For the line that says how much was left out. */
const restLength = 60;

/** A section in pieces: its beginning, and what can be left out from the end. */
interface Parts {
  readonly head: string;
  readonly rows: readonly string[];
}

function partsOf({ title, rows, notes }: Section): Parts {
  const table =
    rows.length === 0 ? "" : `\n| where | before | after | |\n| --- | --- | --- | --- |\n`;
  const noteTexts = notes.map((note) => `\n${plainWithin(note, maxNotes)}\n`);
  return {
    head: `\n**${plainWithin(title, maxNotes)}**\n${table}`,
    rows: [...rows.map(rowMarkdown), ...noteTexts],
  };
}

function lengthOf({ head, rows }: Parts): number {
  return rows.reduce((total, row) => total + row.length, head.length);
}

/** How many of the first fit, if each that is longer is cut to the least length. */
function numShown(lengths: readonly number[], room: number): number {
  let left = room;
  const beyond = lengths.findIndex((length) => {
    left -= Math.min(length, leastLength);
    return left < 0;
  });
  return beyond === -1 ? lengths.length : beyond;
}

/** What each may have of the room: a short one all that it needs, long ones what these leave, in equal parts. */
function fairShares(lengths: readonly number[], room: number): readonly number[] {
  const shares = [...lengths];
  const order = lengths
    .map((_, index) => index)
    .toSorted((a, b) => at(lengths, a) - at(lengths, b));
  let left = room;
  for (const [place, index] of order.entries()) {
    const share = Math.floor(left / (order.length - place));
    shares[index] = Math.min(at(lengths, index), share);
    left -= at(shares, index);
  }
  return shares;
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? 0;
}

/** As much of a section as fits; a row that is too long is left out by itself, and hides none of the others. */
function within(part: Parts, share: number): string {
  if (lengthOf(part) <= share) return part.head + part.rows.join("");
  let text = part.head;
  let left = 0;
  for (const [index, row] of part.rows.entries()) {
    if (text.length + row.length + restLength <= share) {
      text += row;
      continue;
    }
    const isFull = row.length <= leastLength;
    left += isFull ? part.rows.length - index : 1;
    if (isFull) break;
  }
  return left === 0 ? text : `${text}\n…and ${String(left)} more here; \`exp diff\` shows all.\n`;
}

function rowMarkdown({ place, before, after, notes }: Row): string {
  return `| ${code(place)} | ${code(before)} | ${code(after)} | ${plainWithin(notes.join(" · "), maxNotes)} |\n`;
}

/** Characters of a value, and of the notes and titles after escaping. */
const maxValue = 200;
const maxNotes = 400;

function shortened(text: string): string {
  const characters = Array.from(text.slice(0, 2 * maxValue + 2));
  return characters.length <= maxValue && text.length <= 2 * maxValue
    ? text
    : `${characters.slice(0, maxValue).join("")}…`;
}

/** In a code span nothing is read but backticks, and a bar, which ends a cell. Control characters are shown. */
function code(text: string): string {
  const shown = shortened(visible(text.slice(0, maxRead))).replaceAll("|", String.raw`\|`);
  const longest = Math.max(0, ...[...shown.matchAll(/`+/gu)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return longest === 0
    ? `${fence}${shown === "" ? " " : shown}${fence}`
    : `${fence} ${shown} ${fence}`;
}

/** More of a text is not looked at: it is cut anyway. */
const maxRead = 2000;

/** Escaping may make five characters of one: so much is taken that what comes out has at most `most`. */
function plainWithin(text: string, most: number): string {
  const whole = text.length <= maxRead ? plain(text) : undefined;
  if (whole !== undefined && whole.length <= most) return whole;
  for (let length = most; ; length = Math.floor(length * 0.8)) {
    const shown = `${plain(text.slice(0, length))}…`;
    if (shown.length <= most || length === 0) return shown;
  }
}

/**
 * Everything that Markdown or HTML could read is escaped. People (`@`), issues (`#1`, `GH-1`), commits and addresses GitHub looks
 * for in the text that Markdown left, where a backslash is no more: an invisible space parts them.
 * @see https://github.com/github/cmark-gfm/issues/181
 */
function plain(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/(?<![\p{L}\p{N}])[0-9a-f]{7,}(?![\p{L}\p{N}])/giu, (hash) =>
      hash.replaceAll(/.{6}(?=.)/gu, "$&\u200b"),
    )
    .replaceAll(/\bGH(?=-\d)/giu, "$&\u200b")
    .replaceAll(/@|#(?=\d)/gu, "$&\u200b")
    .replaceAll(/[\\`*_{}[\]()#+!|~$-]/gu, String.raw`\$&`)
    .replaceAll("://", ":\u200b//")
    .replaceAll(/\bwww\./giu, "www\u200b.");
}

/** Control characters, and those that turn the direction of a text or end a line of it. */
function visible(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => {
      const hex = (character.codePointAt(0) ?? 0).toString(16);
      return hex.length > 2 ? `\\u${hex.padStart(4, "0")}` : `\\x${hex.padStart(2, "0")}`;
    },
  );
}
