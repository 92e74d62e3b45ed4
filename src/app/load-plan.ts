/** From a plan file to a plan that can be executed here: where its project is, and the store that holds its code. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { pathStatus } from "../resolve/path-status.ts";
import { ExpError } from "../core/errors.ts";
import { snapshotDirectory } from "../store/snapshot-store.ts";
import { openStore } from "../store/store.ts";
import type { FrozenPlan } from "./frozen-plan.ts";
import type { PlanRequest } from "./plan-experiment.ts";
import { registerSecrets } from "./secrets.ts";
import { formatPlan, parsePlan, type SavedPlan } from "./plan-file.ts";

/** What names a plan file, and where its runs may be; `file` is the plan. */
export type SavedPlanRequest = Omit<PlanRequest, "overrides">;

/**
 * Saves a frozen plan. Its code is in the store already.
 * @param path - Absolute, or relative to the working directory.
 * @throws {ExpError} `environment` where it cannot be written.
 */
export async function savePlan(
  frozen: FrozenPlan,
  path: string,
  { workingDirectory, runsDirectory, environment }: Omit<SavedPlanRequest, "file">,
): Promise<void> {
  const isNamed = runsDirectory !== undefined || (environment["LOCKSTEP_RUNS"] ?? "") !== "";
  const folder = relative(frozen.projectDirectory, frozen.runsDirectory).split(sep).join("/");
  const isElsewhere = isNamed || folder.startsWith("..") || isAbsolute(folder);
  const text = await formatPlan(frozen, isElsewhere ? null : folder);
  const target = resolve(workingDirectory, path);
  try {
    mkdirSync(dirname(target), { recursive: true });
    writeWhole(target, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ExpError("environment", `The plan cannot be saved as ${path}: ${reason}.`, {
      cause: error,
    });
  }
}

/** In one step, so that nobody reads half a plan. What is no plain file, `/dev/stdout` say, is written to as it is. */
function writeWhole(target: string, text: string): void {
  if (pathStatus(target)?.isFile() === false) {
    writeFileSync(target, text);
    return;
  }
  const temporary = `${target}.${process.pid}.new`;
  writeFileSync(temporary, text);
  renameSync(temporary, target);
}

/**
 * Reads a saved plan.
 * @throws {ExpError} `usage` where it is missing or was changed.
 */
export function readPlan({ file, workingDirectory }: SavedPlanRequest): SavedPlan {
  const path = resolve(workingDirectory, file);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const why = existsSync(path) ? "cannot be read" : "does not exist";
    const facts = { hint: "exp plan FILE --save plan.json makes a plan.", cause: error };
    throw new ExpError("usage", `${file} ${why}.`, facts);
  }
  return parsePlan(text, file);
}

/**
 * A saved plan with the project and the store that it belongs to.
 * @throws {ExpError} `usage` for a file that is no plan as it was saved, or whose code is in no store that it could mean.
 */
export function loadPlan(request: SavedPlanRequest): FrozenPlan {
  const saved = readPlan(request);
  const { projectDirectory, runsDirectory } = findPlace(saved, request);
  const { experiment, task, file, overrides, code, inputs, git, diff } = saved;
  const store = openStore(runsDirectory);
  const provenances = new Map(saved.runs.map(({ run, provenance }) => [run.runKey, provenance]));
  const uncommittedDiff = store.readDiff(code.codeHash, diff) ?? new Uint8Array();
  for (const { run } of saved.runs) registerSecrets(run);
  return {
    plan: { format: "lockstep/plan/1", experiment, task, runs: saved.runs.map(({ run }) => run) },
    file,
    overrides,
    code,
    inputs,
    git: { git, uncommittedDiff },
    diff,
    store,
    runsDirectory,
    projectDirectory,
    notes: [],
    provenanceOf: (run) => Promise.resolve(provenances.get(run.runKey) ?? {}),
    directoryOf: (run) => join(runsDirectory, run.runKey.slice(0, 16)),
  };
}

interface Place {
  readonly projectDirectory: string;
  readonly runsDirectory: string;
}

/** The project of the working directory, else that of the plan file: the first whose store holds the plan's code. */
function findPlace(saved: SavedPlan, request: SavedPlanRequest): Place {
  const { workingDirectory, file } = request;
  const folders = [workingDirectory, dirname(resolve(workingDirectory, file))];
  const projects = [...new Set(folders.map(projectAbove).filter((one) => one !== undefined))];
  const places = projects.map((projectDirectory) => ({
    projectDirectory,
    runsDirectory: runsOf(projectDirectory, saved, request),
  }));
  const { codeHash, snapshot: digest } = saved.code;
  const found = places.find(({ runsDirectory }) =>
    existsSync(snapshotDirectory(runsDirectory, { codeHash, digest })),
  );
  if (found !== undefined) return found;
  const looked = places.map(({ runsDirectory }) => runsDirectory).join(" and ");
  const where = looked === "" ? "no project is here (no package.json)" : `looked in ${looked}`;
  throw new ExpError("usage", `The code of ${file} is not stored here: ${where}.`, {
    hint: "Call exp in the project that the plan was made in, or name its runs with --runs-dir.",
  });
}

function runsOf(
  projectDirectory: string,
  saved: SavedPlan,
  { runsDirectory, environment, workingDirectory }: SavedPlanRequest,
): string {
  const named = runsDirectory ?? (environment["LOCKSTEP_RUNS"] || undefined);
  if (named !== undefined) return resolve(workingDirectory, named);
  return resolve(projectDirectory, saved.runsDirectory ?? "runs");
}

function projectAbove(start: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "package.json"))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
