import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, tinyProject, type Project } from "./project.ts";

function recordedThreads(project: Project, directory = ""): unknown {
  const text = readFileSync(join(project.directory, directory, "environment.json"), "utf8");
  const { backend } = JSON.parse(text) as { backend: { threads: unknown } };
  return backend.threads;
}

const tooMany = availableParallelism() + 1;

test("--threads is recorded and warned about, and changes neither identity nor results", async () => {
  const [one, many] = [createProject(tinyProject), createProject(tinyProject)];
  const environment = { LOCKSTEP_THREADS: "1" };
  const [first, second] = await Promise.all([
    exp(one, ["experiments/tiny.ts", "--json"], { environment }),
    exp(many, ["experiments/tiny.ts", "--json", "--threads", String(tooMany)], { environment }),
  ]);
  expect([first.status, second.status]).toEqual([0, 0]);
  expect(document(second)).toEqual(document(first));
  expect(recordedThreads(one, document(first).runs[0]?.directory)).toBe(1);
  expect(recordedThreads(many, document(second).runs[0]?.directory)).toBe(tooMany);
  expect(first.stderr).not.toContain("threads");
  expect(second.stderr).toContain(`${tooMany} threads share`);
});

test("a wrong number of threads is refused before anything is computed", async () => {
  const project = createProject(tinyProject);
  const flag = await exp(project, ["experiments/tiny.ts", "--threads", "0"]);
  expect(flag.status).toBe(2);
  expect(flag.stderr).toContain('--threads is a whole number from 1 to 1024, found "0"');
  const environment = { LOCKSTEP_THREADS: "all" };
  const variable = await exp(project, ["experiments/tiny.ts"], { environment });
  expect(variable.status).not.toBe(0);
  expect(variable.stderr).toContain('LOCKSTEP_THREADS is "all"');
});
