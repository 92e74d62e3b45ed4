/** The `command` task: runs any program. Importing it loads a schema; what starts processes comes when a run starts. */
import { fileURLToPath } from "node:url";
import { commandSchema, type CommandConfig, type CommandInput } from "../../schemas/command.ts";
import { createTask } from "../config/create-task.ts";
import { checkedTaskData } from "../config/define-task.ts";
import type { Task } from "../config/task-types.ts";
import { loadLater } from "../core/load-later.ts";
import type { ListDataFiles, Preflight, RunFunction } from "../core/task.ts";
import { hostClass } from "./host-class.ts";

const run: RunFunction<CommandConfig> = async (context) => {
  const load = () => import("./run-command.ts");
  const { runCommand } = await loadLater(import.meta.url, "./run-command", load);
  return runCommand(context);
};

const listDataFiles: ListDataFiles<CommandConfig> = async (config, projectDirectory) => {
  const load = () => import("./program-files.ts");
  const { listProgramFiles } = await loadLater(import.meta.url, "./program-files", load);
  return listProgramFiles(config, projectDirectory);
};

const preflight: Preflight<CommandConfig> = async (context) => {
  const load = () => import("./run-command.ts");
  const { preflightCommand } = await loadLater(import.meta.url, "./run-command", load);
  return preflightCommand(context);
};

/**
 * Runs any program, a PyTorch script say, as a run with an identity: `const { defineConfig } = command;`.
 * The program finds in its environment: `LOCKSTEP_CONFIG` (path of the resolved config as JSON),
 * `LOCKSTEP_RUN_DIRECTORY` (its folder `files` is kept with the run), `LOCKSTEP_PREVIOUS_DIRECTORY` (the folder of the
 * last attempt that was stopped, where there is one), `LOCKSTEP_SEED`, `LOCKSTEP_METRICS` (a file to which JSON lines such
 * as `{"step":1,"train.loss":0.3}` are appended), and the variables that make numeric libraries deterministic.
 * A row without `step` gives results of the run; of every other figure the last one is its result.
 * @example
 * export default command.defineConfig({
 *   command: ["python3", "{files[0]}"], files: ["./train.py"], parameters: { lr: choice(1e-3, 1e-4) },
 * });
 */
export const command: Task<CommandConfig, CommandInput> = createTask(
  checkedTaskData(
    {
      name: "command",
      schema: commandSchema,
      run,
      listDataFiles,
      preflight,
      environment: hostClass,
      aliases: {},
      code: [new URL(`./run-command.${import.meta.url.split(".").at(-1) ?? ""}`, import.meta.url)],
    },
    { file: fileURLToPath(import.meta.url), line: 1, column: 1 },
  ),
);
