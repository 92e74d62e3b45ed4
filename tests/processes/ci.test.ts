/** `exp ci` and `exp snapshot` over a branch that does a bit of everything. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { schemaErrors } from "../end-to-end/formats.ts";
import { base, child, gitIn, historyOf } from "../end-to-end/git-project.ts";
import { document, exp, type Project } from "../end-to-end/project.ts";

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, "utf8"));

/** An experiment that only the command line can give a slope. */
const wanting = `import { required } from "lockstep";\n${base.replace("slope: 1", "slope: required()")}`;

async function runKeyOf(project: Project, ...args: readonly string[]): Promise<string> {
  const finished = await exp(project, [...args, "--json"]);
  expect(finished.status, finished.stderr).toBe(0);
  return document(finished).runs[0]?.runKey.slice(0, 16) ?? "";
}

test("a branch: experiments that changed, came, went and broke, and runs that match no longer", async () => {
  const files = {
    "experiments/gone.ts": child("{ slope: 7 }"),
    "experiments/other.ts": child("{ slope: 2 }"),
  };
  const project = historyOf(files, ".."); // of its repository a part
  const plain = await runKeyOf(project, "experiments/base.ts");
  await runKeyOf(project, "experiments/base.ts", "numSteps=7"); // still what its overrides give
  const gone = await runKeyOf(project, "experiments/gone.ts");
  gitIn(project)("checkout", "-q", "-b", "branch");
  project.write("experiments/base.ts", base.replace("slope: 1", "slope: 1,\n  numSteps: 3"));
  project.write("experiments/other.ts", `process.exit(0);\n${child("{ slope: 3 }")}`);
  project.write("experiments/new.ts", child("{ slope: 9 }"));
  project.write("experiments/new-broken.ts", `throw new Error("no wonder");\n${base}`);
  project.write("experiments/new-wanting.ts", wanting);
  rmSync(join(project.directory, "experiments/gone.ts"));

  const found = await exp(project, ["ci", "--to", "ci.json"]);
  expect(found.status, found.stderr).toBe(1); // other.ts could be resolved before
  expect(found.stdout).toContain("finished run would be made anew");
  const written = readJson(join(project.directory, "ci.json")) as Record<string, unknown>;
  expect(schemaErrors("ci", written)).toEqual([]);
  expect(schemaErrors("diff", written["diff"])).toEqual([]);
  expect(written["experiments"]).toMatchObject([
    { file: "experiments/base.ts", status: "changed", numRuns: { before: 1, after: 1 } },
    { file: "experiments/child.ts", status: "changed", through: ["experiments/base.ts"] },
    { file: "experiments/gone.ts", status: "removed", numRuns: { before: 1 } },
    {
      file: "experiments/new-broken.ts",
      status: "unresolved",
      problems: { after: expect.stringContaining("no wonder") as string },
    },
    { file: "experiments/new-wanting.ts", status: "added", problems: {} },
    { file: "experiments/new.ts", status: "added", numRuns: { after: 1 } },
    { file: "experiments/other.ts", status: "unresolved", numRuns: { before: 1 } },
  ]);
  expect(written["runs"]).toEqual({
    numChecked: 3,
    numDamaged: 0,
    unmatched: [
      { run: plain, experiment: "base", overrides: [], status: "changed" },
      { run: gone, experiment: "gone", overrides: [], status: "gone" },
    ].toSorted((a, b) => (a.run < b.run ? -1 : 1)),
  });

  // The other job has nothing but the document.
  const comment = await exp(project, ["ci", "comment", "ci.json"]);
  expect(comment.status, comment.stderr).toBe(0);
  expect(comment.stdout).toMatch(
    /^<!-- lockstep\/ci -->\n### Experiments: `main \([0-9a-f]{12}\)`/u,
  );
  expect(comment.stdout).toContain("| `numSteps` | `1` | `3` |");
  project.write("ci.json", JSON.stringify({ ...written, more: "<script>" }));
  const refused = await exp(project, ["ci", "comment", "ci.json"]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('Unrecognized key: "more"');
}, 240_000);

test("snapshots are written, go stale with what changed, and are removed with their experiment", async () => {
  const project = historyOf({
    "experiments/new/other.ts": child("{ slope: 2 }")
      .replaceAll('"../', '"../../')
      .replace('"./base', '"../base'),
  });
  const snapshot = (...args: readonly string[]): ReturnType<typeof exp> =>
    exp(project, ["snapshot", ...args]);
  const written = await snapshot();
  expect(written.status, written.stderr).toBe(0);
  const kept = join(project.directory, "experiments/snapshots/child.json");
  expect(readJson(kept)).toMatchObject({
    experiment: "experiments/child.ts",
    numRuns: 2,
    config: { slope: 1 },
    runs: [{ axisValues: { slope: 1 } }, { changes: [{ path: ["slope"], value: 2 }] }],
  });
  expect((await snapshot("--check")).stdout).toContain("3 snapshots, 3 fresh.");

  const bytes = readFileSync(kept);
  project.write("experiments/base.ts", base.replace("slope: 1", "slope: 1,\n  numSteps: 3"));
  rmSync(join(project.directory, "experiments/new/other.ts"));
  const stale = await snapshot("--check");
  expect(stale.status).toBe(1);
  expect(stale.stdout).toContain("numSteps  1 → 3   experiments/base.ts:3 · 2 experiments");
  expect(stale.stdout).toContain("orphaned  experiments/snapshots/new/other.json");
  expect(readFileSync(kept).equals(bytes)).toBe(true);

  writeFileSync(join(project.directory, "experiments/snapshots/mine.json"), "{}");
  // One that wants values has no snapshot, and that is said; one that is broken is no such thing.
  project.write("experiments/wanting.ts", wanting);
  const whole = await snapshot();
  expect(whole.status, whole.stdout).toBe(0);
  expect(whole.stdout).toContain("1 experiment without a snapshot: what changes there is not seen");
  expect(existsSync(join(project.directory, "experiments/snapshots/new/other.json"))).toBe(false);
  expect(existsSync(join(project.directory, "experiments/snapshots/mine.json"))).toBe(true);
  project.write("experiments/broken.ts", `throw new Error("no wonder");\n${base}`);
  const broken = await snapshot("--check");
  expect(broken.status).toBe(1);
  expect(broken.stdout).toMatch(
    /unresolved {2}experiments\/snapshots\/broken\.json {2}.*no wonder/u,
  );
}, 240_000);
