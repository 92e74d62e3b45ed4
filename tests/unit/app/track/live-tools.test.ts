/** The tools of a config, and the command that sends what they did not get. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportRuns } from "../../../../src/app/export/export-runs.ts";
import { exportCommand } from "../../../../src/app/track/export-command.ts";
import {
  createLiveTarget,
  liveToolsOf,
  type LiveTargetOptions,
  type LiveTool,
} from "../../../../src/app/track/live-tools.ts";
import { openStore } from "../../../../src/store/store.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { publishRun, runEvents } from "../../store/sample-run.ts";
import { viewTools } from "../../track/helpers.ts";

const project = "/project";
const where = { projectDirectory: project, store: "/data/runs" };

test("tools are read from the config, each once; TensorBoard's files need no tracker", () => {
  const boards = { kind: "wandb", project: "p", directory: "boards" };
  const server = { kind: "mlflow", url: "http://a", experiment: "e", checkpoints: true };
  const tracking = ["tensorboard", "mlflow", server, boards, "wandb", "mlflow"];
  expect(liveToolsOf({ tracking }, where)).toEqual([
    { kind: "mlflow", checkpoints: false },
    server,
    { ...boards, directory: "/project/boards" },
    { kind: "wandb" },
  ]);
});

test("files go beside the folder of the runs, or where the entry says", () => {
  const tracking = ["trackio", "csv", { kind: "parquet", to: "exported" }, "hf", { kind: "csv" }];
  expect(liveToolsOf({ tracking }, where)).toEqual([
    { kind: "trackio" },
    { kind: "csv", to: "/data/tables" },
    { kind: "parquet", to: "/project/exported" },
    { kind: "hf", to: "/data/models" },
  ]);
});

test.each([[undefined], [[]], ["mlflow"], [["eyes", 3, null, ["mlflow"]]], [{ kind: "mlflow" }]])(
  "%j names none",
  (tracking) => {
    expect(liveToolsOf(tracking === undefined ? {} : { tracking }, where)).toEqual([]);
  },
);

const here = { workingDirectory: project, projectDirectory: project, store: "/project/runs" };
const keys = ["031a65080303b5d3aa", "9c1e77a00303b5d3aa"];

test("the command goes to the same place from where it is typed", () => {
  const place = { ...here, environment: {} };
  const plain = { kind: "mlflow", checkpoints: false } as const;
  expect(exportCommand(plain, keys, place)).toBe(
    "exp export 031a65080303b5d3 9c1e77a00303b5d3 --to mlflow",
  );
  const all = {
    kind: "mlflow",
    url: "http://a",
    experiment: "my runs",
    checkpoints: true,
  } as const;
  expect(exportCommand(all, [keys[0] ?? ""], place)).toBe(
    "exp export 031a65080303b5d3 --to mlflow --url http://a --experiment 'my runs' --checkpoints",
  );
  const boards = { kind: "wandb", directory: "/project/boards", project: "p" } as const;
  const elsewhere = { ...place, workingDirectory: "/project/docs", store: "/data/runs" };
  expect(exportCommand(boards, [keys[0] ?? ""], elsewhere)).toBe(
    "exp export 031a65080303b5d3 --to wandb --out ../boards --experiment p --runs-dir ../../data/runs",
  );
});

test.each([
  [{ kind: "csv", to: "/project/tables" }, "exp export --to csv --out tables"],
  [
    { kind: "hf", to: "/project/my models" },
    "exp export 031a65080303b5d3 --to hf --out 'my models'",
  ],
  [{ kind: "trackio" }, "exp export 031a65080303b5d3 --to trackio"],
  [
    { kind: "trackio", directory: "/t", project: "p" },
    "exp export 031a65080303b5d3 --to trackio --out ../t --experiment p",
  ],
] as const)("of %j it is %s", (tool, command) => {
  expect(exportCommand(tool, [keys[0] ?? ""], { ...here, environment: {} })).toBe(command);
});

test("a folder of runs that the environment names is left out", () => {
  const environment = { LOCKSTEP_RUNS: "/data/runs", WANDB_DIR: "/boards" };
  const place = { ...here, store: "/data/runs", environment };
  expect(exportCommand({ kind: "wandb" }, [keys[0] ?? ""], place)).toBe(
    "exp export 031a65080303b5d3 --to wandb --out ../boards",
  );
});

const options: LiveTargetOptions = {
  ...viewTools,
  environment: {},
  projectDirectory: project,
  requests: {
    fetch: async () => new Response(),
    sleep: async () => undefined,
    timeLimitMs: 1,
    maxTries: 1,
    delayMs: 1,
  },
};

/** The place of a tool that runs are sent to one by one. */
async function placeOf(tool: LiveTool, changes: Partial<LiveTargetOptions> = {}): Promise<unknown> {
  const target = await createLiveTarget(tool, { ...options, ...changes });
  return target !== undefined && "place" in target ? target.place : target;
}

test("the same places as exp export has, so that it goes on from there", async () => {
  const tool = { kind: "mlflow", url: "http://a/", experiment: "e", checkpoints: false } as const;
  const at = { url: "http://a", experiment: "e" };
  expect(await placeOf(tool)).toEqual({ kind: "mlflow", where: at });
  const boards = { folder: project, project: null };
  expect(await placeOf({ kind: "wandb" })).toEqual({ kind: "wandb", where: boards });
  const environment = { TRACKIO_DIR: "/inboxes" };
  const inbox = { folder: "/inboxes", project: null };
  expect(await placeOf({ kind: "trackio" }, { environment })).toEqual({
    kind: "trackio",
    where: inbox,
  });
  const folder = temporaryFolder();
  expect(await placeOf({ kind: "hf", to: folder })).toEqual({ kind: "hf", where: { folder } });
});

test("a tool that is turned off is none; one without a server says so", async () => {
  const environment = { WANDB_MODE: "disabled" };
  expect(await placeOf({ kind: "wandb" }, { environment })).toBeUndefined();
  const server = placeOf({ kind: "mlflow", checkpoints: false });
  await expect(server).rejects.toThrow("No MLflow server is named.");
});

test.each(["csv", "parquet"] as const)(
  "%s: tables of all runs, as exp export writes them",
  async (kind) => {
    const [store, to, again] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    for (const seed of [1, 2]) publishRun(openStore(store), seed, runEvents(2));
    const tables = await createLiveTarget({ kind, to }, options);
    if (tables === undefined || !("write" in tables)) throw new Error("expected tables");
    const { signal } = new AbortController();
    await tables.write({ store, signal, warn: () => undefined });
    const place = { runsDirectory: store, workingDirectory: store, environment: {} };
    await exportRuns({ ...place, words: [], to: kind, out: again, signal });
    const names = [`curves.${kind}`, `runs.${kind}`];
    expect(readdirSync(to)).toEqual(names);
    for (const name of names)
      expect(readFileSync(join(to, name)).equals(readFileSync(join(again, name)))).toBe(true);
    const late = tables.write({ store, signal: AbortSignal.abort(), warn: () => undefined });
    await expect(late).rejects.toThrow(/no time left to write the tables/u);
    expect(readdirSync(to)).toEqual(names);
  },
);

test("a table of one's own in the folder is told before anything is written", async () => {
  const to = temporaryFolder();
  writeFileSync(join(to, "runs.csv"), "name,age\n");
  await expect(createLiveTarget({ kind: "csv", to }, options)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("was not written by exp export"),
  });
});
