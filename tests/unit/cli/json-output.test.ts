/** docs/json-output.md and docs/plots-and-reports.md name exactly the fields that commands print. */
import { appendFileSync, readFileSync } from "node:fs";
import { join, dirname } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { Exported } from "../../../src/app/export/export-runs.ts";
import { attest } from "../../../src/app/verify/attestation.ts";
import type { Verification } from "../../../src/app/verify/verdict.ts";
import type { Command } from "../../../src/cli/command.ts";
import { command as audit } from "../../../src/cli/commands/audit.ts";
import { command as best } from "../../../src/cli/commands/best.ts";
import { command as compare } from "../../../src/cli/commands/compare.ts";
import { command as exported, exportDocument } from "../../../src/cli/commands/export.ts";
import { command as find } from "../../../src/cli/commands/find.ts";
import { command as plot } from "../../../src/cli/commands/plot.ts";
import { command as report } from "../../../src/cli/commands/report.ts";
import { command as runs } from "../../../src/cli/commands/runs.ts";
import { command as show } from "../../../src/cli/commands/show.ts";
import { command as sql } from "../../../src/cli/commands/sql.ts";
import { verdictDocument } from "../../../src/cli/commands/verify.ts";
import { createTerminal } from "../../../src/cli/terminal.ts";
import { ExpError } from "../../../src/core/errors.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore } from "../../../src/store/store.ts";
import { finishedRun } from "../app/archive/sample.ts";
import { madeUpRun, writeMadeUpRuns } from "../../bench/made-up-runs.ts";
import { attemptOptions, begin, runEvents } from "../store/sample-run.ts";

const docs = join(import.meta.dirname, "../../../docs");
const page = ["json-output.md", "plots-and-reports.md"]
  .map((name) => readFileSync(join(docs, name), "utf8"))
  .join("\n");

/** The fields that the table below a heading names. */
function told(heading: string): ReadonlySet<string> {
  const [, section = ""] = page.split(`## ${heading}`);
  const rows = (section.split("\n## ")[0] ?? "").matchAll(/^\| (`[^|]*) \|/gmu);
  return new Set([...rows].flatMap(([, cell = ""]) => cell.match(/[^`, ]+/gu) ?? []));
}

const ofRun = told("A run");

/** All fields of the page: a list that is empty just now holds what the page says. */
const everywhere = [...page.matchAll(/^## (.*)$/gmu)].flatMap(([, name = ""]) => [...told(name)]);

/** The fields of a document by their paths; names that anybody may choose are `*`. */
function fieldsIn(value: unknown, path = ""): readonly string[] {
  const isValue = typeof value !== "object" || value === null;
  if (isValue || /(?:^|\.)config\.\*$|values\[\]\[\]$/u.test(path)) return [path];
  if (Array.isArray(value)) {
    if (value.length === 0) return everywhere.filter((field) => field.startsWith(`${path}[]`));
    return value.flatMap((item) => fieldsIn(item, `${path}[]`));
  }
  const isOpen = /(?:^|\.)(?:config|metrics)$/u.test(path);
  return Object.entries(value).flatMap(([name, one]) =>
    fieldsIn(one, `${path === "" ? "" : `${path}.`}${isOpen ? "*" : name}`),
  );
}

/** With the fields of a run below a place as that place alone. */
function outside(fields: readonly string[], place: string): ReadonlySet<string> {
  const within = fields.filter((field) => field.startsWith(`${place}.`));
  for (const field of within) expect(ofRun).toContain(field.slice(place.length + 1));
  return new Set(fields.map((field) => (field.startsWith(`${place}.`) ? place : field)));
}

let folder = "";
let failed = "";
let finished = "";

/** A store with all that can be told: made-up runs, a real one with a note and a verdict, and one that was killed. */
beforeEach(() => {
  const stored = finishedRun();
  folder = dirname(stored.published.directory);
  finished = stored.run.runKey.slice(0, 16);
  stored.store.annotate({ runKey: stored.run.runKey, kind: "note", facts: { text: "good" } });
  attest(stored, verifications[0], undefined);
  writeMadeUpRuns(folder, 0, 3);
  const store = openStore(folder, { process: { ...currentProcess(), processStart: "0" } });
  const attempt = begin(store, attemptOptions(9));
  for (const event of runEvents(3).slice(0, -1)) attempt.record(event);
  attempt.fail(new Error("stopped"));
  failed = attempt.directory.split("/").at(-2) ?? "";
  appendFileSync(join(attempt.directory, "logs/metrics.jsonl"), '{"step":');
});

async function fieldsOf(
  command: Command,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[]> {
  let printed = "";
  const stream = { write: (text: string) => ((printed += text), true) };
  const stdout = createTerminal(stream, {});
  const stderr = createTerminal({ write: () => true }, {});
  const environment = {};
  const session = {
    stdout,
    stderr,
    workingDirectory: folder,
    now: () => 0,
    planContext: { workingDirectory: folder, environment },
  };
  await command.run({ operands, options, json: true, runsDirectory: folder }, session);
  return fieldsIn(JSON.parse(printed));
}

test("the fields of a run are those of the page, in exp runs and exp show", async () => {
  const listed = await fieldsOf(runs, [], { all: true });
  expect(outside(listed, "runs[]")).toEqual(told("`exp runs`"));
  const shown = [
    ...(await fieldsOf(show, [finished])),
    ...(await fieldsOf(show, [madeUpRun(1).name])),
    ...(await fieldsOf(show, [failed])),
    ...(await fieldsOf(show, [`${finished}/checkpoints/best.safetensors`])),
  ];
  expect(new Set(shown)).toEqual(new Set([...ofRun, ...told("`exp show`")]));
});

test("the fields of the other look-ups and of exp audit are those of the page", async () => {
  expect(outside(await fieldsOf(best, []), "rankings[].runs[]")).toEqual(told("`exp best`"));
  const values = [
    ...(await fieldsOf(find, ["90%"], { steps: true })),
    ...(await fieldsOf(find, ["0.5"])),
  ];
  expect(outside(values, "matches[].run")).toEqual(told("`exp find`"));
  const compared = [
    ...(await fieldsOf(compare, ["seed < 2", "seed = 2"])),
    ...(await fieldsOf(compare, [madeUpRun(0).name, failed])),
  ].filter((field) => !/^(?:metrics|curves)\[\]\.groups\[\]$/u.test(field)); // null
  expect(new Set(compared)).toEqual(told("`exp compare`"));
  const drawn = [
    ...(await fieldsOf(plot, ["seed < 2", "seed >= 0", "validation.f1"], { by: "status" })),
    ...(await fieldsOf(plot, ["seed >= 0", "validation.f1"])),
  ].map((field) => (field.startsWith("curves[].differing.") ? "curves[].differing" : field));
  expect(new Set(drawn)).toEqual(told("`exp plot`"));
  const written = await fieldsOf(report, ["seed >= 0"], { html: "report.html" });
  expect(new Set(written)).toEqual(told("`exp report`"));
  const queried = await fieldsOf(sql, ["select run from runs"]);
  expect(new Set(queried)).toEqual(told("`exp sql`"));
  expect(new Set(await fieldsOf(audit, [finished]))).toEqual(told("`exp audit`"));
});

const run = { name: "0123456789abcdef", runKey: "0123456789abcdef" };
const outcome = { numRows: 0, numThere: 3, isComplete: true, wasComplete: false };
/** Of three runs the first was there already, and none could be sent behind the second. */
const serverWentAway: Exported = {
  kind: "runs",
  runs: [
    { run, result: outcome },
    { run, result: { error: new ExpError("environment", "The server is away.") } },
  ],
  numNotTried: 1,
};

test("the fields of exp export are those of the page", async () => {
  const fields = [
    ...(await fieldsOf(exported, [], { to: "csv", out: folder })),
    ...(await fieldsOf(exported, [failed], { to: "tensorboard", out: folder })),
    ...(await fieldsOf(exported, [failed], { to: "hf", out: folder })),
    ...fieldsIn(exportDocument(serverWentAway, "mlflow", folder)),
  ];
  expect(new Set(fields)).toEqual(told("`exp export`"));
});

const verifications: readonly [Verification, Verification] = [
  { verdict: "bitwise", reasons: [], comparedSteps: 3, coverage: ["compared 3 of 3 steps"] },
  {
    verdict: "diverged",
    divergence: { step: 7, field: "loss", tensor: "weight", tensorStep: 50, phase: "forward" },
    reasons: [],
    comparedSteps: 7,
    coverage: [],
    environmentClass: "cpu/1",
    largestDifference: 0.5,
    tolerance: { value: 1e-3, from: "task" },
    fromStep: 2,
  },
];

test("the fields of exp verify are those of the page, whatever the verdict", () => {
  const fields = verifications.flatMap((one) => fieldsIn(verdictDocument(one)));
  expect(new Set(fields)).toEqual(told("`exp verify`"));
});
