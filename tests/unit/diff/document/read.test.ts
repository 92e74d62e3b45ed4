/** Documents that another job wrote: what we write is taken, and nothing else; no text of a branch acts in a comment. */
import { Ajv2020 } from "ajv/dist/2020.js";
import { assert, property, string } from "fast-check";
import { expect, test } from "vitest";
import type { CiDocument } from "../../../../src/diff/document/ci-document.ts";
import {
  documentSchema,
  readCiDocument,
  readDiffDocument,
  reportIn,
} from "../../../../src/diff/document/read.ts";
import { ciMarkdown } from "../../../../src/diff/render/ci.ts";
import { reportMarkdown } from "../../../../src/diff/render/markdown.ts";
import { reportDocument, type DiffReport } from "../../../../src/diff/report.ts";

const reportOf = (text: string): DiffReport => ({
  before: text,
  after: "HEAD",
  sides: {
    before: { kind: "run", name: text, runKey: "a".repeat(64), configHash: "b".repeat(64) },
    after: { kind: "experiment", name: text, revision: text },
  },
  experiments: [
    {
      name: text,
      diff: {
        numRuns: { before: 1, after: 2 },
        numCompared: 1,
        axes: [{ name: text, after: [text] }],
        changes: [
          { operation: { kind: "add", path: [text, 0], value: { [text]: null } }, class: "result" },
          {
            operation: { kind: "move", path: [0], to: 1, item: { field: text, name: text } },
            class: "handling",
            origin: text,
            numRuns: 1,
          },
        ],
      },
    },
    { name: text, problem: text, isOnBothSides: true },
    { name: text, problem: text },
  ],
  sources: {
    experiments: { count: 1, added: [text], removed: [], common: [] },
    definitions: [
      {
        name: text,
        status: "changed",
        formerName: text,
        at: { file: text, line: 1 },
        reaches: [text],
        changes: [
          {
            path: ["a", text],
            thing: "unknown",
            unknown: text,
            before: { text, at: { file: text, line: 1 } },
          },
          { path: [], thing: "layer", after: { text, at: { file: text, line: 2 } } },
        ],
      },
    ],
  },
});

const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const ciOf = (text: string): CiDocument => ({
  format: "lockstep/ci/1",
  base: { name: text, commit: "a".repeat(40) },
  experiments: [
    { file: `${text}x`, status: "unresolved", problems: { after: text }, through: [text] },
    { file: `${text}y`, status: "changed", numRuns: { before: 1, after: 2 }, through: [] },
  ],
  runs: {
    numChecked: 2,
    numDamaged: 1,
    unmatched: [
      {
        run: "0".repeat(16),
        experiment: text,
        overrides: [text],
        status: "unknown",
        reason: text,
      },
    ],
  },
  diff: readDiffDocument(reportDocument(reportOf(text)), "x"),
});

test.each(["diff", "ci"] as const)("docs/formats/%s-1.schema.json is the schema", async (name) => {
  const text = `${JSON.stringify(documentSchema(name), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`../../../../docs/formats/${name}-1.schema.json`);
});

test("a report comes back from its document, which both schemas take", () => {
  const validate = new Ajv2020({ strict: true }).compile(documentSchema("diff"));
  const name = string().filter((text) => text !== "__proto__"); // zod leaves that key out
  assert(
    property(name, (text) => {
      const document = throughText(reportDocument(reportOf(text)));
      expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
      const report = reportIn(readDiffDocument(document, "x"));
      expect(reportDocument(report)).toEqual(document);
      expect(reportMarkdown(report)).toBe(reportMarkdown(reportOf(text)));
    }),
    { numRuns: 50 },
  );
});

test("what no exp writes is refused, by both schemas", () => {
  const validate = new Ajv2020({ strict: true }).compile(documentSchema("ci"));
  const good = throughText(ciOf("x")) as CiDocument;
  expect(validate(good), JSON.stringify(validate.errors)).toBe(true);
  expect(readCiDocument(good, "x")).toEqual(good);
  const wrong: readonly unknown[] = [
    undefined,
    [],
    { ...good, format: "lockstep/ci/2" },
    { ...good, html: "<b>" },
    { ...good, base: { ...good.base, commit: "main; rm -rf ~" } },
    { ...good, experiments: [{ file: "x", status: "fine", through: [] }] },
    { ...good, runs: { ...good.runs, numChecked: -1 } },
    { ...good, runs: { ...good.runs, unmatched: [{ run: "../../etc" }] } },
    { ...good, diff: { ...good.diff, experiments: [{ name: "x" }] } },
    { ...good, diff: { ...good.diff, sources: { definitions: [{}], experiments: {} } } },
  ];
  for (const value of wrong) {
    expect(validate(value)).toBe(false);
    expect(() => readCiDocument(value, "ci.json")).toThrow("ci.json is not what this version");
  }
});

const hostile = [
  "<img src=x onerror=alert(1)>",
  "a | b | c",
  "``` ` ```` </details>",
  "[x](https://evil.example) ![y](https://evil.example/z.png)",
  "@everyone #1 https://evil.example www.evil.example",
  "line\n\n# heading\n- item",
  "-->\u001b[2J\u202e",
];

test.each(hostile)("a comment: %j makes nothing", (text) => {
  const comment = ciMarkdown(ciOf(text));
  const [mark = "", ...rest] = comment.split("\n");
  expect(mark).toBe("<!-- lockstep/ci -->");
  const last = rest.splice(-2, 1);
  expect(last[0]).toMatch(/^<sub>The branch's own code computed this/u);
  const outside = rest.join("\n").replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/gu, "");
  expect(outside).not.toMatch(/<\w|(?<!\\)!?\[[^\]]*(?<!\\)\]\(|@\w|https?:\/\/|#\d|www\.e|<!--/u);
  for (const row of rest.filter((line) => line.startsWith("|"))) {
    expect(row.match(/(?<!\\)\|/gu)).toHaveLength(5);
  }
  expect(comment).not.toMatch(/[\u001b\u202e]/u);
});

test("a comment is shorter than GitHub takes, however much there is", () => {
  const long = "x@".repeat(40_000);
  const many = ciOf("x").experiments.flatMap((one) => Array.from({ length: 3_000 }, () => one));
  for (const document of [ciOf(long), { ...ciOf("x"), experiments: many }]) {
    expect(ciMarkdown(document).length).toBeLessThan(65_536);
  }
});
