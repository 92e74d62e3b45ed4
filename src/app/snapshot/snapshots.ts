/** Golden configs of a project's experiments: written, or held against what they resolve to now. */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { diffConfigs } from "../../diff/configs.ts";
import type { ExperimentDiff } from "../../diff/report.ts";
import { createFileSystem } from "../../store/file-system.ts";
import type { SideContext } from "../diff/config-sides.ts";
import {
  createEvaluator,
  type EvaluatedExperiment,
  type Evaluator,
} from "../evaluate/evaluator.ts";
import { listExperiments, projectDirectory } from "../list-project.ts";
import {
  readSnapshotText,
  snapshotOf,
  snapshotSides,
  snapshotText,
  type Snapshot,
} from "./snapshot-file.ts";

export interface SnapshotRequest extends SideContext {
  /** Experiments, relative to the working directory; none for all of the project, with what is left of others. */
  readonly words: readonly string[];
  /** Folder of the snapshots, relative to the working directory; absent for `snapshots` beside the experiments. */
  readonly to?: string;
  /** Write nothing; say what is stale. */
  readonly isCheck: boolean;
}

/** What became of one snapshot, or how it stands. */
export interface SnapshotState {
  /** The experiment, relative to the project. */
  readonly file: string;
  /** The snapshot, relative to the project. */
  readonly snapshot: string;
  readonly status:
    | "fresh"
    | "written" // and was not there, or was stale
    | "stale"
    | "missing"
    | "orphaned" // its experiment is not there
    | "removed" // since it was orphaned
    | "unresolved" // it cannot be resolved
    | "skipped"; // it cannot be resolved without values of the command line, and has no snapshot
  readonly problem?: string;
  /** What changed, of a stale one and of one that was written anew. */
  readonly diff?: ExperimentDiff["diff"];
}

/** The states that `--check` fails for. */
export function isStale({ status }: SnapshotState): boolean {
  return ["stale", "missing", "orphaned", "unresolved"].includes(status);
}

interface Place {
  readonly project: string;
  /** Absolute: where experiments are. */
  readonly experiments: string;
  /** Absolute: where snapshots are. */
  readonly folder: string;
}

/**
 * Writes or checks snapshots, in the order of the experiments' files.
 * @throws {ExpError} `usage` for a file outside of the project, and for two experiments whose snapshot would be one file.
 */
export async function takeSnapshots(request: SnapshotRequest): Promise<readonly SnapshotState[]> {
  const { workingDirectory, words, environment, timeoutMs, onLine } = request;
  const project = projectDirectory(workingDirectory);
  const inside = join(project, "experiments");
  const experiments = existsSync(inside) ? inside : project;
  const folder = resolve(workingDirectory, request.to ?? join(experiments, "snapshots"));
  const place = { project, experiments, folder };
  const files =
    words.length > 0
      ? words.map((word) => resolve(workingDirectory, word))
      : (await listExperiments(workingDirectory)).map(({ file }) => file);
  const snapshots = snapshotFiles(files, place);
  const evaluator = createEvaluator({ folder: project, environment, timeoutMs, onLine });
  try {
    const states: SnapshotState[] = [];
    for (const [snapshot, file] of snapshots) {
      states.push(await takeSnapshot({ file, snapshot, place, evaluator, request }));
    }
    const orphans = words.length > 0 ? [] : findOrphans(place, new Set(snapshots.keys()));
    return [...states, ...orphans.map((one) => endOrphan(one, place, request.isCheck))];
  } finally {
    await evaluator.end();
  }
}

/** The experiment of each snapshot; both absolute. */
function snapshotFiles(files: readonly string[], place: Place): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const file of files) {
    const path = relative(place.experiments, file);
    if (path.startsWith("..")) {
      throw new ExpError("usage", `${file} is not below ${place.experiments}.`, {
        hint: "Snapshots are kept of the experiments of the project.",
      });
    }
    const snapshot = join(place.folder, `${path.slice(0, -extname(path).length)}.json`);
    const other = found.get(snapshot);
    if (other !== undefined && other !== file) {
      throw new ExpError("usage", `${other} and ${file} would have the same snapshot.`, {
        hint: "Give one of them another name.",
      });
    }
    found.set(snapshot, file);
  }
  return found;
}

interface Task {
  readonly file: string;
  readonly snapshot: string;
  readonly place: Place;
  readonly evaluator: Evaluator;
  readonly request: SnapshotRequest;
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

async function takeSnapshot(task: Task): Promise<SnapshotState> {
  const { snapshot, place, evaluator, request } = task;
  const file = slashed(relative(place.project, task.file));
  const facts = { file, snapshot: slashed(relative(place.project, snapshot)) };
  const text = createFileSystem().readText(snapshot);
  const evaluated = await evaluator.evaluate(file);
  if ("problem" in evaluated) {
    const { problem, wantsValues = false } = evaluated;
    const isSkipped = text === undefined && wantsValues;
    return { ...facts, status: isSkipped ? "skipped" : "unresolved", problem };
  }
  const wanted = snapshotText(file, evaluated);
  if (wanted === text) return { ...facts, status: "fresh" };
  const changes = await changesOf(text, { file, evaluated });
  if (request.isCheck)
    return { ...facts, status: text === undefined ? "missing" : "stale", ...changes };
  mkdirSync(dirname(snapshot), { recursive: true });
  writeFileSync(snapshot, wanted);
  return { ...facts, status: "written", ...changes };
}

interface Current {
  readonly file: string;
  readonly evaluated: EvaluatedExperiment;
}

async function changesOf(
  text: string | undefined,
  { file, evaluated }: Current,
): Promise<Pick<SnapshotState, "diff" | "problem">> {
  if (text === undefined) return {};
  const before = readSnapshotText(text);
  if (before === undefined) return { problem: "the file is no snapshot that exp wrote" };
  const now: Snapshot = snapshotOf(file, evaluated);
  const [old, later] = snapshotSides(before, now);
  const origins = new Map(later.runs.map((run, index) => [run, evaluated.runs[index]]));
  const diff = await diffConfigs(old, {
    runs: later.runs,
    originOf: async (run, path) => {
      const found = origins.get(run);
      return found === undefined ? undefined : evaluated.originOf(found, path);
    },
  });
  return { diff: { ...diff, numRuns: { before: before.numRuns, after: now.numRuns } } };
}

/** Files that `exp snapshot` wrote and no experiment has; whatever else lies there is left alone. */
function findOrphans({ folder }: Place, known: ReadonlySet<string>): readonly string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return names
    .filter((name) => name.endsWith(".json") && !name.includes("node_modules"))
    .map((name) => join(folder, name))
    .filter((path) => !known.has(path) && readOrphan(path) !== undefined);
}

function readOrphan(path: string): Snapshot | undefined {
  const files = createFileSystem();
  if (files.status(path)?.kind !== "file") return undefined;
  return readSnapshotText(files.readText(path) ?? "");
}

function endOrphan(path: string, { project }: Place, isCheck: boolean): SnapshotState {
  const file = readOrphan(path)?.file ?? "";
  if (!isCheck) rmSync(path);
  return {
    file,
    snapshot: slashed(relative(project, path)),
    status: isCheck ? "orphaned" : "removed",
  };
}
