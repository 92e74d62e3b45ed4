import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultyProject, pointRows, verify } from "./faulty-project.ts";
import { createProject, exp, publishedRuns, repository, type Project } from "./project.ts";

async function trained(): Promise<{ project: Project; run: string }> {
  const project = faultyProject();
  const finished = await exp(project, ["experiments/line.ts"]);
  expect(finished.stderr).toContain("finished");
  const [run = ""] = publishedRuns(project);
  return { project, run };
}

test("a run is bitwise what it was, and every planted fault is told from the others by step, field and tensor", async () => {
  const { project, run } = await trained();
  const good = await verify(project, [run]);
  expect(good.verdict).toMatchObject({
    verdict: "bitwise",
    step: null,
    field: null,
    comparedSteps: 60,
  });
  expect(good.status).toBe(0);

  const order = await verify(project, [run], { FAULT: "order" });
  expect(order.verdict).toMatchObject({
    verdict: "diverged",
    step: 1,
    field: "batch",
    phase: "order",
  });
  expect(order.status).toBe(3);

  const initial = await verify(project, [run], { FAULT: "initial" });
  expect(initial.verdict).toMatchObject({ verdict: "diverged", step: 0, field: "parameters" });
  expect(initial.verdict).toMatchObject({ phase: "initial parameters", tensor: "bias" });

  const kernel = await verify(project, [run], { FAULT: "kernel" });
  expect(kernel.verdict).toMatchObject({ verdict: "diverged", step: 7, field: "loss" });
  expect(kernel.verdict).toMatchObject({ phase: "forward", tensor: "gradient/weight" });
  expect(kernel.verdict.coverage.join("\n")).toContain("the tensor is named at step 50");

  const rate = await verify(project, [run], { FAULT: "rate" });
  expect(rate.verdict).toMatchObject({ verdict: "diverged", step: 41, field: "loss" });
  expect(rate.verdict.coverage.join("\n")).toContain(
    "between step 2 and step 41 tensors were not compared",
  );

  project.write("points.tsv", pointRows().replace(/^[^\n]*\n/u, "0.5\t0.25\n"));
  const data = await verify(project, [run]);
  expect(data.verdict).toMatchObject({
    verdict: "diverged",
    step: 0,
    field: "data",
    comparedSteps: 0,
  });
  expect(data.verdict.reasons).toEqual(["changed points.tsv"]);
  expect(data.status).toBe(3);
}, 240_000);

test("--dense names the step and tensor of a wrong update between dense rows, where the original still comes out", async () => {
  const { project, run } = await trained();
  const file = join(project.directory, "fault");
  writeFileSync(file, ""); // the first execution that sees it uses it up
  const once = await verify(project, [run, "--dense"], { FAULT_FILE: file });
  expect(once.verdict).toMatchObject({ verdict: "diverged", step: 40, field: "parameters" });
  expect(once.verdict).toMatchObject({ phase: "update", tensor: "weight" });

  const always = await verify(project, [run, "--dense"], { FAULT: "rate" });
  expect(always.verdict).toMatchObject({ verdict: "diverged", step: 41, field: "loss" });
  expect(always.verdict.coverage.join("\n")).toContain("the original does not come out either");
}, 240_000);

test("another class is not comparable unless it is asked for, and then as near as it is", async () => {
  const { project, run } = await trained();
  const refused = await verify(project, [run, "--backend", "cpu"]);
  expect(refused.verdict.verdict).toBe("not comparable");
  expect(refused.verdict.reasons[0]).toMatch(/^environment class: wasm\/\d+ → cpu\//u);
  expect(refused.status).toBe(4);
  const wide = [run, "--backend", "cpu", "--across-classes", "--tolerance", "0.001"];
  const near = await verify(project, wide);
  expect(["bitwise", "metrics-equal", "within tolerance"]).toContain(near.verdict.verdict);
  expect(near.status).toBe(0);
  const steps = await verify(project, [run, "--steps", "5"]);
  expect(steps.verdict).toMatchObject({ verdict: "bitwise", comparedSteps: 5 });
}, 240_000);

test("verdicts are kept beside the run, and one that was signed is known by its key", async () => {
  const { project, run } = await trained();
  const { privateKey } = generateKeyPairSync("ed25519");
  project.write("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  await verify(project, [run, "--steps", "2", "--sign", "key.pem"]);
  const check = ["verify", run, "--check-attestations"];
  const sound = await exp(project, check);
  expect(sound.stdout).toContain("bitwise on wasm/");
  expect(sound.stdout).toContain("signature: valid");
  const folder = join(project.directory, "runs/.annotations", run);
  const file = join(folder, readdirSync(folder)[0] ?? "");
  writeFileSync(file, readFileSync(file, "utf8").replace('"bitwise"', '"diverged"'));
  const forged = await exp(project, check);
  expect(forged.stdout).toContain("signature: invalid");
  expect(forged.status).toBe(1);
}, 240_000);

test("a draw from nowhere in a task of one's own is found in its first figure", async () => {
  const task = `import { readFileSync } from "node:fs";
import { defineTask } from "lockstep";
import { z } from "zod";

export const { defineConfig } = defineTask({
  name: "drawing",
  schema: z.strictObject({ seed: z.int().default(0) }),
  run: async ({ log }) => {
    for (let step = 1; step <= 5; step++) {
      const noise = step < 3 ? 0 : Number.parseInt(readFileSync("/proc/sys/kernel/random/uuid", "utf8").slice(0, 8), 16);
      log.metrics(step, { "train.loss": 1 / step + noise });
    }
    return { "test.accuracy": 1 };
  },
});
`;
  const project = createProject({
    "task.ts": task,
    "experiments/drawing.ts": `import { defineConfig } from "../task.ts";\n\nexport default defineConfig({});\n`,
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  await exp(project, ["experiments/drawing.ts"]);
  const { verdict, status } = await verify(project, publishedRuns(project));
  expect(verdict).toMatchObject({ verdict: "diverged", step: 3, field: "train.loss" });
  expect(status).toBe(3);
}, 120_000);
