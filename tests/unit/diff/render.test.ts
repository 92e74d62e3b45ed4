/** A report in every format, and that no text of a branch acts in any. */
import { expect, test } from "vitest";
import type { DiffReport } from "../../../src/diff/report.ts";
import { reportDocument, isSameReport } from "../../../src/diff/report.ts";
import { reportHtml } from "../../../src/diff/render/html.ts";
import { markdownPage, reportMarkdown } from "../../../src/diff/render/markdown.ts";
import type { Row, Section } from "../../../src/diff/render/sections.ts";
import { reportLines } from "../../../src/diff/render/text.ts";

const reportOf = (text: string): DiffReport => ({
  before: text,
  after: "HEAD",
  experiments: [
    {
      name: text,
      diff: {
        numRuns: { before: 1, after: 2 },
        numCompared: 1,
        axes: [{ name: text, after: [text] }],
        changes: [
          {
            operation: { kind: "replace", path: [text], before: text, value: 1 },
            class: "result",
            origin: text,
          },
        ],
      },
    },
    { name: text, problem: text },
  ],
  sources: {
    experiments: { count: 1, added: [text], removed: [], common: [] },
    definitions: [
      {
        name: text,
        status: "changed",
        at: { file: text, line: 1 },
        reaches: [text],
        changes: [{ path: [text], thing: "value", before: { text, at: { file: text, line: 1 } } }],
      },
    ],
  },
});

const plainText = {
  paint: (_: string, text: string): string => text,
  printable: (text: string): string => text,
};

test("text: what differs in lines that are aligned, the rest in numbers", () => {
  expect(reportLines(reportOf("a"), plainText).join("\n")).toMatchInlineSnapshot(`
    "a → HEAD

    Values that change results
      a  "a" → 1   a · 1 experiment: a

    Sweep of a
      a  (none) → "a" (1)
      1 → 2 runs

    a
      cannot be resolved a

    Changed: a
      a  a → (none)   a:1
      reaches 1 experiment: a

    1 of 2 experiments resolved otherwise, 1 definition written otherwise, 1 experiment added, 1 experiment not resolved on one side."
  `);
});

const hostile = [
  "<img src=x onerror=alert(1)>",
  "</td></tr></table><script>alert(1)</script>",
  "a | b | c",
  "``` ` ```` </details>",
  "[x](https://evil.example) ![y](https://evil.example/z.png)",
  "@everyone #1 https://evil.example www.evil.example",
  "line\n\n# heading\n- item",
  "\u001b[2J\u202e",
  "$(rm -rf ~) \\",
  "closes #12, GH-34, a/b#56, 0123abc, 0123456789abcdef0123456789abcdef01234567",
  "\u061c\u200e\u200f\u2028\u2029",
];

test.each(hostile)("markdown: %j makes nothing", (text) => {
  const markdown = reportMarkdown(reportOf(text));
  const outside = markdown.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/gu, "");
  expect(outside).not.toMatch(
    /<\w|(?<!\\)!?\[[^\]]*(?<!\\)\]\(|@\w|https?:\/\/|#\d|GH\\?-\d|\b[0-9a-f]{7}|www\.e/u,
  );
  const rows = markdown.split("\n").filter((line) => line.startsWith("|"));
  for (const row of rows) expect(row.match(/(?<!\\)\|/gu)).toHaveLength(5);
  expect(markdown).not.toMatch(/[\u001b\u061c\u200e\u200f\u2028\u2029\u202e]/u);
});

test.each(hostile)("html: %j makes nothing", (text) => {
  const html = reportHtml(reportOf(text));
  const elements = new Set([...html.matchAll(/<\/?(\w+)/gu)].map((match) => match[1]));
  const own = "html head meta title style body main h1 h2 p table tr th td del ins code".split(" ");
  expect([...elements].filter((name) => !own.includes(name ?? ""))).toStrictEqual([]);
  expect(html).not.toMatch(/<[^>]* on\w+=|[\u001b\u061c\u200e\u200f\u2028\u2029\u202e]/u);
});

test("a report without differences says so in every format", () => {
  const report: DiffReport = { before: "a", after: "b", experiments: [] };
  expect(isSameReport(report)).toBe(true);
  expect(reportDocument(report)).toStrictEqual({
    format: "lockstep/diff/1",
    before: "a",
    after: "b",
    isSame: true,
    experiments: [],
  });
  expect(reportMarkdown(report)).toContain("No differences");
  expect(reportLines(report, plainText).at(-1)).toBe("No differences.");
});

test("a long comment is cut between two parts, and says how many are left", () => {
  const experiments = Array.from({ length: 400 }, (_, index) => ({
    name: `${String(index)}${"x".repeat(300)}`,
    problem: "after: y",
  }));
  const markdown = reportMarkdown({ before: "a", after: "b", experiments });
  expect(markdown.length).toBeLessThan(65_536);
  expect(markdown).toMatch(/…and \d+ more/u);
});

test("a comment has its size whatever titles and notes are escaped to, and a long row hides no other", () => {
  const odd = (text: string): Section => ({
    title: text.repeat(300),
    notes: [text.repeat(5000)],
    rows: [
      {
        place: text.repeat(300),
        before: text.repeat(300),
        after: text,
        notes: [text.repeat(50_000)],
      },
      { place: "the-next-row", before: "1", after: "2", notes: [] },
    ],
  });
  for (const text of ["&", "\u202e", "`", "|", "@", "😀", "#"]) {
    const sections = Array.from({ length: 200 }, () => odd(text));
    const markdown = markdownPage({ before: text, after: text, summary: "x", sections });
    expect(markdown.length, text).toBeLessThan(65_536);
    const one = markdownPage({ before: "a", after: "b", summary: "x", sections: [odd(text)] });
    expect(one).toContain("| `the-next-row` | `1` | `2` |");
    expect(one).not.toContain("more here");
  }
});

test("of a long comment every section keeps its beginning, short ones all, and what is left out is counted", () => {
  const changes = (count: number, name: string): readonly Row[] =>
    Array.from({ length: count }, (_, index) => {
      return { place: `${name}-${String(index)}`, before: "1", after: "2", notes: [] };
    });
  const section = (title: string, count: number): Section => {
    return { title, rows: changes(count, title), notes: [`the end of ${title}`] };
  };
  const sections = [section("many", 3000), section("few", 3), section("others", 2000)];
  const markdown = markdownPage({ before: "a", after: "b", summary: "", sections });
  expect(markdown.length).toBeLessThan(60_000);
  expect(markdown.length).toBeGreaterThan(55_000);
  expect(markdown).toContain("the end of few");
  for (const name of ["many", "others"]) {
    const shown = [...markdown.matchAll(new RegExp(`\\| .${name}-\\d+.`, "gu"))].length;
    const left = Number(
      /…and (\d+) more here/u.exec(markdown.slice(markdown.indexOf(`${name}-0`)))?.[1],
    );
    expect(shown).toBeGreaterThan(500);
    expect(shown + left).toBe(name === "many" ? 3001 : 2001); // its note among them
  }
});

test("of more sections than fit, the first ones are shown and the others counted", () => {
  const sections = Array.from({ length: 1000 }, (_, index): Section => {
    return { title: `s${String(index)}`, rows: [], notes: ["x".repeat(120)] };
  });
  const markdown = markdownPage({ before: "a", after: "b", summary: "", sections });
  const shown = [...markdown.matchAll(/\*\*s\d+\*\*/gu)].length;
  expect(markdown.length).toBeLessThan(60_100);
  expect(shown).toBeGreaterThan(400);
  expect(markdown).toContain(`…and ${String(1000 - shown)} more; `);
});
