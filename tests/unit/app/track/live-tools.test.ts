/** The tools of a config, and the command that sends what they did not get. */
import { expect, test } from "vitest";
import {
  createLiveTarget,
  exportCommand,
  liveToolsOf,
  type LiveTargetOptions,
} from "../../../../src/app/track/live-tools.ts";
import { viewTools } from "../../track/helpers.ts";

const project = "/project";

test("tools are read from the config, each once; TensorBoard's files need no tracker", () => {
  const boards = { kind: "wandb", project: "p", directory: "boards" };
  const server = { kind: "mlflow", url: "http://a", experiment: "e", checkpoints: true };
  const tracking = ["tensorboard", "mlflow", server, boards, "wandb", "mlflow"];
  expect(liveToolsOf({ tracking }, project)).toEqual([
    { kind: "mlflow", checkpoints: false },
    server,
    { ...boards, directory: "/project/boards" },
    { kind: "wandb" },
  ]);
});

test.each([[undefined], [[]], ["mlflow"], [["eyes", 3, null, ["mlflow"]]], [{ kind: "mlflow" }]])(
  "%j names none",
  (tracking) => {
    expect(liveToolsOf(tracking === undefined ? {} : { tracking }, project)).toEqual([]);
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

test("the same places as exp export has, so that it goes on from there", async () => {
  const tool = { kind: "mlflow", url: "http://a/", experiment: "e", checkpoints: false } as const;
  const target = await createLiveTarget(tool, options);
  expect(target?.place).toEqual({ kind: "mlflow", where: { url: "http://a", experiment: "e" } });
  const boards = await createLiveTarget({ kind: "wandb" }, options);
  expect(boards?.place).toEqual({ kind: "wandb", where: { folder: project, project: null } });
});

test("a tool that is turned off is none; one without a server says so", async () => {
  const environment = { WANDB_MODE: "disabled" };
  expect(await createLiveTarget({ kind: "wandb" }, { ...options, environment })).toBeUndefined();
  const server = createLiveTarget({ kind: "mlflow", checkpoints: false }, options);
  await expect(server).rejects.toThrow("No MLflow server is named.");
});
