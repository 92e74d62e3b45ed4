/** The rules over what experiments resolve to, and mending, on projects of their own. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lintProject, type LintRequest } from "../../../../src/app/lint/lint-project.ts";
import type { LintReport } from "../../../../src/app/lint/lint-report.ts";
import { resolveExperiment } from "../../../../src/resolve/resolve.ts";
import { createProject, repository, type Project } from "../../../end-to-end/project.ts";

const task = `import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";
const stop = z.strictObject({ patience: z.int().default(3), minDelta: z.number().default(0) });
export const line = defineTask({
  name: "line",
  schema: z.strictObject({
    ...envelopeFields,
    slope: z.number(),
    fit: z.strictObject({ steps: z.int().default(1), stop: stop.prefault({}) }).prefault({}),
    shape: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("flat"), height: z.number().default(1) }),
      z.strictObject({ kind: z.literal("steep"), height: z.number().default(1) }),
    ]).prefault({ kind: "flat" }),
  }),
  run: ({ config }) => Promise.resolve({ slope: config.slope }),
});
export const { defineConfig, extend, presets } = line;
`;
const base = `import { defineConfig } from "../line.ts";
export default defineConfig({ slope: 1, fit: { steps: 5 }, shape: { kind: "flat", height: 2 } });
`;

function child(text: string, parent = "base"): string {
  return `import { choice, required } from "lockstep";
import { extend, presets } from "../line.ts";
import base from "./${parent}.ts";
${text}`;
}

function projectWith(files: Readonly<Record<string, string>>): Project {
  const project = createProject({ "line.ts": task, "experiments/base.ts": base, ...files });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  return project;
}

function look(project: Project, request: Partial<LintRequest> = {}): Promise<LintReport> {
  const { directory } = project;
  return lintProject({
    workingDirectory: directory,
    environment: {},
    files: ["experiments"],
    ruleIds: ["override-without-effect", "set-twice", "missing-alias"],
    isStatic: false,
    isFixing: false,
    ...request,
  });
}

function told({ findings }: LintReport): readonly string[] {
  return findings.map(({ file, line, rule, edits }) => {
    return `${file}:${line} ${rule}${edits === undefined ? "" : " fix"}`;
  });
}

interface Mended {
  readonly what: string;
  readonly rule: string;
  readonly before: string;
  readonly after: string;
}

const mended: readonly Mended[] = [
  {
    what: "a value that equals the inherited one",
    rule: "override-without-effect",
    before: "export default extend(base, {\n  slope: 1, // as before\n  fit: { steps: 7 },\n});\n",
    after: "export default extend(base, {\n  fit: { steps: 7 },\n});\n",
  },
  {
    what: "an object of which nothing is left",
    rule: "override-without-effect",
    before: "export default extend(base, { slope: 3, fit: { steps: 5 } });\n",
    after: "export default extend(base, { slope: 3 });\n",
  },
  {
    what: "several values, with the comments above them",
    rule: "override-without-effect",
    before:
      "export default extend(base, {\n  // one\n  slope: 1,\n  /** five */\n  fit: {\n    steps: 5,\n  },\n  seed: 4,\n});\n",
    after: "export default extend(base, {\n  seed: 4,\n});\n",
  },
  {
    what: "a layer of which nothing is left",
    rule: "override-without-effect",
    before: "export default extend(base, { slope: 3 }, { fit: { steps: 5 }, seed: 0 });\n",
    after: "export default extend(base, { slope: 3 }, { seed: 0 });\n",
  },
  {
    what: "the only layer",
    rule: "override-without-effect",
    before: "export default extend(base, {\n  slope: 1,\n  fit: {\n    steps: 5,\n  },\n});\n",
    after: "export default extend(base);\n",
  },
  {
    what: "the first layer of several",
    rule: "set-twice",
    before: "export default extend(base, { slope: 2 }, { slope: 3 });\n",
    after: "export default extend(base, { slope: 3 });\n",
  },
  {
    what: "a constant that is called as the key",
    rule: "constant-duplicates-config",
    before: "const slope = 4;\nexport default extend(base, { slope: 4, seed: 1 });\n",
    after: "const slope = 4;\nexport default extend(base, { slope, seed: 1 });\n",
  },
  {
    what: "a value that a later argument of the call sets again",
    rule: "set-twice",
    before: "export default extend(base, { slope: 2, seed: 1 }, { slope: 3 });\n",
    after: "export default extend(base, { seed: 1 }, { slope: 3 });\n",
  },
  {
    what: "a constant",
    rule: "constant-duplicates-config",
    before: "export const SLOPE = 4;\nexport default extend(base, { slope: 4 });\n",
    after: "export const SLOPE = 4;\nexport default extend(base, { slope: SLOPE });\n",
  },
  {
    what: "a suppression that is not needed",
    rule: "unused-suppression",
    before: "export default extend(base, { slope: 4 }); // lint-ignore set-twice: a test\n",
    after: "export default extend(base, { slope: 4 });\n",
  },
];

async function hashesOf(project: Project): Promise<readonly string[]> {
  const { directory } = project;
  const file = "experiments/child.ts";
  const { runs } = await resolveExperiment({ file, overrides: [], workingDirectory: directory });
  return runs.map(({ configHash }) => configHash);
}

describe("mended without another hash, and not found again", () => {
  test.each(mended)("$rule: $what", async ({ rule, before, after }) => {
    const project = projectWith({ "experiments/child.ts": child(before) });
    const hashes = await hashesOf(project);
    const ruleIds = [rule, "set-twice"];
    const first = await look(project, { ruleIds });
    expect(told(first)).toEqual(
      [expect.stringContaining(`${rule} fix`)].concat(told(first).slice(1)),
    );
    expect(readFileSync(join(project.directory, "experiments/child.ts"), "utf8")).toBe(
      child(before),
    );
    const { findings, fixed } = await look(project, { ruleIds, isFixing: true });
    expect(findings).toEqual([]);
    expect(fixed.length).toBe(first.findings.length);
    expect(readFileSync(join(project.directory, "experiments/child.ts"), "utf8")).toBe(
      child(after),
    );
    expect(await hashesOf(project)).toEqual(hashes);
    expect(told(await look(project, { ruleIds }))).toEqual([]);
  });
});

test("values that have an effect are left alone", async () => {
  const project = projectWith({
    "experiments/kind.ts": child(
      'export default extend(base, { shape: { kind: "flat", height: 3 } });\n',
    ),
    "experiments/axis.ts": child("export default extend(base, { slope: choice(1, 2) });\n"),
    "experiments/switched.ts": child(
      'export default extend(base, { shape: { kind: "steep" } }, { shape: { height: 2 } });\n',
    ),
    "experiments/preset.ts": child(
      'const fit = presets("fit", { quick: { steps: 5 } });\nexport default extend(base, fit.quick);\n',
    ),
    "experiments/back.ts": child(
      "const middle = extend(base, { slope: 2 });\nexport default extend(middle, { slope: 1 });\n",
    ),
  });
  const found = await look(project, { ruleIds: ["override-without-effect"] });
  expect(told(found)).toEqual([]);
});

test("two edits that are right alone and wrong together are not both made", async () => {
  const text = "export default extend(base, { slope: 4 }, { slope: 4 });\n";
  const project = projectWith({ "experiments/child.ts": child(text) });
  const hashes = await hashesOf(project);
  const { fixed } = await look(project, { isFixing: true });
  expect(fixed.length).toBe(1);
  expect(await hashesOf(project)).toEqual(hashes);
  expect(readFileSync(join(project.directory, "experiments/child.ts"), "utf8")).toContain(
    "slope: 4",
  );
});

test("a path that is set at every station of a chain is told at the last", async () => {
  const project = projectWith({
    "experiments/second.ts": child("export default extend(base, { slope: 2 });\n"),
    "experiments/third.ts": child("export default extend(base, { slope: 3 });\n", "second"),
  });
  const { findings } = await look(project);
  expect(findings.map(({ file, line, message }) => [file, line, message])).toEqual([
    [
      "experiments/third.ts",
      4,
      "slope is set 3 times along the chain (experiments/base.ts:2, experiments/second.ts:4, experiments/third.ts:4); at most 2 times are meant to. Build on an earlier experiment, or leave it to the last one.",
    ],
  ]);
});

test("a chain that is too long is told where it begins to be, not at each of its ends", async () => {
  const project = projectWith({
    "experiments/second.ts": child("export default extend(base, { slope: 2 });\n"),
    "experiments/third.ts": child("export default extend(base, { slope: 3 });\n", "second"),
    "experiments/fourth.ts": child("export default extend(base, { slope: 4 });\n", "third"),
    "experiments/other.ts": child("export default extend(base, { slope: 5 });\n", "third"),
  });
  const { findings } = await look(project);
  expect(findings.map(({ file, message }) => [file, message.slice(0, 160)])).toEqual([
    [
      "experiments/third.ts",
      expect.stringContaining("experiments/third.ts:4), which 3 experiments build on; at most"),
    ],
  ]);
  expect(told(await look(project, { files: ["experiments/other.ts"] }))).toEqual([
    "experiments/other.ts:4 set-twice",
  ]);
});

test("a deep path that many change wants a short name, until it has one", async () => {
  const files = Object.fromEntries(
    ["one", "two", "three"].map((name, index) => [
      `experiments/${name}.ts`,
      child(`export default extend(base, { fit: { stop: { patience: ${index + 10} } } });\n`),
    ]),
  );
  const project = projectWith(files);
  expect(told(await look(project))).toEqual(["experiments/one.ts:4 missing-alias"]);
  project.write(
    "line.ts",
    task.replace('name: "line",', 'name: "line", aliases: { patience: "fit.stop.patience" },'),
  );
  expect(told(await look(project))).toEqual([]);
});

test("an experiment that cannot be evaluated is told, and its source is looked at all the same", async () => {
  const project = projectWith({
    "experiments/odd.ts": child("export default extend(base, { slope: Math.random() });\n"),
    "experiments/open.ts": child(
      "export default extend(base, { slope: required(), seed: 0 }, { seed: 0 });\n",
    ),
  });
  const report = await look(project, {
    ruleIds: ["ambient-randomness", "override-without-effect"],
  });
  expect(told(report)).toEqual([
    "experiments/odd.ts:4 ambient-randomness",
    "experiments/open.ts:4 override-without-effect fix",
  ]);
  expect(report.failures.map(({ file }) => file)).toEqual(["experiments/odd.ts"]);
  expect(report.incomplete).toEqual([]);
});

test("where a condition hangs on required(), or no value can be found for it, nothing is told but that", async () => {
  const project = projectWith({
    "experiments/depends.ts": child(
      "export default extend(base, { slope: required(), seed: 0 }, when((c) => c.slope > 1, { seed: 1 }), { seed: 0 });\n",
    ).replace("required }", "required, when }"),
    "experiments/whole.ts": child(
      "export default extend(base, { fit: required(), seed: 0 }, { seed: 0 });\n",
    ),
  });
  const report = await look(project, { ruleIds: ["override-without-effect"] });
  expect(report.failures).toEqual([]);
  expect(told(report)).toEqual([]);
  expect(report.incomplete).toEqual(["experiments/depends.ts", "experiments/whole.ts"]);
});

test("what is looked at: what is named, what the settings name, else experiments with their imports", async () => {
  const project = projectWith({ "other/x.ts": "export const x = Date.now();\n" });
  const ruleIds = ["missing-description", "ambient-clock"];
  const filesOf = async (files: readonly string[]): Promise<readonly string[]> => {
    const { findings } = await look(project, { files, ruleIds, isStatic: true });
    return [...new Set(findings.map(({ file }) => file))];
  };
  expect(await filesOf([])).toEqual(["line.ts"]);
  expect(await filesOf(["experiments"])).toEqual([]);
  expect(await filesOf(["other", "line.ts"])).toEqual(["line.ts", "other/x.ts"]);
  project.write("lockstep.config.ts", 'export default { lint: { folders: ["other"] } };\n');
  expect(await filesOf([])).toEqual(["other/x.ts"]);
  await expect(filesOf(["nowhere.ts"])).rejects.toThrow("nowhere.ts does not exist.");
  await expect(filesOf([".."])).rejects.toThrow("lies outside of the project.");
  project.write("empty/readme.md", "");
  await expect(filesOf(["empty"])).rejects.toThrow("There is no module in empty.");
  await expect(look(project, { ruleIds: ["ambient-clok"] })).rejects.toThrow("There is no rule");
});

test("statically nothing of a project is run", async () => {
  const hostile = `import { writeFileSync } from "node:fs";
writeFileSync("hacked", "");
process.exit(9);
export default 1;
`;
  const project = projectWith({ "experiments/hostile.ts": hostile, "lockstep.config.ts": hostile });
  await expect(look(project, { ruleIds: [], isStatic: true })).rejects.toThrow("cannot be used");
  project.write("lockstep.config.ts", "export default {};");
  const { findings } = await look(project, { ruleIds: [], isStatic: true });
  expect(findings).toEqual([]);
});
