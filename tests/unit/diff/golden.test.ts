/**
 * Whole comparisons, as files: `tests/golden/diff/CASE/case.txtar` holds both sides, the other files what comes out as
 * JSON, text and Markdown. `vitest run --project unit tests/unit/diff/golden.test.ts --update` writes what comes out now;
 * read the difference.
 */
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { experimentSide, type SideContext } from "../../../src/app/diff/config-sides.ts";
import { isExpError } from "../../../src/core/errors.ts";
import { diffConfigs, type ConfigSide } from "../../../src/diff/configs.ts";
import { reportMarkdown } from "../../../src/diff/render/markdown.ts";
import { reportLines } from "../../../src/diff/render/text.ts";
import { reportDocument, type DiffReport, type ExperimentDiff } from "../../../src/diff/report.ts";
import { diffSources, type SourceSide } from "../../../src/diff/source/diff-sources.ts";
import { sourceModules } from "../../../src/diff/source/modules.ts";
import { printable } from "../../../src/cli/terminal.ts";
import { createProject } from "../resolve/support/project.ts";

const folder = fileURLToPath(new URL("../../golden/diff", import.meta.url));
const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());

type Files = Readonly<Record<string, string>>;

/** The files of an archive: `-- path --` before each, as Go's `txtar` has them. An empty file is one that is not there. */
function archive(file: string): Files {
  const parts = readFileSync(join(folder, file), "utf8").split(/^-- (.*) --\n/mu);
  const pairs = parts
    .slice(1)
    .flatMap((path, index, all): [string, string][] =>
      index % 2 === 0 ? [[path, all[index + 1] ?? ""]] : [],
    );
  return Object.fromEntries(pairs);
}

function sideFiles(own: Files, side: string): Files {
  const files = Object.entries(own).flatMap(([path, text]): [string, string][] =>
    path.startsWith(`${side}/`) ? [[path.slice(side.length + 1), text]] : [],
  );
  const all: Files = { ...archive("shared.txtar"), ...Object.fromEntries(files) };
  return Object.fromEntries(Object.entries(all).filter(([, text]) => text.trim() !== ""));
}

function sources(files: Files): SourceSide {
  return {
    modules: sourceModules((path) => (Object.hasOwn(files, path) ? files[path] : undefined)),
    files: Object.keys(files).filter((path) => path.startsWith("experiments/")),
  };
}

async function resolved(project: string, file: string): Promise<ConfigSide | string> {
  const context: SideContext = {
    workingDirectory: project,
    environment: {},
    runsDirectory: undefined,
    timeoutMs: 60_000,
    onLine: () => undefined,
  };
  return experimentSide(file, context).catch((error: unknown) => {
    if (isExpError(error)) return error.issues.map(({ message }) => message).join("; ");
    throw error;
  });
}

async function compared(before: Files, after: Files): Promise<DiffReport> {
  const found = diffSources(sources(before), sources(after));
  const [old, now] = [createProject(before), createProject(after)];
  const experiments: ExperimentDiff[] = [];
  for (const name of found.experiments.common) {
    const [earlier, later] = [await resolved(old, name), await resolved(now, name)];
    if (typeof later === "string") experiments.push({ name, problem: `after: ${later}` });
    else if (typeof earlier === "string") experiments.push({ name, problem: `before: ${earlier}` });
    else experiments.push({ name, diff: await diffConfigs(earlier, later) });
  }
  return { before: "before", after: "after", sources: found, experiments };
}

test("there are at least 25 kinds of change", () => {
  expect(cases.length).toBeGreaterThanOrEqual(25);
});

test.each(cases.map(({ name }) => name))("%s", async (name) => {
  const own = archive(`${name}/case.txtar`);
  const report = await compared(sideFiles(own, "before"), sideFiles(own, "after"));
  const place = join(folder, name);
  mkdirSync(place, { recursive: true });
  const json = `${JSON.stringify(reportDocument(report), null, 2)}\n`;
  const text = reportLines(report, { printable, paint: (_, part) => part }).join("\n");
  await expect(json).toMatchFileSnapshot(join(place, "expected.json"));
  await expect(`${text}\n`).toMatchFileSnapshot(join(place, "expected.txt"));
  await expect(reportMarkdown(report)).toMatchFileSnapshot(join(place, "expected.md"));
});
