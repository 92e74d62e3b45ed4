/** `tracking` in a config, by the command line, with a real MLflow server and W&B's own reader: while a run goes on. */
import { readdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject, document, exp, repository, type Project } from "../end-to-end/project.ts";
import { createMlflowServer, type Fields, type MlflowServer } from "./mlflow-server.ts";
import { readWithPython } from "./python.ts";

const task = `import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";
export const ticking = defineTask({
  name: "ticking",
  schema: z.strictObject({ ...envelopeFields, numSteps: z.int(), delayMs: z.int().default(100) }),
  run: async ({ config, log, checkpoint, signal }) => {
    const saved = await checkpoint.latest<{ step: number }>();
    for (let step = (saved?.step ?? 0) + 1; step <= config.numSteps; step++) {
      await new Promise((done) => setTimeout(done, config.delayMs));
      log.metrics(step, { height: step, odd: step % 3 === 0 ? NaN : step });
      if (step % 10 === 0) await checkpoint.save({ step, state: { step } });
      signal.throwIfAborted();
    }
    return { height: config.numSteps };
  },
});
`;

let server: MlflowServer;

beforeAll(async () => {
  server = await createMlflowServer();
  await server.start();
}, 240_000);

afterAll(() => server.remove());

function projectOf(): Project {
  const project = createProject({
    "task.ts": task,
    "experiments/ticking.ts":
      'import { ticking } from "../task.ts";\nexport default ticking.defineConfig({ numSteps: 40 });\n',
    "lockstep.config.ts": `import type { Tracking } from "lockstep";
export const tracking: Tracking = [{ kind: "mlflow", url: "${server.url}" }, "wandb"];
`,
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  return project;
}

const file = "experiments/ticking.ts";

/** Asks for the runs of the project on the server; what plans them is asked once, before they begin. */
async function thereOf(
  project: Project,
  overrides: readonly string[],
): Promise<() => Promise<readonly Fields[]>> {
  const planned = await exp(project, ["plan", file, ...overrides, "--json"]);
  const runKey = document(planned).runs[0]?.runKey ?? "";
  return async () => server.runsOf(runKey);
}

async function until(what: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await what()); tries++) {
    if (tries > 300) throw new Error("it did not come about");
    await sleep(200);
  }
}

const infoOf = ([run]: readonly Fields[]): Fields => (run?.["info"] ?? {}) as Fields;
const upTo = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => index + 1);

/** Trackers of a project: processes of its folder. */
function trackersOf(project: Project): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return /^\d+$/u.test(name) && readlinkSync(`/proc/${name}/cwd`) === project.directory;
    } catch {
      return false; // it ended just now
    }
  });
}

test("a server that is killed and comes back while a run goes on has every figure once", async () => {
  const project = projectOf();
  const overrides = ["numSteps=150", "delayMs=150"];
  const there = await thereOf(project, overrides);
  const running = exp(project, [file, ...overrides]);
  await until(
    async () => (await server.stepsOf(infoOf(await there())["run_id"], "height")).length > 3,
  );
  expect(infoOf(await there())["status"]).toBe("RUNNING");
  server.kill();
  await sleep(2_000);
  await server.start();
  const { status, stderr } = await running;
  expect(status).toBe(0);
  const warnings = stderr.split("\n").filter((line) => line.startsWith("warning: "));
  expect(warnings.filter((line) => !line.includes("does not answer"))).toEqual([]);
  const exported = await exp(project, [
    "export",
    "numSteps = 150",
    "--to",
    "mlflow",
    "--url",
    server.url,
  ]);
  expect(exported.stdout).toContain("complete");
  const runs = await there();
  expect(runs).toHaveLength(1);
  const { run_id: id, status: end } = infoOf(runs);
  expect(end).toBe("FINISHED");
  expect(await server.stepsOf(id, "height")).toEqual(upTo(150));
  expect(await server.stepsOf(id, "odd")).toEqual(upTo(150));
  const [folder = ""] = readdirSync(join(project.directory, "wandb"));
  const [name = ""] = readdirSync(join(project.directory, "wandb", folder)).filter((one) =>
    one.endsWith(".wandb"),
  );
  const seen = readWithPython("read_wandb.py", join(project.directory, "wandb", folder, name)) as {
    readonly records: readonly Fields[];
  };
  expect(seen.records.filter((record) => record["type"] === "history")).toHaveLength(150);
}, 240_000);

test("tables, a model's folder and the inbox of Trackio are there when the command ends", async () => {
  const project = projectOf();
  const inbox = join(project.directory, "inboxes");
  const tools = `trackio,csv,{kind:parquet,to:tables},{kind:hf,to:'${project.directory}/cards'}`;
  const { status, stderr } = await exp(
    project,
    [file, "numSteps=12,15", "delayMs=20", `tracking=[${tools}]`],
    { environment: { TRACKIO_DIR: inbox } },
  );
  expect([status, stderr.includes("warning")]).toEqual([0, false]);
  const tables = readWithPython("read_tables.py", join(project.directory, "tables")) as {
    readonly runs: { readonly rows: readonly Fields[] };
    readonly curves: { readonly rows: readonly Fields[] };
  };
  expect(tables.runs.rows.map((row) => row["status"])).toEqual(["finished", "finished"]);
  expect(tables.curves.rows).toHaveLength(2 * (12 + 15));
  expect(readdirSync(join(project.directory, "cards"))).toHaveLength(2);
  expect(readdirSync(join(inbox, "inbox"))).toHaveLength(2);
}, 240_000);

test("a run that is killed leaves no tracker, and goes on in the same run there", async () => {
  const project = projectOf();
  const overrides = ["numSteps=60"];
  const there = await thereOf(project, overrides);
  await exp(project, [file, ...overrides], {
    onStart: (child) => {
      void until(async () => {
        const { run_id: id } = infoOf(await there());
        return id !== undefined && (await server.stepsOf(id, "height")).length > 15;
      }).then(() => child.kill("SIGKILL"));
    },
  });
  await until(async () => Promise.resolve(trackersOf(project).length === 0));
  const again = await exp(project, [file, ...overrides]);
  expect([again.status, again.stderr.includes("warning")]).toEqual([0, false]);
  const runs = await there();
  expect(runs).toHaveLength(1);
  const { run_id: id, status } = infoOf(runs);
  expect(status).toBe("FINISHED");
  expect(await server.stepsOf(id, "height")).toEqual(upTo(60));
}, 240_000);
