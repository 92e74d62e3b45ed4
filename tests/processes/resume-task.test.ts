/** A task of one's own that is stopped and started again comes to the very bits of one that was left alone. */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  repository,
  type ExpOptions,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";

const task = `import { defineTask, envelopeFields } from "lockstep";
import { setTimeout as sleep } from "node:timers/promises";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

interface State { readonly sum: number; readonly draws: readonly number[] }

export const walk = defineTask({
  name: "walk",
  schema: z.strictObject({ ...envelopeFields, numSteps: z.int() }),
  run: async ({ config, rng, log, checkpoint, projectDirectory, runDirectory }) => {
    const saved = await checkpoint.latest<State>();
    let { sum, draws }: State = saved?.state ?? { sum: 0, draws: [] };
    const weights = saved?.tensors.get("weights")?.values.slice() ?? new Float32Array(4);
    const noise = rng.stream("noise");
    for (let step = (saved?.step ?? 0) + 1; step <= config.numSteps; step++) {
      noise.normal(4, { step }).forEach((value, index) => { weights[index] = (weights[index] ?? 0) + value; });
      sum += Math.random();
      draws = [...draws, Math.random()];
      log.metrics(step, { "train.loss": sum / step, "train.none": NaN });
      log.progress(step, config.numSteps);
      if (step % 3 === 0) {
        const names = step % 2 === 0 ? (["last", "best"] as const) : (["last"] as const);
        const tensors = new Map([["weights", { dtype: "F32" as const, shape: [4], values: weights }]]);
        await checkpoint.save({ step, state: { sum, draws }, tensors, names });
      }
      if (step === 11 && existsSync(join(projectDirectory, "wait"))) { console.error("at step 11"); await sleep(600); }
    }
    writeFileSync(join(runDirectory, "files", "note.txt"), "kept\\n");
    return { sum, first: weights[0] ?? NaN };
  },
});
`;

const experiment = `import { walk } from "../tasks/walk.ts";

export default walk.defineConfig({ seed: 3, numSteps: 20, ambientRandomness: "seeded" });
`;

function walkProject(): Project {
  const project = createProject({
    "tasks/walk.ts": task,
    "experiments/walk.ts": experiment,
    wait: "",
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  return project;
}

function run(project: Project, runs: string, options: ExpOptions = {}): Promise<Finished> {
  return exp(project, ["experiments/walk.ts", "--json", "--runs-dir", runs], options);
}

/** Sends a signal when the run stands between two checkpoints. */
function stopAt(signal: NodeJS.Signals): ExpOptions {
  let isSent = false;
  return {
    onStderr: (text, child) => {
      if (isSent || !text.includes("at step 11")) return;
      isSent = true;
      child.kill(signal);
    },
  };
}

test("after SIGINT, after SIGKILL, and with damage, a run goes on to the bits of an uninterrupted one", async () => {
  const project = walkProject();
  const [interrupted, killed] = await Promise.all([
    run(project, "interrupted", stopAt("SIGINT")),
    run(project, "killed", stopAt("SIGKILL")),
  ]);
  expect(interrupted.status).toBe(75);
  expect(interrupted.stderr).toContain("goes on from its checkpoint");
  expect(killed.status).toBe(null);
  rmSync(join(project.directory, "wait"));
  damageNewest(project, "killed");
  const all = await Promise.all(
    ["whole", "interrupted", "killed"].map((runs) => run(project, runs)),
  );
  const manifests = all.map((finished) => {
    expect(finished.status, finished.stderr).toBe(0);
    const directory = join(project.directory, document(finished).runs[0]?.directory ?? "");
    expect(readFileSync(join(directory, "files/note.txt"), "utf8")).toBe("kept\n");
    return readFileSync(join(directory, "manifest.json"), "utf8");
  });
  expect(manifests[1]).toBe(manifests[0]);
  expect(manifests[2]).toBe(manifests[0]);
  expect(manifests[0]).toContain("checkpoints/best.safetensors");
  expect(all[1]?.stderr).not.toContain("damaged");
  expect(all[2]?.stderr).toContain("left out a damaged checkpoint");
  expect(trainLog(project, all[1])).toContain(
    "goes on after step 12, from a checkpoint of attempt 1",
  );
  expect(trainLog(project, all[2])).toContain(
    "goes on after step 6, from a checkpoint of attempt 1",
  );
}, 30_000);

function trainLog(project: Project, finished: Finished | undefined): string {
  const directory = finished === undefined ? "" : (document(finished).runs[0]?.directory ?? "");
  return readFileSync(join(project.directory, directory, "logs/train.log"), "utf8");
}

/** Flips one bit of the last tensor byte of `last`, which is older under the name `best`. */
function damageNewest(project: Project, runs: string): void {
  const attempts = join(project.directory, runs, ".attempts");
  const [name = ""] = readdirSync(attempts);
  const path = join(attempts, name, "1/checkpoints/last.safetensors");
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(path, bytes);
}
