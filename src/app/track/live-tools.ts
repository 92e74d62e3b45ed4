/** The tools that a run is shown in while it goes on, as `tracking` of its config names them. */
import { join, relative, resolve } from "node:path";
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import { numKeyDigits } from "../../store/run-layout.ts";
import type { RequestTools } from "../../track/mlflow/client.ts";
import type { ViewTools } from "../../track/run-view.ts";
import type { Target } from "../../track/target.ts";
import { createTarget } from "../export/targets.ts";

/** A tool at one place; a type, so that it is plain data on its way to the tracker. */
export type LiveTool =
  | {
      readonly kind: "mlflow";
      readonly url?: string;
      readonly experiment?: string;
      readonly checkpoints: boolean;
    }
  | {
      readonly kind: "wandb";
      readonly project?: string;
      /** Absolute; without it what `WANDB_DIR` says, else the folder of the project. */
      readonly directory?: string;
    };

/**
 * The tools that a tracker sends a run to, each once: TensorBoard's files are written by the run itself.
 * @param config - Of the run; a field `tracking` of a task of one's own that means something else names none.
 * @param projectDirectory - Absolute; folders in the config are relative to it.
 */
export function liveToolsOf(
  { tracking }: JsonObject,
  projectDirectory: string,
): readonly LiveTool[] {
  if (!Array.isArray(tracking)) return [];
  const named = tracking as readonly JsonValue[]; // parts of a resolved config
  const tools = named.flatMap((one) => toolOf(one, projectDirectory) ?? []);
  const byText = new Map(tools.map((tool) => [JSON.stringify(tool), tool]));
  return [...byText.values()];
}

function toolOf(named: JsonValue, projectDirectory: string): LiveTool | undefined {
  const fields = isPlainObject(named) ? named : { kind: named };
  const { kind } = fields;
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  if (kind === "mlflow") {
    const url = text("url");
    const experiment = text("experiment");
    const checkpoints = fields["checkpoints"] === true;
    return { kind, ...(url && { url }), ...(experiment && { experiment }), checkpoints };
  }
  if (kind !== "wandb") return undefined;
  const project = text("project");
  const directory = text("directory");
  return {
    kind,
    ...(project && { project }),
    ...(directory && { directory: resolve(projectDirectory, directory) }),
  };
}

/** Variables of the environment. */
type Variables = Readonly<Record<string, string | undefined>>;

/** What the target of a tool is made with. */
export interface LiveTargetOptions extends ViewTools {
  readonly environment: Variables;
  /** Absolute. */
  readonly projectDirectory: string;
  readonly requests: RequestTools;
}

/**
 * The target of a tool; `undefined` where the tool's own variables turn it off (`WANDB_MODE=disabled`).
 * @throws {ExpError} `usage` where what it needs is said nowhere.
 */
export async function createLiveTarget(
  tool: LiveTool,
  options: LiveTargetOptions,
): Promise<Target | undefined> {
  const { environment, projectDirectory } = options;
  if (tool.kind === "wandb" && environment["WANDB_MODE"] === "disabled") return undefined;
  const server =
    tool.kind === "mlflow"
      ? { url: tool.url, experiment: tool.experiment, checkpoints: tool.checkpoints }
      : { experiment: tool.project };
  const folder = (): string => wandbFolder(tool, environment, projectDirectory);
  return createTarget(tool.kind, { ...options, server, folder });
}

function wandbFolder(tool: LiveTool, environment: Variables, projectDirectory: string): string {
  const directory = tool.kind === "wandb" ? tool.directory : undefined;
  const named = environment["WANDB_DIR"] ?? "";
  return directory ?? (named === "" ? projectDirectory : resolve(named));
}

/** Where a command is typed, and what it can leave out. */
export interface CommandPlace {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly projectDirectory: string;
  /** The folder of the runs, absolute. */
  readonly store: string;
  readonly environment: Variables;
}

/** More keys than this do not fit into a line; the filter by status names the others. */
const maxNamed = 20;

/** The command that sends the rest of some runs to a tool: it goes to the same place. */
export function exportCommand(
  tool: LiveTool,
  runKeys: readonly string[],
  place: CommandPlace,
): string {
  const { workingDirectory, projectDirectory, store, environment } = place;
  const shown = (path: string): string => relative(workingDirectory, path) || ".";
  const names = runKeys.slice(0, maxNamed).map((key) => key.slice(0, numKeyDigits));
  const words = ["exp", "export", ...names, "--to", tool.kind];
  if (tool.kind === "mlflow") {
    if (tool.url !== undefined) words.push("--url", tool.url);
    if (tool.experiment !== undefined) words.push("--experiment", tool.experiment);
    if (tool.checkpoints) words.push("--checkpoints");
  } else {
    words.push("--out", shown(wandbFolder(tool, environment, projectDirectory)));
    if (tool.project !== undefined) words.push("--experiment", tool.project);
  }
  const usual = environment["LOCKSTEP_RUNS"] ?? "";
  const isUsual =
    store === (usual === "" ? join(projectDirectory, "runs") : resolve(workingDirectory, usual));
  if (!isUsual) words.push("--runs-dir", shown(store));
  return words.map(shellQuote).join(" ");
}
