/** `exp fsck` as a user meets it: text, JSON, exit status, repair, and the run made again. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, publishedRuns, tinyProject } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

test("a damaged run is found, moved aside, and made again", async () => {
  const project = createProject(tinyProject);
  const run = (...args: string[]): ReturnType<typeof exp> => exp(project, args);
  expect((await run("experiments/tiny.ts")).status).toBe(0);
  const whole = await run("fsck");
  expect(whole.stdout).toMatch(/^runs: 1 run, 0 attempts, .*; nothing is wrong\n$/);
  expect(whole.status).toBe(0);
  const [directory = ""] = publishedRuns(project);
  const results = join(project.directory, "runs", directory, "results/metrics.json");
  writeFileSync(results, readFileSync(results, "utf8").replace(/\d/, "7$&"));
  symlinkSync("/etc/passwd", join(project.directory, "runs", directory, "logs/passwd"));

  const found = await run("fsck");
  expect(found.status).toBe(1);
  expect(found.stdout).toContain(
    `error  ${directory}\n  This is no whole run: results/metrics.json`,
  );
  expect(found.stdout).toContain("  --repair: moved to .trash/\n");
  const repaired = await run("fsck", "--repair", "--json");
  expect(repaired.status).toBe(0);
  expect(JSON.parse(repaired.stdout)).toMatchObject({
    format: "lockstep/fsck/1",
    directory: "runs",
    numRuns: 0,
    findings: [{ code: "damaged-run", path: directory, isRepaired: true }],
  });
  expect((await run("experiments/tiny.ts")).status).toBe(0);
  expect(publishedRuns(project)).toEqual([directory]);
  expect((await run("fsck")).status).toBe(0);
});
