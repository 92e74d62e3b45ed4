/** What a `checkpoint` means: a run, by name or folder, or one of its files. Looked up, and not yet read. */
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathStatus } from "../resolve/path-status.ts";
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { isRunPrefix } from "../core/run-name.ts";
import type { DataFile } from "../core/task.ts";
import type { Store } from "../store/store.ts";
import { fileStatus, namesInFolder } from "./run-files.ts";

/** Where the files of a trained model lie. */
export interface CheckpointPlace {
  /** As it was asked for. */
  readonly name: string;
  /** The .safetensors file, absolute. */
  readonly file: string;
  /** The folder of the run that it lies in, absolute; `undefined` for a file that lies alone. */
  readonly run: string | undefined;
  /** Folder of what the run kept beside its checkpoints, absolute; it need not exist. */
  readonly artifactFolder: string;
  /** Absolute, by name. */
  readonly artifacts: Readonly<Record<string, string>>;
}

/** Where names and paths are looked up. */
export interface CheckpointContext {
  readonly store: Store;
  /** Absolute; what a relative path is relative to. */
  readonly folder: string;
  /** Which checkpoint of a run; `best` by default. */
  readonly which?: string;
}

/** The place that a config's `checkpoint` names, or `undefined` for a config without one. */
export function checkpointOf(
  config: JsonObject,
  { store, projectDirectory }: { readonly store: Store; readonly projectDirectory: string },
): CheckpointPlace | undefined {
  const { checkpoint } = config;
  if (typeof checkpoint !== "string") return undefined;
  return findCheckpoint(checkpoint, { store, folder: projectDirectory });
}

/**
 * The place that a text names: 8 or more digits of a run's key, the folder of a run, or a .safetensors file.
 * @throws {ExpError} `usage` for a name that no run or several have; `data` for a path where no checkpoint is; `store` for
 *   a damaged run.
 */
export function findCheckpoint(name: string, context: CheckpointContext): CheckpointPlace {
  if (isRunPrefix(name)) {
    const run = context.store.findByPrefix(name).directory;
    return { name, run, file: checkpointIn(run, name, context), ...artifactsOf(run) };
  }
  const path = resolve(context.folder, name);
  const stats = pathStatus(path);
  if (stats === undefined) throw missing(name, path);
  if (stats.isDirectory()) {
    return { name, run: path, file: checkpointIn(path, name, context), ...artifactsOf(path) };
  }
  if (!path.endsWith(".safetensors")) {
    throw new ExpError("data", `The checkpoint ${name} is not a .safetensors file.`, { hint });
  }
  const folder = dirname(dirname(path));
  const run = basename(dirname(path)) === "checkpoints" ? folder : undefined;
  // A link that lies alone is the user's own choice; one in a run is not.
  const file = run === undefined ? realpathSync(path) : path;
  return { name, run, file, ...artifactsOf(folder) };
}

/** What a checkpoint adds to the bytes that a run reads. Names are the same wherever it lies. */
export function checkpointFiles({ file, artifacts }: CheckpointPlace): readonly DataFile[] {
  const others = Object.entries(artifacts).map(([name, path]) => ({
    path,
    name: `checkpoint/${name}`,
  }));
  return [{ path: file, name: "checkpoint" }, ...others];
}

const hint =
  "Name a run by 8 or more digits of its key, by its folder, or name a .safetensors file in its folder checkpoints/.";

function missing(name: string, path: string): ExpError {
  return new ExpError("data", `The checkpoint ${name} does not exist.`, {
    hint: `Looked at ${path}. ${hint}`,
  });
}

function checkpointIn(run: string, name: string, { which = "best" }: CheckpointContext): string {
  const folder = join(run, "checkpoints");
  const names = namesInFolder(folder);
  const file = join(folder, `${which}.safetensors`);
  if (fileStatus(file) !== undefined) return file;
  const others = names.filter((entry) => entry.endsWith(".safetensors"));
  const found =
    others.length === 0
      ? "It has none: it trained nothing, or it is no run's folder."
      : `It has ${others.join(", ")}.`;
  throw new ExpError("data", `The run ${name} has no checkpoint ${which}. ${found}`, { hint });
}

function artifactsOf(run: string): Pick<CheckpointPlace, "artifactFolder" | "artifacts"> {
  const artifactFolder = join(run, "model");
  const names = namesInFolder(artifactFolder).filter((name) =>
    /^[a-z0-9][a-z0-9-]*\.json$/.test(name),
  );
  const artifacts = Object.fromEntries(
    names.map((name) => [basename(name, ".json"), join(artifactFolder, name)]),
  );
  return { artifactFolder, artifacts };
}
