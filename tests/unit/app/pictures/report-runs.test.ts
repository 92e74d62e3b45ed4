/** Runs of a store as a page: what differs, what ranks, where values come from, and which files are replaced. */
import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readReport, type ReadReport } from "../../../../src/app/pictures/report-runs.ts";
import type { RunEvent } from "../../../../src/core/run-events.ts";
import { command } from "../../../../src/cli/commands/report.ts";
import { createTerminal } from "../../../../src/cli/terminal.ts";
import { madeUpRun, writeMadeUpRuns } from "../../../bench/made-up-runs.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { project } from "../import-foreign/project.ts";
import { openStore } from "../../../../src/store/store.ts";
import { attemptOptions, begin, documents, publishRun, runEvents } from "../../store/sample-run.ts";

function storeOf(numRuns: number): string {
  const folder = temporaryFolder();
  writeMadeUpRuns(folder, 0, numRuns);
  return folder;
}

type Choices = Partial<Parameters<typeof readReport>[0]>;

function read(folder: string, words: readonly string[], choices: Choices = {}): ReadReport {
  const context = { runsDirectory: folder, workingDirectory: folder, environment: {} };
  const made = { command: "exp report", time: new Date(Date.UTC(2026, 10, 22)) };
  return readReport({ ...context, ...made, words, ...choices });
}

async function print(
  folder: string,
  operands: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<string> {
  let printed = "";
  const stdout = createTerminal({ write: (text) => ((printed += text), true) }, {});
  const session = {
    stdout,
    stderr: createTerminal({ write: () => true }, {}),
    workingDirectory: folder,
    now: () => 0,
    planContext: { workingDirectory: folder, environment: {} },
  };
  expect(
    await command.run({ operands, options, json: false, runsDirectory: folder }, session),
  ).toBe(0);
  return printed;
}

/** Lets runs be repeats of one setting each, with the accuracies given. */
function settings(folder: string, groups: readonly (readonly number[])[]): void {
  let number = 0;
  for (const [group, accuracies] of groups.entries()) {
    for (const accuracy of accuracies) {
      const directory = join(folder, madeUpRun(number++).name);
      const change = (file: string, edit: (text: string) => string): void =>
        writeFileSync(join(directory, file), edit(readFileSync(join(directory, file), "utf8")));
      change("manifest.json", (text) =>
        text.replace(/"groupHash": "[0-9a-f]+"/u, `"groupHash": "${String(group).repeat(64)}"`),
      );
      change("results/metrics.json", (text) =>
        text.replace(/"validation.accuracy": [\d.]+/u, `"validation.accuracy": ${accuracy}`),
      );
      change("config.json", (text) =>
        text
          .replace(/"learningRate": [\d.e-]+/u, `"learningRate": ${group + 1}`)
          .replace(/"kind": "(?:adamw|lion|sgd)"/u, '"kind": "sgd"')
          .replace(/"(hiddenSize|feedForwardSize)": \d+/gu, '"$1": 4'),
      );
    }
  }
}

test("settings and runs are ranked by their means, with the paths by which settings differ", () => {
  const folder = storeOf(5);
  settings(folder, [[0.5, 0.7], [0.9, 0.1], [0.65]]);
  const { report } = read(folder, ["seed >= 0"]);
  expect(report.ranking).toEqual({ metric: "validation.accuracy", direction: "max" });
  expect(report.paths).toEqual(["optimizer.learningRate"]);
  expect(report.settings.map(({ mark, values, numRuns }) => [mark, ...values, numRuns])).toEqual([
    ["A", "3", 1],
    ["B", "1", 2],
    ["C", "2", 2],
  ]);
  expect(report.settings.map(({ figures }) => figures[0]?.mean)).toEqual([0.65, 0.6, 0.5]);
  expect(report.settings[1]?.figures[0]?.deviation).toBeCloseTo(0.2 / Math.SQRT2, 12);
  expect(report.runs.map(({ mark, figures }) => [mark, figures[0]])).toEqual([
    ["A", 0.65],
    ["B", 0.7],
    ["B", 0.5],
    ["C", 0.9],
    ["C", 0.1],
  ]);
  expect(report.best?.name).toBe(madeUpRun(2).name); // the best run is not of the best setting
  const lowest = read(folder, ["seed >= 0"], { metric: "validation.accuracy", direction: "min" });
  expect(lowest.report.best?.name).toBe(madeUpRun(3).name);
});

test("curves are means over the runs of a setting, the one that ranks first", () => {
  const folder = storeOf(3);
  settings(folder, [[0.5, 0.7], [0.9]]);
  const { report } = read(folder, ["seed >= 0"]);
  expect(report.charts.map(({ metric }) => metric).slice(0, 3)).toEqual([
    "validation.accuracy",
    "train.loss",
    "validation.loss",
  ]);
  const band = report.charts[1]?.bands.find(({ mark }) => mark === "B");
  const losses = [0, 1].map((number) => {
    const [row = ""] = (madeUpRun(number).files["logs/metrics.jsonl"] ?? "").split("\n");
    return (JSON.parse(row) as Record<string, number>)["train.loss"] ?? 0;
  });
  expect(band?.means[0]).toBeCloseTo(((losses[0] ?? 0) + (losses[1] ?? 0)) / 2, 12);
  expect(band?.deviations?.[0]).toBeCloseTo(
    Math.abs((losses[0] ?? 0) - (losses[1] ?? 0)) / Math.SQRT2,
    12,
  );
  const asked = read(folder, ["seed >= 0"], { curves: ["validation.f1"] });
  expect(asked.report.charts.map(({ metric }) => metric)).toEqual(["validation.f1"]);
  expect(() => read(folder, ["seed >= 0"], { curves: ["f1"] })).toThrow(
    expect.objectContaining({ hint: expect.stringContaining("Did you mean validation.f1?") }),
  );
});

test("each value of the best run has its origin, and secrets of the command line are left out", () => {
  const folder = storeOf(1);
  const { name } = madeUpRun(0);
  const values = {
    seed: [
      { layer: "default", value: 0 },
      { layer: "command line", argument: "seed=0", value: 0 },
    ],
    "optimizer.kind": [
      { layer: "extend", by: "choice(…)", file: "experiments/a.ts", line: 7, column: 3 },
    ],
    "data.kind": [{ layer: "command line", argument: "data.apiKey=hunter2" }],
    mode: "damaged",
  };
  writeFileSync(join(folder, name, "provenance.json"), JSON.stringify({ values }));
  const { best } = read(folder, [name]).report;
  const originOf = (path: string): unknown => best?.config.find((one) => one.path === path)?.origin;
  expect(originOf("seed")).toBe("command line  seed=0");
  expect(originOf("optimizer.kind")).toBe("extend  choice(…)  experiments/a.ts:7");
  expect(originOf("data.kind")).not.toContain("hunter2");
  expect([originOf("mode"), originOf("backend")]).toEqual(["not recorded", "not recorded"]);
  expect(best?.commands.map((one) => one.name)).toEqual(
    expect.arrayContaining([`exp verify ${name}`, `exp checkout ${name} --to FOLDER`]),
  );
  expect(best?.identities.map((one) => one.name)).toContain("weightsDigest");
  expect(best?.reproduce).toBeUndefined();
});

test("secrets of configs are in no part of a page", async () => {
  const folder = temporaryFolder();
  const github = `ghp_${"a1".repeat(12)}`;
  for (const number of [1, 2]) {
    const attempt = begin(
      openStore(folder),
      attemptOptions(number, {
        config: { seed: number, service: { apiKey: `hunter${number}`, note: `uses ${github}` } },
      }),
    );
    for (const event of runEvents()) attempt.record(event);
    attempt.finish();
    attempt.publish(documents);
  }
  await print(folder, ["seed >= 1"], { html: "a.html", metric: "test.accuracy", direction: "max" });
  const page = readFileSync(join(folder, "a.html"), "utf8");
  expect(page).toContain("service.apiKey");
  expect(page).toContain("uses [redacted]");
  expect(page).not.toMatch(/hunter|ghp_/u);
});

test("the page tells the command that makes it again, with all that was typed", async () => {
  const folder = storeOf(1);
  await print(folder, ["seed >= 0"], { html: "a.html", x: "epoch", curves: "validation.loss" });
  expect(readFileSync(join(folder, "a.html"), "utf8")).toContain(
    `--curves validation.loss --x epoch --runs-dir &#39;${folder}&#39; --html a.html`,
  );
});

test("a run that did not finish is in the tables and the curves, and in no ranking", () => {
  const folder = temporaryFolder();
  const store = openStore(folder);
  const published = publishRun(store, 1);
  const attempt = begin(store, attemptOptions(2));
  for (const event of runEvents(2).slice(0, -1)) attempt.record(event);
  attempt.fail(new Error("stopped"));
  const choices = { metric: "validation.accuracy", direction: "max" } as const;
  const { report } = read(folder, ["seed >= 1"], choices);
  expect(report.runs.map(({ status }) => status)).toEqual(["finished", "failed"]);
  expect(report.notes).toContain(
    "1 of the runs did not finish: they are in no figure and in no ranking.",
  );
  expect(report.best?.name).toBe(published.split("/").at(-1));
  expect(report.best?.reproduce).toBe("# Reproduce\n");
  expect(report.charts[0]?.bands).toHaveLength(2);
});

test("nothing ranks where no config selects, and a metric without a direction needs one", () => {
  const folder = temporaryFolder();
  for (const seed of [1, 2]) publishRun(openStore(folder), seed);
  const { report } = read(folder, ["seed >= 1"]);
  expect([report.ranking, report.best]).toEqual([undefined, undefined]);
  expect(report.notes[0]).toContain("--metric NAME --direction min or max");
  expect(() => read(folder, ["seed >= 1"], { metric: "validation.accuracy" })).toThrow(
    "No run says which end of validation.accuracy is better.",
  );
  expect(() => read(folder, ["seed >= 1"], { metric: "nothing" })).toThrow(
    'No run has a metric called "nothing".',
  );
  expect(() => read(folder, [])).toThrow("exp report takes runs.");
});

test("a page is written, written again, and never over what somebody else wrote", async () => {
  const folder = storeOf(2);
  const words = ["seed >= 0"];
  const printed = await print(folder, words, { html: "pages/report.html" });
  expect(printed).toMatch(
    /^pages\/report\.html: .*2 runs, 6 curves, best run [0-9a-f]{16}, [\d.]+ kB\n/u,
  );
  expect(readFileSync(join(folder, "pages/report.html"), "utf8")).toContain("<!doctype html>");
  await print(folder, words, { html: "pages/report.html" });
  expect(readdirSync(join(folder, "pages"))).toEqual(["report.html"]);
  writeFileSync(join(folder, "thesis.html"), "<h1>mine</h1>");
  symlinkSync("pages/report.html", join(folder, "link.html"));
  for (const html of ["thesis.html", "link.html"]) {
    await expect(print(folder, words, { html })).rejects.toThrow(
      `${html} is there already, and exp report did not write it.`,
    );
  }
  expect(readFileSync(join(folder, "thesis.html"), "utf8")).toBe("<h1>mine</h1>");
  await print(folder, words, { html: "thesis.html", force: true });
  expect(readFileSync(join(folder, "thesis.html"), "utf8")).toContain("Lockstep exp report");
  mkdirSync(join(folder, "folder"));
  await expect(print(folder, words, { html: "folder", force: true })).rejects.toThrow(
    "folder is a folder.",
  );
});

test("many runs and settings are cut, and each cut is told", () => {
  const folder = storeOf(210);
  const { report } = read(folder, ["seed >= 0"]);
  expect(report.runs).toHaveLength(200);
  expect(report.notes).toContain("The table of runs has the first 200 of 210.");
  expect(report.notes.join("\n")).toMatch(/Curves are drawn of the first 40 of \d+ settings\./u);
  expect(report.charts.every(({ bands }) => bands.length === 40)).toBe(true);
  expect(report.charts[0]?.bands.filter(({ mark }) => mark !== undefined)).toHaveLength(8);
});

test("columns are what most runs have, and curves stand over epochs where that is asked for", async () => {
  const place = project({
    "old.csv": "run,odd,lr,metrics.f1,metrics.a\na,1,2,0.5,\nb,,3,0.75,\nc,,4,,7\n",
    "many.csv": `run,${Array.from({ length: 11 }, (_, index) => `a${index}`).join(",")},lr\n${["x", "y"].map((name, row) => `${name},${Array.from({ length: 11 }, (_, index) => (row === 0 ? index : "")).join(",")},${row}`).join("\n")}\n`,
  });
  await place.take("csv", "old.csv");
  const { report } = read(place.at("runs"), ["old"]);
  expect(report.metrics).toEqual(["f1", "a"]);
  const means = report.settings.flatMap(({ figures }) => figures[0]?.mean ?? []);
  expect(new Set(means)).toEqual(new Set([0.5, 0.75]));
  expect(report.notes.join("\n")).toContain("3 of the runs are of other tools (foreign)");
  expect(report.notes.join("\n")).not.toContain("did not finish");
  expect(report.paths).toEqual(["lr", "odd"]);
  await place.take("csv", "many.csv");
  const many = read(place.at("runs"), ["many"]).report.paths;
  expect([many[0], many.length]).toEqual(["lr", 10]);
  const folder = temporaryFolder();
  const rows = [1, 2, 3, 4].map((step): RunEvent => {
    return {
      kind: "metrics",
      step,
      epoch: Math.ceil(step / 2),
      values: { "train.loss": 1 / step },
    };
  });
  publishRun(openStore(folder), 1, [...rows, ...runEvents(0)]);
  const { charts } = read(folder, ["seed = 1"], { axis: "epoch" }).report;
  expect(charts[0]?.axis).toBe("epoch");
  expect(charts[0]?.bands[0]).toMatchObject({ xs: [1, 2], means: [1 / 2, 1 / 4] });
});

test("a secret in a filter is not in the page", async () => {
  const folder = temporaryFolder();
  const config = { service: { apiKey: "not it" }, seed: 1 };
  const attempt = begin(openStore(folder), attemptOptions(1, { config }));
  for (const event of runEvents(2)) attempt.record(event);
  attempt.finish();
  attempt.publish(documents);
  const place = join(folder, "page.html");
  await print(folder, ["seed >= 0 or service.apiKey = hunter2hunter2"], { html: place });
  const page = readFileSync(place, "utf8");
  expect(page).not.toContain("hunter2");
  expect(page).toContain("service.apiKey = [redacted]");
});
