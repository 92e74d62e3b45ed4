/** One trained run that is verified in many ways, none of which changes it. */
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject, exp, publishedRuns, repository } from "../end-to-end/project.ts";
import { faultyProject, pointRows, verify, verifyAll } from "./faulty-project.ts";

const project = faultyProject(afterAll);
let run = "";

beforeAll(async () => {
  await exp(project, ["experiments/line.ts"]);
  [run = ""] = publishedRuns(project);
});

test("a run is bitwise what it was, and every planted fault is told from the others by step, field and tensor", async () => {
  const faults = ["", "order", "initial", "kernel", "rate", "unseeded", "evaluation", "last"];
  const args = [run];
  const all = await verifyAll(
    project,
    faults.map((fault) => ({ args, fault })),
  );
  const [good, order, initial, kernel, rate, unseeded, evaluation, last] = all;
  expect(all.map(({ status }) => status)).toEqual([0, 3, 3, 3, 3, 3, 3, 3]);
  expect(good?.verdict).toMatchObject({ verdict: "bitwise", step: null, comparedSteps: 60 });
  expect(order?.verdict).toMatchObject({ step: 1, field: "batch", phase: "order" });
  expect(initial?.verdict).toMatchObject({ step: 0, field: "parameters", tensor: "bias" });
  expect(initial?.verdict).toMatchObject({ phase: "initial parameters" });
  expect(kernel?.verdict).toMatchObject({ step: 7, field: "loss", tensor: "gradient/weight" });
  expect(kernel?.verdict).toMatchObject({ phase: "update or forward" }); // parameters were compared at step 2
  expect(kernel?.verdict.coverage.join("\n")).toContain("the tensor is named at step 50");
  expect(rate?.verdict).toMatchObject({ verdict: "diverged", step: 41, field: "loss" });
  expect(rate?.verdict.phase).toBe("update or forward"); // it was the update of step 40
  expect(rate?.verdict.coverage.join("\n")).toContain(
    "between step 2 and step 41 tensors were not compared",
  );
  expect(unseeded?.verdict).toMatchObject({ step: 30, field: "loss" });
  expect(evaluation?.verdict).toMatchObject({ step: 60, phase: "evaluation" });
  expect(last?.verdict).toMatchObject({ step: 60, phase: "update" });
});

test("from a checkpoint, the steps after it are executed alone, and a fault among them is located", async () => {
  const from = (where: string): readonly string[] => [run, "--from", where];
  const all = await verifyAll(project, [
    { args: from("45") },
    { args: from("step-000020"), fault: "rate" },
    { args: from("20"), fault: "kernel" },
  ]);
  const [good, rate, before] = all;
  expect(all.map(({ status }) => status)).toEqual([0, 3, 0]);
  expect(good?.verdict).toMatchObject({ verdict: "bitwise", fromStep: 40, comparedSteps: 20 });
  expect(good?.verdict.coverage[0]).toMatch(
    /^went on from the run's own checkpoint step-000040 \(step 40, SHA-256 [0-9a-f]{16}\): steps 1 to 40 were not executed$/u,
  );
  expect(rate?.verdict).toMatchObject({ verdict: "diverged", step: 41, field: "loss" });
  expect(before?.verdict).toMatchObject({ verdict: "bitwise", fromStep: 20, comparedSteps: 40 });
  const last = await exp(project, ["verify", run, "--from", "60"]);
  expect([last.status, last.stdout]).toEqual([2, ""]);
  expect(last.stderr).toContain("(step 60) is at the end of the run: no step comes after it");
  expect(last.stderr).toContain("It has step-000020 (step 20), step-000040 (step 40), ");
  const none = await exp(project, ["verify", run, "--from", "10"]);
  expect(none.status).toBe(2);
  expect(none.stderr).toContain("has no checkpoint at or before step 10.");
  expect(none.stderr).toContain("It has step-000020 (step 20), step-000040 (step 40), ");
  expect(readdirSync(join(project.directory, "runs/.cache")).join()).not.toContain("verify-");
});

test("changed data are found before anything is executed", async () => {
  const rows = pointRows();
  project.write("points.tsv", rows.replace(/^[^\n]*\n/u, "0.5\t0.25\n"));
  const { verdict, status } = await verify(project, [run]);
  project.write("points.tsv", rows);
  expect(verdict).toMatchObject({ verdict: "diverged", step: 0, field: "data", comparedSteps: 0 });
  expect(verdict.reasons).toEqual(["changed points.tsv: 1 of 90 rows (line 1)"]);
  expect(status).toBe(3);
});

test("--dense names the step and tensor of a wrong update between dense rows, where the original still comes out", async () => {
  const faultFile = join(project.directory, "fault");
  writeFileSync(faultFile, ""); // the first execution that sees it uses it up
  const args = [run, "--dense"];
  const [once, always] = await verifyAll(project, [
    { args, faultFile },
    { args, fault: "rate" },
  ]);
  expect(once?.verdict).toMatchObject({ verdict: "diverged", step: 40, field: "parameters" });
  expect(once?.verdict).toMatchObject({ phase: "update", tensor: "weight" });
  expect(once?.verdict.coverage.join("\n")).toContain("from step 3 to step 40, where the tensor");
  expect(always?.verdict).toMatchObject({ verdict: "diverged", step: 41, field: "loss" });
  expect(always?.verdict.coverage.join("\n")).toContain("the original does not come out either");
});

test("another class is not comparable unless it is asked for, and then as near as it is", async () => {
  const [refused, near, steps] = await verifyAll(project, [
    { args: [run, "--backend", "cpu"] },
    { args: [run, "--backend", "cpu", "--across-classes", "--tolerance", "0.001"] },
    { args: [run, "--steps", "5"] },
  ]);
  expect(refused?.verdict.verdict).toBe("not comparable");
  expect(refused?.verdict.reasons[0]).toMatch(/^environment class: wasm\/\d+ → cpu\//u);
  expect(["bitwise", "metrics-equal", "within tolerance"]).toContain(near?.verdict.verdict);
  expect(steps?.verdict).toMatchObject({ verdict: "bitwise", comparedSteps: 5 });
  expect(steps?.verdict.part).toBe("steps 1 to 5 of 60");
  const audit = await exp(project, ["audit", run]);
  expect(audit.stdout).not.toContain("steps 1 to 5"); // a part tells less than the whole did
  expect([refused?.status, near?.status, steps?.status]).toEqual([4, 0, 0]);
});

test("verdicts are kept beside the run, and one that was signed is known by its key", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  project.write("key.pem", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  await verify(project, [run, "--steps", "2", "--sign", "key.pem"]);
  const check = ["verify", run, "--check-attestations"];
  const sound = await exp(project, check);
  expect(sound.stdout).toContain("bitwise on wasm/");
  expect(sound.stdout).toContain("signature: valid");
  const folder = join(project.directory, "runs/.annotations", run);
  const signed = readdirSync(folder).map((name) => join(folder, name));
  const file = signed.find((one) => readFileSync(one, "utf8").includes('"signature"')) ?? "";
  writeFileSync(file, readFileSync(file, "utf8").replace('"bitwise"', '"diverged"'));
  const forged = await exp(project, check);
  expect(forged.stdout).toContain("signature: invalid");
  expect(forged.status).toBe(1);
});

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
});
