/** All commands, in the order of `exp --help`. Only the module of the command that was typed is loaded. */
import { loadLater } from "../core/load-later.ts";
import type { CommandEntry } from "./command.ts";

/** What `exp FILE` means. */
export const defaultCommand: CommandEntry = {
  name: "run",
  summary: "executes an experiment: one run, or every run of its sweep (the same as exp FILE)",
  load: () => loadLater(import.meta.url, "./commands/run", () => import("./commands/run.ts")),
};

/** Every command; those without a summary are called by `exp` itself. */
export const commands: readonly CommandEntry[] = [
  defaultCommand,
  {
    name: "plan",
    summary: "prints the runs of an experiment and their hashes; runs nothing",
    load: () => loadLater(import.meta.url, "./commands/plan", () => import("./commands/plan.ts")),
  },
  {
    name: "check",
    summary: "checks every run without executing any: data, sizes, one step, memory, disk",
    load: () => loadLater(import.meta.url, "./commands/check", () => import("./commands/check.ts")),
  },
  {
    name: "inputs",
    summary: "lists what an experiment reads from outside; inputs update looks external values up",
    load: () =>
      loadLater(import.meta.url, "./commands/inputs", () => import("./commands/inputs.ts")),
  },
];
