/** `exp diff` over a real git history. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { schemaErrors } from "../end-to-end/formats.ts";
import { base, child, gitIn, historyOf } from "../end-to-end/git-project.ts";
import { expInSameProcess as exp } from "../end-to-end/same-process.ts";

test("a branch, an experiment of a revision and a run are compared with what is here", async () => {
  const project = historyOf({}, ".."); // every path counts from the project, wherever the repository begins
  const trained = await exp(project, ["experiments/base.ts", "--json"]);
  expect(trained.status, trained.stderr).toBe(0);
  project.write("experiments/base.ts", base.replace("slope: 1", "slope: 1,\n  numSteps: 3"));
  project.write("experiments/child.ts", child("{ name: 'y', slope: choice(1, 2, 4) }"));

  project.write("experiments/broken.ts", `throw new Error("no wonder");\n${base}`);
  const range = await exp(project, ["diff", "main..", "--exit-code"]);
  expect(range.status, range.stderr).toBe(1);
  expect(range.stdout).not.toContain("project/");
  expect(range.stdout).toMatch(
    /^experiments\/broken\.ts\n {2}cannot be resolved after: .*no wonder/mu,
  );
  expect(range.stdout).toContain("Added: experiments/broken.ts");
  rmSync(join(project.directory, "experiments/broken.ts"));
  expect(range.stdout).toContain("numSteps  1 → 3   experiments/base.ts:3 · 2 experiments");
  expect(range.stdout).toContain("slope  1, 2 (2) → 1, 2, 4 (3)");
  expect(range.stdout).toContain("2 → 3 runs");
  expect(range.stdout).toMatch(/Names, places and handling: the same run\n {2}name {2}"x" → "y"/u);
  expect(range.stdout).toContain("reaches 1 experiment: experiments/child.ts");

  const one = await exp(project, [
    "diff",
    "main:experiments/base.ts",
    "experiments/base.ts",
    "--json",
  ]);
  expect(schemaErrors("diff", JSON.parse(one.stdout))).toEqual([]);
  const { experiments } = JSON.parse(one.stdout) as { experiments: [{ changes: unknown[] }] };
  expect(experiments[0].changes).toEqual([
    {
      kind: "replace",
      path: ["numSteps"],
      text: "numSteps",
      before: 1,
      value: 3,
      class: "result",
      origin: "experiments/base.ts:3",
    },
  ]);

  const [key] = [...trained.stdout.matchAll(/"runKey":"([0-9a-f]{64})"/gu)].map(
    (match) => match[1],
  );
  const run = await exp(project, ["diff", (key ?? "").slice(0, 12), "experiments/base.ts"]);
  expect(run.stdout, run.stderr).toContain("numSteps  1 → 3");
}, 120_000);

test("a hostile branch is compared statically without effect", async () => {
  const project = historyOf({});
  const git = gitIn(project);
  git("checkout", "-q", "-b", "hostile");
  const harm =
    'import { writeFileSync } from "node:fs";\nwriteFileSync("harm", "");\nprocess.exit(0);\n';
  project.write("experiments/child.ts", `${harm}${child("{ slope: 3 }")}`);
  project.write("experiments/a\tb.ts", base);
  project.write("experiments/dist/old.ts", base);
  git("add", ".");
  git("commit", "-qm", "harm");
  git("checkout", "-q", "main");
  const found = await exp(project, ["diff", "--static", "main..hostile"]);
  expect(found.status, found.stderr).toBe(0);
  expect(found.stdout).toContain("slope  choice(1, 2) → 3   experiments/child.ts:7");
  expect(found.stdout).toContain("Changed: experiments/child.ts#(module)");
  expect(found.stdout).toContain("Added: experiments/a\tb.ts");
  expect(found.stdout).toContain("1 experiment added"); // what lies in dist is none
  expect(found.stdout).toContain('writeFileSync("harm", "");');
  expect(existsSync(join(project.directory, "harm"))).toBe(false);
  expect(existsSync(join(project.directory, "experiments/harm"))).toBe(false);
}, 60_000);

test("a branch whose modules end the process or hang is compared all the same", async () => {
  const project = historyOf({ "experiments/other.ts": child("{ slope: 2 }") });
  const git = gitIn(project);
  git("checkout", "-q", "-b", "broken");
  project.write("experiments/base.ts", base.replace("slope: 1", "slope: 5"));
  project.write("experiments/child.ts", `process.exit(0);\n${child("{ slope: 3 }")}`);
  project.write(
    "experiments/other.ts",
    `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);\n${child("{ slope: 3 }")}`,
  );
  git("commit", "-qam", "broken");
  git("checkout", "-q", "main");
  const found = await exp(project, ["diff", "main..broken", "--timeout", "15", "--json"]);
  expect(found.status, found.stderr).toBe(0);
  const { experiments } = JSON.parse(found.stdout) as { experiments: Record<string, unknown>[] };
  expect(experiments).toMatchObject([
    { name: "experiments/base.ts", changes: [{ before: 1, value: 5 }] },
    { name: "experiments/child.ts", isOnBothSides: false },
    { name: "experiments/other.ts", problem: "after: evaluating it took longer than 15 s" },
  ]);
  expect(experiments[1]?.["problem"]).toMatch(
    /^after: .* ended with status 2; it printed ".*child\.ts:1/u,
  );

  const one = await exp(project, ["diff", "broken:experiments/child.ts", "experiments/child.ts"]);
  expect(one.status, one.stdout).toBe(2);
  expect(one.stderr).toContain("broken:experiments/child.ts cannot be resolved: the process");
}, 120_000);

test("wrong words are refused with what could be meant", async () => {
  const project = historyOf({});
  const refused = async (...args: readonly string[]): Promise<string> => {
    const { status, stderr } = await exp(project, ["diff", ...args]);
    expect(status, stderr).toBe(2);
    return stderr;
  };
  expect(await refused("nowhere..")).toContain("nowhere is no commit of this repository");
  expect(await refused("--static", "main...HEAD")).toContain("git merge-base main HEAD");
  expect(await refused("experiments/base.ts")).toContain("compared with what?");
  expect(await refused("0a1b2c", "experiments/base.ts")).toContain(
    "the first 8 to 64 digits of its key or hash; 0a1b2c has 6 hex digits",
  );
  expect(await refused("experiments/bse.ts", "main..")).toContain("experiments/bse.ts is no file");
  for (const options of [[], ["--static"]]) {
    const words = await refused("main:experiments/no.ts", "experiments/base.ts", ...options);
    expect(words).toContain("the revision has no module experiments/no.ts");
  }
  expect(await refused("main..", "--timeout", "0")).toContain(
    "expected seconds, more than 0 and at most 86400",
  );
  expect(await refused("main..", "--json", "--html")).toContain("ask for two formats");
}, 240_000);

const presets = `
import { line } from "../../line.ts";
export const size = line.profiles("size", { small: { numSteps: 2 }, same: { slope: 1 } });
export const speed = line.profiles("speed", { small: { slope: 5 } });
`;

test("presets and config hashes are compared with anything, and the document says what the sides are", async () => {
  const project = historyOf({
    "experiments/presets/all.ts": presets,
    "experiments/child.ts": child("{ slope: choice(2, 3) }"),
  });
  const plan = await exp(project, ["plan", "experiments/child.ts", "--json"]);
  const { runs } = JSON.parse(plan.stdout) as { runs: { configHash: string }[] };
  const [first = "", second = ""] = runs.map(({ configHash }) => configHash);
  const points = await exp(project, ["diff", first, second, "--json"]);
  expect(points.status, points.stderr).toBe(0);
  expect(JSON.parse(points.stdout)).toMatchObject({
    sides: {
      before: { kind: "config", name: "child", configHash: first },
      after: { kind: "config", name: "child", configHash: second },
    },
    experiments: [{ changes: [{ path: ["slope"], before: 2, value: 3 }] }],
  });

  const preset = await exp(project, ["diff", "size=small", "experiments/child.ts"]);
  expect(preset.stdout, preset.stderr).toContain("numSteps  2 → 1");
  expect(preset.stdout).not.toContain("slope  ");
  const both = await exp(project, ["diff", "speed=small", "same", "--json"]);
  expect(JSON.parse(both.stdout), both.stderr).toMatchObject({
    sides: { before: { kind: "preset", name: "speed=small" }, after: { name: "size=same" } },
    experiments: [{ changes: [{ before: 5, value: 1, origin: "experiments/presets/all.ts:3" }] }],
  });
  const unclear = await exp(project, ["diff", "small", first]);
  expect([unclear.status, unclear.stderr]).toEqual([
    2,
    "small may mean size=small or speed=small.\nWrite the group before it.\n",
  ]);
}, 120_000);
