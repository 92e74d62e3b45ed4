/** `exp freeze`: a module that makes exactly the config of a run, whatever becomes of the experiment that it was of. */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { DefinitionData } from "../../config/definition.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatPath } from "../../core/path.ts";
import { isUserFile } from "../../core/user-files.ts";
import { printModule } from "../../diff/edit/print-module.ts";
import { taskImport } from "../../diff/edit/task-import.ts";
import { operationSides } from "../../diff/render/value-text.ts";
import { diffValues } from "../../diff/value/diff.ts";
import { sealAmbient } from "../../random/seal.ts";
import { findProjectDirectory, loadExperiment } from "../../resolve/load.ts";
import { asWritten } from "../../resolve/module-locations.ts";
import type { Resolution } from "../../resolve/resolve.ts";
import { createSchemaView } from "../../resolve/schema-view.ts";
import { findConfig, type FindContext } from "../diff/find-config.ts";
import { listExperiments } from "../list-project.ts";
import { experimentFile } from "../verify/run-again.ts";
import { findStoredRun, type StoredRun } from "../verify/stored-run.ts";
import { withCandidate } from "./candidate.ts";
import { lineWidth } from "./line-width.ts";

export interface FreezeRequest extends FindContext {
  /** 8 to 64 hex digits of a run's key or of a config hash. */
  readonly digits: string;
  /** Where the module goes, relative to the working directory; by default beside the experiment, named by the hash. */
  readonly to?: string;
  /** Whether a file that is there already is replaced. */
  readonly isForced: boolean;
}

/** What was written. */
export interface Frozen {
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  readonly configHash: string;
  /** The experiment that the config is of, relative to the project. */
  readonly experiment: string;
  /** Where it is of a finished run. */
  readonly runKey?: string;
}

/**
 * Writes a module whose only run has the config, and so its hash: all values stand in it, defaults too.
 * @throws {ExpError} `usage` for digits that name nothing or several things, and for a file that is there already;
 *   `module` where the task cannot be imported; `config` where today's task refuses the config or makes another one of it:
 *   then nothing is written.
 */
export async function freezeConfig(request: FreezeRequest): Promise<Frozen> {
  const source = await sourceOf(request);
  const { projectDirectory, experiment, configHash, config } = source;
  const target = targetOf(request, source);
  const { definition } = await loadExperiment(join(projectDirectory, experiment), {
    workingDirectory: projectDirectory,
    seal: sealAmbient,
  });
  const view = createSchemaView(definition.task.schema);
  const place = { projectDirectory, folder: dirname(target) };
  const text = printModule({
    ...importFor(definition, { projectDirectory, target }),
    comment: commentOf(source),
    config: asWritten(config, view, place),
    width: lineWidth(projectDirectory),
  });
  await withCandidate({ ...request, target, text }, ({ resolution, publish }) => {
    requireSame(source, resolution);
    publish();
  });
  const { runKey } = source;
  const file = slashed(relative(projectDirectory, target));
  return { file, configHash, experiment, ...(runKey !== undefined && { runKey }) };
}

interface Source {
  readonly config: JsonObject;
  readonly configHash: string;
  /** Absolute. */
  readonly projectDirectory: string;
  /** Relative to the project, with forward slashes. */
  readonly experiment: string;
  readonly runKey?: string;
}

async function sourceOf({ digits, ...context }: FreezeRequest): Promise<Source> {
  const found = await findConfig(digits, context);
  if (found.kind === "point") {
    const { resolution, run } = found;
    const { projectDirectory, file } = resolution;
    const experiment = slashed(relative(projectDirectory, file));
    return { config: run.config, configHash: run.configHash, projectDirectory, experiment };
  }
  const { runKey } = found.published;
  const { workingDirectory, runsDirectory } = context;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const stored = findStoredRun({ name: runKey, workingDirectory, ...folder });
  const { config, configHash } = stored.run;
  const { projectDirectory } = stored;
  const experiment = await moduleOf(stored);
  return { config, configHash, projectDirectory, experiment, runKey };
}

/** As the run's stored code has it; of a run without stored code, the only experiment of its name. */
async function moduleOf(stored: StoredRun): Promise<string> {
  const { code, run, projectDirectory } = stored;
  if (typeof code !== "string") return experimentFile(stored);
  const files = (await listExperiments(projectDirectory)).map(({ file }) => file);
  const [file, ...others] = files.filter((one) => basename(one, extname(one)) === run.name);
  if (file === undefined || others.length > 0) return experimentFile(stored);
  return slashed(relative(projectDirectory, file));
}

function commentOf({ runKey, experiment, configHash }: Source): readonly string[] {
  const of = runKey === undefined ? "" : `run ${runKey.slice(0, 16)} of `;
  return [
    `Frozen from ${of}${experiment}: all values stand here, so that no parent, preset or`,
    "default changes them.",
    "",
    `Config ${configHash}`,
  ];
}

function targetOf({ to, workingDirectory, isForced }: FreezeRequest, source: Source): string {
  const { experiment, configHash, projectDirectory } = source;
  const ending = extname(experiment);
  const stem = basename(experiment, ending);
  const digits = `-${configHash.slice(0, 8)}`;
  const name = `${stem.endsWith(digits) ? stem : stem + digits}${ending}`;
  const target =
    to === undefined
      ? join(projectDirectory, dirname(experiment), name)
      : resolve(workingDirectory, to);
  if (!/(?<!\.d)\.[cm]?ts$/u.test(target)) {
    throw new ExpError("usage", `${to ?? name} is not the name of a TypeScript module.`, {
      hint: "Name a file that ends in .ts.",
    });
  }
  if (findProjectDirectory(target) !== projectDirectory) {
    throw new ExpError("usage", `${to ?? name} lies outside of the project ${projectDirectory}.`, {
      hint: "Name a file inside of it: the module imports the task from there.",
    });
  }
  if (existsSync(target) && !isForced) {
    throw new ExpError(
      "usage",
      `${slashed(relative(workingDirectory, target))} is there already.`,
      {
        hint: "Give --force to replace it, or name another file with --to.",
      },
    );
  }
  return target;
}

/** What the module imports, seen from where it will stand. */
function importFor(
  { layers }: DefinitionData,
  { projectDirectory, target }: { readonly projectDirectory: string; readonly target: string },
): Pick<Parameters<typeof printModule>[0], "callee" | "clause" | "from"> {
  const made = layers.find((layer) => layer.kind === "patch" && layer.label === "defineConfig");
  const file = made?.call.file ?? "";
  if (made === undefined || !isAbsolute(file) || !existsSync(file)) {
    throw new ExpError("module", "Where the experiment's task comes from is not known.", {
      hint: "Its definition must begin with a call of defineConfig in a module.",
    });
  }
  const shown = slashed(relative(projectDirectory, file));
  const { callee, clause, from } = taskImport(shown, readFileSync(file, "utf8"), made.call);
  if (from !== undefined && !from.startsWith(".")) return { callee, clause, from };
  if (!isUserFile(file)) {
    throw new ExpError(
      "module",
      `${shown} lies in a package and does not say where its task is from.`,
      {
        hint: "Write the module by hand, with an import from the package.",
      },
    );
  }
  const imported = from === undefined ? file : resolve(dirname(file), from);
  const folder = existsSync(dirname(target)) ? realpathSync(dirname(target)) : dirname(target);
  const path = slashed(relative(folder, imported));
  return { callee, clause, from: path.startsWith(".") ? path : `./${path}` };
}

/** Not the hash alone: a location that means another place would have the same one. */
function requireSame({ config, configHash }: Source, { runs }: Resolution): void {
  const [run] = runs;
  if (run === undefined || runs.length > 1) {
    throw new ExpError(
      "config",
      `The frozen module asks for ${String(runs.length)} runs instead of one.`,
    );
  }
  if (run.configHash === configHash && canonicalJson(run.config) === canonicalJson(config)) return;
  const paths = diffValues(config, run.config).map(
    (operation) => `${formatPath(operation.path)} (${operationSides(operation).join(" → ")})`,
  );
  const what = paths.length === 0 ? "the schema's marks are others" : paths.join(", ");
  throw new ExpError(
    "config",
    `Today's task makes another config of these values: ${what}. Nothing was written.`,
    { hint: "exp checkout RUN --to FOLDER writes the code that the run had." },
  );
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}
