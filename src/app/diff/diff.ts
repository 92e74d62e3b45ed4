/** Compares what two words of the command line name, whatever they are: `exp diff A B`. */
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { diffConfigs, type ConfigSide } from "../../diff/configs.ts";
import type { DiffReport, ExperimentDiff, SideFacts } from "../../diff/report.ts";
import { projectDirectory } from "../list-project.ts";
import { checkOut } from "./checkout-tree.ts";
import { closeTrees, compareExperiment, openTrees, problemOfAdded } from "./evaluate-trees.ts";
import { evaluatorIn, experimentSide, revisionSide, type SideContext } from "./config-sides.ts";
import { readRevision, repositoryAround } from "./git-files.ts";
import { operandOf, usage, type ModuleOperand, type Operand } from "./operands.ts";
import { within } from "./preset-side.ts";
import {
  diffProjectSources,
  diffTwoModules,
  notInTree,
  parseRange,
  pathsInRevision,
  type SourceTree,
} from "./source-sides.ts";

export interface DiffRequest extends SideContext {
  /** One range such as `main..HEAD`, or two of: experiment, `revision:experiment`, run, plan. */
  readonly words: readonly string[];
  /** Read sources only: nothing of the project is evaluated. */
  readonly isStatic: boolean;
}

/**
 * The differences.
 * @throws {ExpError} `usage` for a word that names nothing, `module` or `config` for an experiment that cannot be
 *   resolved where it is one of the two that were named.
 */
export async function diffWords(request: DiffRequest): Promise<DiffReport> {
  const [first, second] = request.words;
  if (first === undefined)
    throw new ExpError("usage", "Nothing to compare was named.", { hint: usage });
  if (second === undefined) {
    const range = parseRange(first);
    if (range === undefined) {
      throw new ExpError("usage", `${first} is compared with what?`, { hint: usage });
    }
    return diffRange(range, request);
  }
  return diffTwo(await operandOf(first, request), await operandOf(second, request), request);
}

async function diffTwo(before: Operand, after: Operand, request: DiffRequest): Promise<DiffReport> {
  const sides = { before: before.facts, after: after.facts };
  const labels = { before: before.word, after: after.word, sides };
  const hasSources = before.kind === "module" && after.kind === "module";
  if (!hasSources && request.isStatic) {
    throw new ExpError(
      "usage",
      "--static reads sources; a run, a config, a plan or a preset has none to read.",
      {
        hint: "Leave --static away.",
      },
    );
  }
  const sources = hasSources ? await diffTwoModules({ ...request, before, after }) : undefined;
  const found = { ...labels, ...(sources !== undefined && { sources }) };
  if (request.isStatic) return found;
  const diff = await withSides([before, after], request, (both) => diffConfigs(...alike(both)));
  const name = before.word === after.word ? before.word : `${before.word} → ${after.word}`;
  return { ...found, experiments: [{ name, diff }] };
}

type TwoSides = readonly [before: NamedSide, after: NamedSide];

interface NamedSide {
  readonly kind: Operand["kind"];
  readonly side: ConfigSide;
}

/** Beside a preset, only what it writes is looked at. */
function alike([before, after]: TwoSides): readonly [before: ConfigSide, after: ConfigSide] {
  const [old, now] = [before.side, after.side];
  if (before.kind === "preset" && after.kind !== "preset") return [old, within(now, old)];
  if (after.kind === "preset" && before.kind !== "preset") return [within(old, now), now];
  return [old, now];
}

/** Resolves both sides; what was checked out for them is there until the answer is. */
async function withSides<Answer>(
  [before, after]: readonly [Operand, Operand],
  request: DiffRequest,
  use: (sides: TwoSides) => Promise<Answer>,
): Promise<Answer> {
  const removers: (() => void | Promise<void>)[] = [];
  const side = async (operand: Operand): Promise<ConfigSide> => {
    if (operand.kind !== "module") return operand.side;
    if (operand.tree.kind === "working tree") return experimentSide(operand.file, request);
    const project = projectDirectory(request.workingDirectory);
    const repository = await repositoryAround(project);
    const revision = await readRevision(repository, operand.tree.name);
    const { project: folder, remove } = await checkOut(repository, project, revision);
    const evaluator = evaluatorIn(folder, request);
    removers.push(remove, () => evaluator.end());
    const file = inRevision(operand, { folder, project, repository, request });
    return revisionSide(evaluator, file, operand.word);
  };
  try {
    const old = { kind: before.kind, side: await side(before) };
    return await use([old, { kind: after.kind, side: await side(after) }]);
  } finally {
    for (const remove of removers.toReversed()) await remove();
  }
}

interface RevisionPlace {
  readonly folder: string;
  readonly project: string;
  readonly repository: string;
  readonly request: DiffRequest;
}

/** The file relative to the project's folder, of which `folder` is the one that was checked out. */
function inRevision(
  { file, tree }: ModuleOperand,
  { folder, project, repository, request }: RevisionPlace,
): string {
  const { workingDirectory } = request;
  const paths = pathsInRevision(file, { repository, project, workingDirectory });
  const inProject = paths.map((path) => relative(relative(repository, project), path));
  const found = inProject.find((path) => existsSync(resolve(folder, path)));
  if (found === undefined) throw notInTree(tree, file);
  return found;
}

type Range = NonNullable<ReturnType<typeof parseRange>>;

async function diffRange(range: Range, request: DiffRequest): Promise<DiffReport> {
  const { before, after } = range;
  const sources = await diffProjectSources({ ...request, ...range });
  const sides = { before: treeFacts(before), after: treeFacts(after) };
  const labels = { before: treeLabel(before), after: treeLabel(after), sides };
  if (request.isStatic) return { ...labels, sources };
  const project = projectDirectory(request.workingDirectory);
  const repository = await repositoryAround(project);
  const trees = await openTrees([before, after], { repository, project, request });
  try {
    const experiments: ExperimentDiff[] = [];
    for (const file of sources.experiments.common)
      experiments.push((await compareExperiment(file, trees)).diff);
    for (const file of sources.experiments.added)
      experiments.push(...(await problemOfAdded(file, trees)));
    return { ...labels, sources, experiments };
  } finally {
    await closeTrees(trees);
  }
}

function treeFacts(tree: SourceTree): SideFacts {
  return tree.kind === "revision"
    ? { kind: "revision", name: tree.name }
    : { kind: "working tree", name: "" };
}

function treeLabel(tree: SourceTree): string {
  return tree.kind === "revision" ? tree.name : "the working tree";
}
