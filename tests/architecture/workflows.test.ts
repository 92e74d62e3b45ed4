/** The workflows of GitHub Actions: valid by GitHub's own schema, and kept to what an untrusted branch may reach. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as workflowParser from "@actions/workflow-parser";
import { buildSync } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { parse } from "yaml";
import { repository } from "./sources.ts";

const scratch = mkdtempSync(join(tmpdir(), "lockstep-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Bundled, since it imports JSON in a way that bundlers take and Node does not. */
function loadParser(): typeof workflowParser {
  const outfile = join(scratch, "parser.cjs");
  const stdin = { contents: 'export * from "@actions/workflow-parser"', resolveDir: repository };
  buildSync({ stdin, outfile, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  return createRequire(import.meta.url)(outfile) as typeof workflowParser;
}

const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = loadParser();

const folder = join(repository, ".github/workflows");
const names = readdirSync(folder).filter((name) => name.endsWith(".yml"));
const texts = new Map(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly permissions: Readonly<Record<string, string>>;
        readonly steps: readonly Step[];
        readonly "timeout-minutes": number;
      }
    >
  >;
}

const textOf = (name: string): string => texts.get(name) ?? "";
const read = (name: string): Workflow => parse(textOf(name)) as Workflow;
const stepsOf = (name: string): readonly Step[] =>
  Object.values(read(name).jobs).flatMap(({ steps }) => steps);

async function mistakes(name: string, content: string): Promise<readonly string[]> {
  const { context, value } = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const found = context.errors.getErrors().map(({ message }) => message);
  if (value === undefined || found.length > 0) return found;
  const { errors = [] } = await convertWorkflowTemplate(context, value);
  return errors.map(({ Message }) => Message);
}

test("there are three, and GitHub's parser finds no mistake in any", async () => {
  expect(names.toSorted()).toEqual(["comment.yml", "pull-request.yml", "sweep.yml"]);
  for (const [name, text] of texts) expect(await mistakes(name, text)).toEqual([]);
});

test.each([
  ["steps:", "stepz:"],
  ["runs-on: ubuntu-24.04", "runs-in: x"],
  ["contents: read", "contents: reed"],
  ["${{ github.base_ref }}", "${{ github.base_ref"],
  ["${{ runner.temp }}", "${{ runer.temp }}"],
])("the parser does find one: %s written as %s", async (right, wrong) => {
  const broken = textOf("pull-request.yml").replace(right, () => wrong);
  expect(await mistakes("broken.yml", broken)).not.toEqual([]);
});

test("actions are pinned by their whole commit, with the version beside it", () => {
  const used = [...texts.values()].flatMap((text) =>
    text.split("\n").filter((line) => /^\s*(?:- )?uses:/u.test(line)),
  );
  expect(used.length).toBeGreaterThan(5);
  expect(
    used.filter((line) => !/uses: actions\/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/u.test(line)),
  ).toEqual([]);
});

test("a step of ours is one make target, and nothing is put into its text", () => {
  const makefile = readFileSync(join(repository, "Makefile"), "utf8");
  const lines = names.flatMap((name) => stepsOf(name).flatMap(({ run }) => run ?? []));
  expect(lines.length).toBe(5);
  for (const line of lines) {
    const [, target = ""] = /^make (ci-[a-z]+)$/u.exec(line) ?? [];
    expect(makefile, line).toMatch(new RegExp(`^${target}:`, "mu"));
  }
});

test("what executes a branch may read, and what may write executes the default branch alone", () => {
  for (const name of names) {
    const { permissions, jobs } = read(name);
    expect(permissions).toEqual({});
    for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeGreaterThan(0);
  }
  expect(Object.keys(read("pull-request.yml").on)).toEqual(["pull_request"]);
  expect(read("pull-request.yml").jobs["compare"]?.permissions).toEqual({ contents: "read" });
  expect(read("sweep.yml").jobs["sweep"]?.permissions).toEqual({ contents: "read" });
  expect(textOf("pull-request.yml") + textOf("sweep.yml")).not.toMatch(/secrets\.|github\.token/u);

  expect(Object.keys(read("comment.yml").on)).toEqual(["workflow_run"]);
  const checkouts = stepsOf("comment.yml").filter(({ uses }) =>
    uses?.startsWith("actions/checkout@"),
  );
  expect(checkouts.map((step) => step.with?.["ref"])).toEqual([
    "${{ github.event.repository.default_branch }}",
  ]);
  const downloads = stepsOf("comment.yml").filter(({ uses }) => uses?.includes("download"));
  expect(downloads.map((step) => step.with?.["path"])).toEqual(["${{ runner.temp }}/document"]);
});

test("no checkout leaves its token behind", () => {
  const checkouts = names.flatMap((name) =>
    stepsOf(name).filter(({ uses }) => uses?.startsWith("actions/checkout@")),
  );
  expect(checkouts).toHaveLength(3);
  expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([
    false,
    false,
    false,
  ]);
});
