/** Markdown from values that anybody may have written: names, labels, classes. None of them can end a table or a block. */

/** Control characters, line breaks, and marks that reorder text on the screen. */
const invisible =
  /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** Text on one line that Markdown shows as it is: no markup, no HTML, no link. */
export function plainText(text: string): string {
  return wellFormed(text)
    .replace(invisible, " ")
    .trim()
    .replace(/[\\`*_[\]<>|~#&!$@]/g, String.raw`\$&`)
    .replace(/:\/\//g, String.raw`:\//`)
    .replace(/\bwww\./gi, String.raw`www\.`);
}

/** Text on one line in the style of code, also where it holds backticks. */
export function codeText(text: string): string {
  const line = wellFormed(text).replace(invisible, " ");
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") || line.trim() === "" ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** A block of code; its fence is longer than any row of backticks in the lines. */
export function codeBlock(language: string, lines: readonly string[]): string {
  const text = wellFormed(lines.join("\n"));
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** A table; cells are Markdown already. Columns of numbers are aligned to the right, all others to the left. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, String.raw`\|`)).join(" | ")} |`;
  const marks = head.map((_, column) => {
    const cells = rows.map((row) => row[column] ?? "");
    return cells.length > 0 && cells.every(isNumberCell) ? "---:" : ":---";
  });
  return [line(head), line(marks), ...rows.map(line)].join("\n");
}

/** As `numberText` writes it. */
function isNumberCell(cell: string): boolean {
  return cell === notFinite || /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(cell);
}

const notFinite = "not finite";

/** A number with all its digits; what is not finite is said in words, so that no reader parses it as a figure. */
export function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : notFinite;
}

/** Text with half surrogate pairs replaced, which have no UTF-8 form. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDFFF]/gu, "\uFFFD");
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), (match) => match[0].length));
}
