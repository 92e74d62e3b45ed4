/** Two texts as a patch that `git apply` and `patch` take. */

const numContext = 3;

interface Line {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/**
 * The patch from one text of a file to another; empty for equal texts.
 * @param file - Its path, as the patch names it.
 */
export function unifiedDiff(file: string, before: string, after: string): string {
  if (before === after) return "";
  const lines = diffLines(linesOf(before), linesOf(after));
  const changed = lines.flatMap(({ sign }, index) => (sign === " " ? [] : [index]));
  const hunks: { start: number; end: number }[] = [];
  for (const index of changed) {
    const last = hunks.at(-1);
    if (last !== undefined && index - last.end <= 2 * numContext) last.end = index + 1;
    else hunks.push({ start: index, end: index + 1 });
  }
  const parts = hunks.map(({ start, end }) => hunkText(lines, start, end));
  return `--- a/${file}\n+++ b/${file}\n${parts.join("")}`;
}

/** Each with its newline, which the last one may lack. */
function linesOf(text: string): readonly string[] {
  return text === "" ? [] : (text.match(/[^\n]*\n|[^\n]+$/gu) ?? []);
}

function hunkText(lines: readonly Line[], start: number, end: number): string {
  const from = Math.max(0, start - numContext);
  const shown = lines.slice(from, end + numContext);
  const count = (sign: "-" | "+", part: readonly Line[]): number =>
    part.filter((line) => line.sign === " " || line.sign === sign).length;
  const range = (sign: "-" | "+"): string => {
    const length = count(sign, shown);
    const first = count(sign, lines.slice(0, from)) + (length === 0 ? 0 : 1);
    return `${String(first)},${String(length)}`;
  };
  const body = shown.map(({ sign, text }) =>
    text.endsWith("\n") ? sign + text : `${sign}${text}\n\\ No newline at end of file\n`,
  );
  return `@@ -${range("-")} +${range("+")} @@\n${body.join("")}`;
}

/**
 * The lines of both texts in order, by a longest common subsequence of what is between the equal ends.
 * @see Hunt & McIlroy, "An Algorithm for Differential File Comparison", 1976; here the plain table, for modules are short.
 */
function diffLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const kept = (list: readonly string[]): readonly Line[] =>
    list.map((text) => ({ sign: " ", text }) as const);
  return [
    ...kept(before.slice(0, start)),
    ...middleLines(
      before.slice(start, before.length - end),
      after.slice(start, after.length - end),
    ),
    ...kept(before.slice(before.length - end)),
  ];
}

function middleLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  // lengths[i][j]: of the longest common subsequence of what begins at i and at j.
  const lengths = Array.from(
    { length: before.length + 1 },
    () => new Uint32Array(after.length + 1),
  );
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const length =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      lengths[i]?.fill(length, j, j + 1);
    }
  }
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length;) {
    const [old = "", now = ""] = [before[i], after[j]];
    if (i < before.length && j < after.length && old === now) {
      lines.push({ sign: " ", text: old });
      i++;
      j++;
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: "-", text: old });
      i++;
    } else {
      lines.push({ sign: "+", text: now });
      j++;
    }
  }
  return lines;
}
