/** What is known to be wrong before a run is said before any run starts. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, publishedRuns, tinyProject } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

test("a sweep with one run that cannot start runs none, and says which and why", async () => {
  const project = createProject(tinyProject);
  const refused = await exp(project, [
    "experiments/tiny.ts",
    "training.numSteps=3,4",
    "data.sequenceLength=8,20",
  ]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("contextLength");
  expect(publishedRuns(project)).toEqual([]);
  expect(existsSync(join(project.directory, "runs/.attempts"))).toBe(false);
});

test("what only the data shows is found for every run of a sweep at once", async () => {
  const project = createProject(tinyProject);
  const overrides = ["schedule.warmupSteps=3,9999", "seed=1,2"];
  const refused = await exp(project, ["experiments/tiny.ts", ...overrides]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("2 of 4 runs cannot start; nothing was run.");
  expect(refused.stderr).toMatch(
    /schedule\.warmupSteps: 9999 steps of warm-up in a run of \d+ steps .*\(in schedule\.warmupSteps=9999 seed=1; schedule\.warmupSteps=9999 seed=2\)/u,
  );
  expect(refused.stderr).toContain("use schedule.warmupFraction=0.1");
  expect(publishedRuns(project)).toEqual([]);
});

test("exp check reports sizes, the first batch and estimates, and leaves no run", async () => {
  const project = createProject(tinyProject);
  const text = await exp(project, ["check", "experiments/tiny.ts", "seed=1,2"]);
  expect(text.status).toBe(0);
  expect(text.stdout).toMatch(/^tiny: 2 runs checked, nothing wrong$/mu);
  expect(text.stdout).toMatch(
    /^data +delimited: \d+ train, \d+ validation, \d+ test examples, 2 classes$/mu,
  );
  expect(text.stdout).toMatch(/^model +bert: [\d,]+ parameters$/mu);
  expect(text.stdout).toMatch(
    /^first batch +loss 0\.\d{4}, gradient norm \d\.\d{4} {2}\(seed=1\)$/mu,
  );
  expect(text.stdout).toMatch(
    /^memory +about .+ a run, 280 MB of it for Node\.js and the kernels; .+ are there; --jobs N needs N times as much$/mu,
  );
  const json = await exp(project, ["check", "experiments/tiny.ts", "--json"]);
  const document = JSON.parse(json.stdout) as { runs: { numDiskBytes: number }[] };
  expect(document.runs[0]?.numDiskBytes).toBeGreaterThan(1_000);
  expect(publishedRuns(project)).toEqual([]);
});
