/** `exp apply`: edits an experiment's module so that its config becomes the new side of a diff. */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { canonicalJson } from "../../core/canonical-json.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { formatPath, parsePath } from "../../core/path.ts";
import type { AxisChange } from "../../diff/configs.ts";
import { editModule } from "../../diff/edit/edit-module.ts";
import { unifiedDiff } from "../../diff/edit/unified-diff.ts";
import { diffValues } from "../../diff/value/diff.ts";
import { equalJson } from "../../diff/value/equal.ts";
import type { Operation } from "../../diff/value/operations.ts";
import { readOperations } from "../../diff/value/read-operations.ts";
import { sealAmbient } from "../../random/seal.ts";
import { asWritten } from "../../resolve/module-locations.ts";
import { resolveExperiment, type Resolution, type ResolvedRun } from "../../resolve/resolve.ts";
import { createSchemaView } from "../../resolve/schema-view.ts";
import { withCandidate } from "./candidate.ts";
import { editRound } from "./edit-rounds.ts";
import { goalOf, shownList, targetOf, valuesOf, type Goal } from "./goal.ts";
import { lineWidth } from "./line-width.ts";

export interface ApplyRequest {
  /** Of `exp diff --json`, or a list of operations; parsed. */
  readonly document: unknown;
  /** The module, relative to the working directory. */
  readonly file: string;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Only the patch is wanted: the file stays as it is. */
  readonly isDry: boolean;
}

/** What was done, or would be. */
export interface Applied {
  /** Relative to the project, with forward slashes. */
  readonly file: string;
  readonly numChanges: number;
  /** A unified diff of the module. */
  readonly patch: string;
  /** Of the runs that the module asks for today. */
  readonly configHashes: readonly string[];
}

/**
 * Applies a diff to an experiment's own module. What the result resolves to is compared with the new side before it takes
 * the module's place.
 * @throws {ExpError} `usage` for a diff that is malformed or was made from another config, and where the module computes
 *   what is to change, or another layer has the last word: then nothing is written; else as `resolveExperiment`.
 */
export async function applyDiff(request: ApplyRequest): Promise<Applied> {
  const { workingDirectory, environment, file } = request;
  const common = { overrides: [], workingDirectory, environment, seal: sealAmbient };
  const before = await resolveExperiment({ ...common, file });
  const { projectDirectory } = before;
  const shown = relative(projectDirectory, before.file).split(sep).join("/");
  const changes = readOperations(request.document, shown);
  const goal = goalOf(before, changes);
  const text = readFileSync(before.file, "utf8");
  const options = { file: shown, width: lineWidth(projectDirectory) };
  let current = text;
  for (const axis of changes.axes) current = withAxis(current, axis, options);
  const numChanges = changes.operations.length + changes.axes.length;
  return rounds({ request, before, goal, options, text }, current).then((found) => ({
    ...found,
    file: shown,
    numChanges,
  }));
}

function withAxis(
  text: string,
  { name, after, instead }: AxisChange,
  options: { readonly file: string; readonly width: number },
): string {
  const path = parsePath(name);
  const placed = { ...options, isLast: false };
  if (path !== undefined && after === undefined && instead !== undefined)
    return editModule(text, { kind: "unswept", path, value: instead }, placed);
  if (path === undefined || after === undefined) {
    const why = path === undefined ? "is no path" : "goes away for no value of its own";
    throw new ExpError("usage", `${options.file}: the axis ${name} ${why}.`, {
      hint: "Change it by hand.",
    });
  }
  return editModule(text, { kind: "axis", path, values: after }, placed);
}

interface Work {
  readonly request: ApplyRequest;
  readonly before: Resolution;
  readonly goal: Goal;
  readonly options: { readonly file: string; readonly width: number };
  /** Of the module as it is. */
  readonly text: string;
}

const maxRounds = 4;

/** Edits, resolves, looks at what still differs, and edits again: what a value is in the end is for resolving to say. */
async function rounds(work: Work, start: string): Promise<Pick<Applied, "patch" | "configHashes">> {
  const { request, before, goal, options, text } = work;
  const view = createSchemaView(before.task.schema);
  const place = { projectDirectory: before.projectDirectory, folder: dirname(before.file) };
  let [current, runs] = [start, before.runs];
  for (let index = 0; index <= maxRounds; index++) {
    const [run] = runs;
    const operations = missing(goal, runs);
    const earlier = current;
    if (run !== undefined && operations.length > 0) {
      const target = asWritten(targetOf(goal, run).config, view, place);
      current = editRound(current, { index, operations, target, run }, options);
    }
    if (index > 1 && current === earlier) break;
    const patch = unifiedDiff(options.file, text, current);
    const isDone = await tryText(work, current, (resolution, publish) => {
      ({ runs } = resolution);
      if (missing(goal, runs).length > 0) return false;
      requireAxes(goal, runs);
      if (!request.isDry && current !== text) publish();
      return true;
    });
    if (isDone) return { patch, configHashes: runs.map(({ configHash }) => configHash) };
  }
  throw new ExpError("usage", `${options.file}: ${leftText(missing(goal, runs))}.`, {
    hint: "Another layer has the last word there; change it by hand. Nothing was written.",
  });
}

function tryText(
  { request, before }: Work,
  text: string,
  use: (resolution: Resolution, publish: () => void) => boolean,
): Promise<boolean> {
  const { workingDirectory, environment } = request;
  const target = realpathSync(resolve(workingDirectory, before.file));
  return withCandidate({ target, text, workingDirectory, environment }, ({ resolution, publish }) =>
    use(resolution, publish),
  ).catch((error: unknown) => {
    if (!isExpError(error)) throw error;
    throw new ExpError(error.code, `The changed module would be refused: ${error.message}`, {
      issues: error.issues,
      hint: "Nothing was written.",
    });
  });
}

function leftText(operations: readonly Operation[]): string {
  const paths = operations.map(({ path }) => formatPath(path));
  return `${paths.join(", ")} ${paths.length === 1 ? "does" : "do"} not become what the diff says`;
}

/** What keeps the runs from their targets, each difference once; what axes set is not looked at. */
function missing(goal: Goal, runs: readonly ResolvedRun[]): readonly Operation[] {
  const found = new Map<string, Operation>();
  for (const run of runs) {
    const target = targetOf(goal, run);
    for (const operation of diffValues(run.config, target.config)) {
      const swept = goal.axes.filter(({ after }) => after !== undefined);
      const names = new Set([...Object.keys(run.axisValues), ...swept.map(({ name }) => name)]);
      if (!names.has(formatPath(operation.path))) found.set(canonicalJson(operation), operation);
    }
  }
  return [...found.values()];
}

/** @throws {ExpError} `usage` where the sweep is another than the diff's new side. */
function requireAxes({ axes, targets }: Goal, runs: readonly ResolvedRun[]): void {
  const wrong = axes.find(({ name, after = [] }) => !equalJson([...valuesOf(runs, name)], after));
  if (wrong !== undefined) {
    throw new ExpError(
      "usage",
      `The axis ${wrong.name} does not become ${shownList(wrong.after ?? [])}.`,
      {
        hint: "Change it by hand. Nothing was written.",
      },
    );
  }
  if (axes.length > 0 || runs.length === targets.length) return;
  throw new ExpError(
    "usage",
    `The changed module asks for ${String(runs.length)} runs instead of ${String(targets.length)}. Nothing was written.`,
  );
}
