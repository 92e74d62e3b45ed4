/** The command that brings the rest of some runs to a tool: it goes to the same place as live sending. */
import { join, relative, resolve } from "node:path";
import { shellQuote } from "../../core/shell-quote.ts";
import { numKeyDigits } from "../../store/run-layout.ts";
import { wandbFolder, type LiveTool } from "./live-tools.ts";

/** Where a command is typed, and what it can leave out. */
export interface CommandPlace {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly projectDirectory: string;
  /** The folder of the runs, absolute. */
  readonly store: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** More keys than this do not fit into a line; the filter by status names the others. */
const maxNamed = 20;

/** The command that sends the rest of some runs to a tool: it goes to the same place. Tables hold all runs. */
export function exportCommand(
  tool: LiveTool,
  runKeys: readonly string[],
  place: CommandPlace,
): string {
  const { workingDirectory, projectDirectory, store, environment } = place;
  const shown = (path: string): string => relative(workingDirectory, path) || ".";
  const isTable = tool.kind === "csv" || tool.kind === "parquet";
  const names = isTable ? [] : runKeys.slice(0, maxNamed).map((key) => key.slice(0, numKeyDigits));
  const words = ["exp", "export", ...names, "--to", tool.kind, ...optionsOf(tool, place, shown)];
  const usual = environment["LOCKSTEP_RUNS"] ?? "";
  const isUsual =
    store === (usual === "" ? join(projectDirectory, "runs") : resolve(workingDirectory, usual));
  if (!isUsual) words.push("--runs-dir", shown(store));
  return words.map(shellQuote).join(" ");
}

function optionsOf(
  tool: LiveTool,
  place: CommandPlace,
  shown: (path: string) => string,
): readonly string[] {
  const option = (name: string, value: string | undefined): readonly string[] =>
    value === undefined ? [] : [name, value];
  switch (tool.kind) {
    case "mlflow": {
      const { url, experiment, checkpoints } = tool;
      const weights = checkpoints ? ["--checkpoints"] : [];
      return [...option("--url", url), ...option("--experiment", experiment), ...weights];
    }
    case "wandb":
      return ["--out", shown(wandbFolder(tool, place)), ...option("--experiment", tool.project)];
    case "trackio": {
      const { directory, project } = tool;
      const out = directory === undefined ? undefined : shown(directory);
      return [...option("--out", out), ...option("--experiment", project)];
    }
    case "csv":
    case "parquet":
    case "hf":
      return ["--out", shown(tool.to)];
  }
}
