/** A finished run with other values, by today's code and by its own. */
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, repository, type Project } from "../end-to-end/project.ts";

const task = (bonus: number): string => `import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";

const part = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("plain"), size: z.number() }),
  z.strictObject({ kind: z.literal("odd"), odds: z.array(z.number()) }),
]);
export const numeric = defineTask({
  name: "numeric",
  schema: z.strictObject({ ...envelopeFields, factor: z.number(), double: z.number(), part, text: z.string() }),
  run: async ({ config }) => ({ value: config.factor + config.double + ${bonus} }),
});
`;

const experiment = `import { choice, derived } from "lockstep";
import { numeric } from "../task.ts";

export default numeric.defineConfig({
  factor: choice(1, 2),
  double: derived((config: { factor: number }) => 2 * config.factor),
  part: choice({ kind: "plain", size: 1 }, { kind: "odd", odds: [1.5, 2] }),
  text: "a, 'b' \\"c\\" \\\\ \${x}",
});
`;

function numericProject(): Project {
  const project = createProject({ "task.ts": task(0), "experiments/numeric.ts": experiment });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  return project;
}

test("one run of a sweep is run again with other values, by today's code and by the stored one", async () => {
  const project = numericProject();
  const swept = document(await exp(project, ["experiments/numeric.ts", "--json"]));
  expect(swept.runs.map(({ metrics }) => metrics["value"])).toEqual([3, 3, 6, 6]);
  const odd = swept.runs[3];
  const name = odd?.runKey.slice(0, 12) ?? "";
  const config = (directory = ""): unknown =>
    JSON.parse(readFileSync(join(project.directory, directory, "config.json"), "utf8"));

  const same = await exp(project, ["rerun", name, "--json"]);
  expect(same.stderr).toContain("  config       same\n  code         same\n  data         same");
  expect(document(same).runs).toMatchObject([{ runKey: odd?.runKey, status: "finished" }]);

  project.write("task.ts", task(100));
  const today = await exp(project, ["rerun", name, "factor=5", "--json"]);
  expect(today.status, today.stderr).toBe(0);
  expect(today.stderr).toContain("  config       double 4 → 10; factor 2 → 5\n");
  expect(today.stderr).toContain("  code         changed task.ts\n");
  expect(document(today).runs.map(({ metrics }) => metrics)).toEqual([{ value: 115 }]);

  const stored = await exp(project, ["replay", name, "factor=5", "--json"]);
  expect(stored.status, stored.stderr).toBe(0);
  const [again] = document(stored).runs;
  expect(again?.metrics).toEqual({ value: 15 });
  expect(config(again?.directory)).toEqual({
    ...(config(odd?.directory) as object),
    factor: 5,
    double: 10,
  });
  const wrong = await exp(project, ["replay", name, "factr=5"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("Did you mean factor?");
});

test("--reuse config takes a finished run whose code is another, and says so wherever it is seen", async () => {
  const project = numericProject();
  const [file, part] = ["experiments/numeric.ts", "part={kind:odd,odds:[1]}"];
  const [before] = document(await exp(project, [file, "factor=1", part, "--json"])).runs;
  project.write("task.ts", task(100));
  const sweep = [file, part, "--reuse", "config"];
  const plan = await exp(project, ["plan", ...sweep]);
  expect(plan.stdout).toContain(
    `run 1 is NOT executed; it takes the results of ${before?.runKey.slice(0, 16)} (numeric, finished ${new Date().toISOString().slice(0, 10)} `,
  );
  expect(plan.stdout).toContain(" UTC), whose code is another (code: changed task.ts)");
  expect(plan.stdout).toMatch(/ reused +code\n.* planned +config, code\n/u);
  const { status, stdout, stderr } = await exp(project, [...sweep, "--json"]);
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("run 1 is NOT executed");
  expect(stderr).toContain(`reused from ${before?.runKey.slice(0, 8)}, other code`);
  const { runs } = JSON.parse(stdout) as { runs: readonly Record<string, unknown>[] };
  const from = { runKey: before?.runKey, experiment: "numeric", differing: ["code"] };
  expect(runs).toMatchObject([
    { metrics: { value: 3 }, reusedFrom: { ...from, endTime: expect.stringMatching(/Z$/u) } },
    { metrics: { value: 106 } },
  ]);
  expect(runs[1]).not.toHaveProperty("reusedFrom");
  const exact = await exp(project, ["plan", file, part, "--expect-no-changes"]);
  expect(exact.status).toBe(1);
  const expected = await exp(project, ["plan", ...sweep, "--expect-no-changes"]);
  expect([expected.status, expected.stderr]).toEqual([0, ""]);
});
