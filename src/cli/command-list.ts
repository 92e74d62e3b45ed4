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
    name: "resume",
    summary: "goes on with a run that was stopped or killed, from its newest checkpoint",
    load: () =>
      loadLater(import.meta.url, "./commands/resume", () => import("./commands/resume.ts")),
  },
  {
    name: "plan",
    summary: "prints the runs of an experiment and their hashes; runs nothing",
    load: () => loadLater(import.meta.url, "./commands/plan", () => import("./commands/plan.ts")),
  },
  {
    name: "diff",
    summary: "what two experiments, revisions, runs or plans say and resolve to differently",
    load: () => loadLater(import.meta.url, "./commands/diff", () => import("./commands/diff.ts")),
  },
  {
    name: "freeze",
    summary: "writes a module that makes exactly the config of a run, without parents and presets",
    load: () =>
      loadLater(import.meta.url, "./commands/freeze", () => import("./commands/freeze.ts")),
  },
  {
    name: "apply",
    summary: "edits an experiment so that its config becomes the new side of a diff",
    load: () => loadLater(import.meta.url, "./commands/apply", () => import("./commands/apply.ts")),
  },
  {
    name: "lint",
    summary:
      "finds what is better said otherwise: values without effect, numbers in code, and more",
    load: () => loadLater(import.meta.url, "./commands/lint", () => import("./commands/lint.ts")),
  },
  {
    name: "ci",
    summary: "what a branch does to all experiments and finished runs: text, JSON, a comment",
    load: () => loadLater(import.meta.url, "./commands/ci", () => import("./commands/ci.ts")),
  },
  {
    name: "snapshot",
    summary: "keeps the resolved config of each experiment in a file, and says which are stale",
    load: () =>
      loadLater(import.meta.url, "./commands/snapshot", () => import("./commands/snapshot.ts")),
  },
  {
    name: "check",
    summary: "checks every run without executing any: data, sizes, one step, memory, disk",
    load: () => loadLater(import.meta.url, "./commands/check", () => import("./commands/check.ts")),
  },
  {
    name: "verify",
    summary:
      "executes a finished run again from its stored code, and says where it went another way",
    load: () =>
      loadLater(import.meta.url, "./commands/verify", () => import("./commands/verify.ts")),
  },
  {
    name: "replay",
    summary: "executes a finished run once more from its stored code, as another attempt",
    load: () =>
      loadLater(import.meta.url, "./commands/replay", () => import("./commands/replay.ts")),
  },
  {
    name: "rerun",
    summary: "executes a finished run's config by today's code, after saying what has changed",
    load: () => loadLater(import.meta.url, "./commands/rerun", () => import("./commands/rerun.ts")),
  },
  {
    name: "checkout",
    summary:
      "writes what a finished run was made from into a folder: sources, config, lock file, diff",
    load: () =>
      loadLater(import.meta.url, "./commands/checkout", () => import("./commands/checkout.ts")),
  },
  {
    name: "audit",
    summary: "goes through what somebody needs who repeats a run, and says what is missing",
    load: () => loadLater(import.meta.url, "./commands/audit", () => import("./commands/audit.ts")),
  },
  {
    name: "archive",
    summary: "writes a finished run into one file, which exp import takes on another machine",
    load: () =>
      loadLater(import.meta.url, "./commands/archive", () => import("./commands/archive.ts")),
  },
  {
    name: "import",
    summary: "takes the run of an archive, or old runs of other tools, and executes nothing",
    load: () =>
      loadLater(import.meta.url, "./commands/import", () => import("./commands/import.ts")),
  },
  {
    name: "inputs",
    summary: "lists what an experiment reads from outside; inputs update looks external values up",
    load: () =>
      loadLater(import.meta.url, "./commands/inputs", () => import("./commands/inputs.ts")),
  },
  {
    name: "runs",
    summary: "lists runs: all, or those that a filter takes, in any order",
    load: () => loadLater(import.meta.url, "./commands/runs", () => import("./commands/runs.ts")),
  },
  {
    name: "show",
    summary: "shows a run, or which run, config and commit made a file of weights",
    load: () => loadLater(import.meta.url, "./commands/show", () => import("./commands/show.ts")),
  },
  {
    name: "best",
    summary: "shows the best run by the metric that selects, and the next ones",
    load: () => loadLater(import.meta.url, "./commands/best", () => import("./commands/best.ts")),
  },
  {
    name: "find",
    summary: "finds the run of a number: values that round to 94.2%, say",
    load: () => loadLater(import.meta.url, "./commands/find", () => import("./commands/find.ts")),
  },
  {
    name: "compare",
    summary: "compares runs or groups of runs: what differs in config and metrics, with curves",
    load: () =>
      loadLater(import.meta.url, "./commands/compare", () => import("./commands/compare.ts")),
  },
  {
    name: "export",
    summary:
      "brings runs to other tools: TensorBoard, MLflow, W&B, Trackio, CSV, Parquet, Hugging Face",
    load: () =>
      loadLater(import.meta.url, "./commands/export", () => import("./commands/export.ts")),
  },
  {
    name: "plot",
    summary: "draws curves of runs in the terminal: several runs, means of groups, a log scale",
    load: () => loadLater(import.meta.url, "./commands/plot", () => import("./commands/plot.ts")),
  },
  {
    name: "report",
    summary: "writes runs as one page: what differs, curves, the best run and how to repeat it",
    load: () =>
      loadLater(import.meta.url, "./commands/report", () => import("./commands/report.ts")),
  },
  {
    name: "tag",
    summary: "adds tags to runs and takes tags away: exp tag RUN +paper -draft",
    load: () => loadLater(import.meta.url, "./commands/tag", () => import("./commands/tag.ts")),
  },
  {
    name: "note",
    summary: "keeps a note about a run; without a text it opens your editor",
    load: () => loadLater(import.meta.url, "./commands/note", () => import("./commands/note.ts")),
  },
  {
    name: "rm",
    summary: "moves runs to the trash, shows what is in it, and puts runs back",
    load: () => loadLater(import.meta.url, "./commands/rm", () => import("./commands/rm.ts")),
  },
  {
    name: "gc",
    summary: "removes what nobody needs: old trash, leftovers, checkpoints of dead attempts",
    load: () => loadLater(import.meta.url, "./commands/gc", () => import("./commands/gc.ts")),
  },
  {
    name: "sql",
    summary: "answers a question in SQL over the runs; reads only",
    load: () => loadLater(import.meta.url, "./commands/sql", () => import("./commands/sql.ts")),
  },
  {
    name: "index",
    summary: "makes the index of the runs anew, or checks it against the files",
    load: () => loadLater(import.meta.url, "./commands/index", () => import("./commands/index.ts")),
  },
  {
    name: "resolve",
    summary: "prints the resolved config: JSON, canonical JSON or YAML, whole or one part",
    load: () =>
      loadLater(import.meta.url, "./commands/resolve", () => import("./commands/resolve.ts")),
  },
  {
    name: "explain",
    summary: "says where each value comes from: every assignment with file and line",
    load: () =>
      loadLater(import.meta.url, "./commands/explain", () => import("./commands/explain.ts")),
  },
  {
    name: "list",
    summary: "lists experiments, presets, and the paths of a config",
    load: () => loadLater(import.meta.url, "./commands/list", () => import("./commands/list.ts")),
  },
  {
    name: "schema",
    summary: "prints the config's JSON Schema",
    load: () =>
      loadLater(import.meta.url, "./commands/schema", () => import("./commands/schema.ts")),
  },
  {
    name: "parse",
    summary: "shows how the command line reads a value, or where it is wrong",
    load: () => loadLater(import.meta.url, "./commands/parse", () => import("./commands/parse.ts")),
  },
  {
    name: "fsck",
    summary: "checks every file of the runs folder; --repair puts right what can be put right",
    load: () => loadLater(import.meta.url, "./commands/fsck", () => import("./commands/fsck.ts")),
  },
  {
    name: "help",
    summary: "prints the help of a command, or of a path of the config",
    load: () => loadLater(import.meta.url, "./commands/help", () => import("./commands/help.ts")),
  },
  {
    name: "backend",
    summary: "installs, lists, tests and removes the backends native and cuda",
    load: () =>
      loadLater(import.meta.url, "./commands/backend", () => import("./commands/backend.ts")),
  },
  {
    name: "doctor",
    summary: "says what this machine has and lacks, and tries each backend: speed and bits",
    load: () =>
      loadLater(import.meta.url, "./commands/doctor", () => import("./commands/doctor.ts")),
  },
  {
    name: "backend-probe",
    load: () =>
      loadLater(
        import.meta.url,
        "./commands/backend-probe",
        () => import("./commands/backend-probe.ts"),
      ),
  },
  {
    name: "worker",
    load: () =>
      loadLater(import.meta.url, "./commands/worker", () => import("./commands/worker.ts")),
  },
  {
    name: "tracker",
    load: () =>
      loadLater(import.meta.url, "./commands/tracker", () => import("./commands/tracker.ts")),
  },
  {
    name: "evaluation-worker",
    load: () =>
      loadLater(
        import.meta.url,
        "./commands/evaluation-worker",
        () => import("./commands/evaluation-worker.ts"),
      ),
  },
  {
    name: "init",
    summary: "makes a small working project in an empty folder",
    load: () => loadLater(import.meta.url, "./commands/init", () => import("./commands/init.ts")),
  },
  {
    name: "completion",
    summary: "prints the completion script of a shell: bash, zsh or fish",
    load: () =>
      loadLater(import.meta.url, "./commands/completion", () => import("./commands/completion.ts")),
  },
  {
    name: "completion-cache",
    load: () =>
      loadLater(
        import.meta.url,
        "./commands/completion-cache",
        () => import("./commands/completion-cache.ts"),
      ),
  },
];
