/** The tools that a run is shown in while it goes on, as `tracking` of its config names them. */
import { dirname, join, resolve } from "node:path";
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { RequestTools } from "../../track/mlflow/client.ts";
import type { ViewTools } from "../../track/run-view.ts";
import type { Target } from "../../track/target.ts";
import { createTarget } from "../export/targets.ts";
import { createLiveTables, type LiveTables } from "./live-tables.ts";

/** A tool at one place; a type, so that it is plain data on its way to the tracker. */
export type LiveTool =
  | {
      readonly kind: "mlflow";
      readonly url?: string;
      readonly experiment?: string;
      readonly checkpoints: boolean;
    }
  | {
      readonly kind: "wandb" | "trackio";
      readonly project?: string;
      /** Absolute; without it what the tool's own variables say, else the folder that the tool has. */
      readonly directory?: string;
    }
  | {
      readonly kind: "csv" | "parquet" | "hf";
      /** Absolute. */
      readonly to: string;
    };

/** Where a project is, and where its runs are. */
export interface ProjectPlace {
  /** Absolute; folders in the config are relative to it. */
  readonly projectDirectory: string;
  /** The folder of the runs, absolute. */
  readonly store: string;
}

/**
 * The tools that a tracker sends a run to, each once: TensorBoard's files are written by the run itself.
 * @param config - Of the run; a field `tracking` of a task of one's own that means something else names none.
 */
export function liveToolsOf({ tracking }: JsonObject, place: ProjectPlace): readonly LiveTool[] {
  if (!Array.isArray(tracking)) return [];
  const named = tracking as readonly JsonValue[]; // parts of a resolved config
  const tools = named.flatMap((one) => toolOf(one, place) ?? []);
  const byText = new Map(tools.map((tool) => [JSON.stringify(tool), tool]));
  return [...byText.values()];
}

/** Folders beside that of the runs, for whoever names none. */
const usualFolders = { csv: "tables", parquet: "tables", hf: "models" } as const;

function toolOf(named: JsonValue, place: ProjectPlace): LiveTool | undefined {
  const fields = isPlainObject(named) ? named : { kind: named };
  const { kind } = fields;
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const folder = (name: string): string | undefined => {
    const path = text(name);
    return path === undefined ? undefined : resolve(place.projectDirectory, path);
  };
  switch (kind) {
    case "mlflow": {
      const [url, experiment] = [text("url"), text("experiment")];
      const checkpoints = fields["checkpoints"] === true;
      return { kind, ...(url && { url }), ...(experiment && { experiment }), checkpoints };
    }
    case "wandb":
    case "trackio": {
      const [project, directory] = [text("project"), folder("directory")];
      return { kind, ...(project && { project }), ...(directory && { directory }) };
    }
    case "csv":
    case "parquet":
    case "hf":
      return { kind, to: folder("to") ?? join(dirname(place.store), usualFolders[kind]) };
    default:
      return undefined;
  }
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
 * What brings runs to a tool; `undefined` where the tool's own variables turn it off (`WANDB_MODE=disabled`).
 * @throws {ExpError} `usage` where what it needs is said nowhere; `environment` where its folder cannot be made.
 */
export async function createLiveTarget(
  tool: LiveTool,
  options: LiveTargetOptions,
): Promise<Target | LiveTables | undefined> {
  const { environment, files } = options;
  switch (tool.kind) {
    case "csv":
    case "parquet":
      return createLiveTables({ kind: tool.kind, folder: tool.to }, { ...options, environment });
    case "hf":
      files.ensureRoot(tool.to);
      return createTarget("hf", { ...options, server: {}, folder: () => tool.to });
    case "mlflow": {
      const { url, experiment, checkpoints } = tool;
      const server = { url, experiment, checkpoints };
      return createTarget("mlflow", { ...options, server, folder: () => "" });
    }
    case "wandb":
    case "trackio": {
      if (tool.kind === "wandb" && environment["WANDB_MODE"] === "disabled") return undefined;
      const folder = (usual?: string): string => folderOf(tool, options, usual);
      return createTarget(tool.kind, { ...options, server: { experiment: tool.project }, folder });
    }
  }
}

/** The folder that W&B's `wandb/` or Trackio's `inbox/` is in, absolute. */
function folderOf(
  { kind, directory }: Extract<LiveTool, { readonly kind: "wandb" | "trackio" }>,
  { environment, projectDirectory }: Pick<LiveTargetOptions, "environment" | "projectDirectory">,
  usual?: string,
): string {
  if (directory !== undefined) return directory;
  if (kind === "trackio" && usual !== undefined) return resolve(usual);
  const named = environment["WANDB_DIR"] ?? "";
  return named === "" ? projectDirectory : resolve(named);
}

/** The folder in which `wandb/` lies, absolute. */
export function wandbFolder(
  tool: Extract<LiveTool, { readonly kind: "wandb" | "trackio" }>,
  place: Pick<LiveTargetOptions, "environment" | "projectDirectory">,
): string {
  return folderOf(tool, place);
}
