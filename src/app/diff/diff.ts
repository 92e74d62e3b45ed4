/** Compares what two words of the command line name, whatever they are: `exp diff A B`. */
import { existsSync } from "node:fs";
import { relative, resolve } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { diffConfigs, type ConfigSide } from "../../diff/configs.ts";
import type { DiffReport, ExperimentDiff } from "../../diff/report.ts";
import { pathStatus } from "../../resolve/path-status.ts";
import { projectDirectory } from "../list-project.ts";
import { checkOut } from "./checkout-tree.ts";
import { closeTrees, compareExperiment, openTrees } from "./evaluate-trees.ts";
import {
  evaluatorIn,
  experimentSide,
  planSide,
  revisionSide,
  runSide,
  type SideContext,
} from "./config-sides.ts";
import { readRevision, repositoryAround } from "./git-files.ts";
import { diffProjectSources, diffTwoModules, parseRange, type SourceTree } from "./source-sides.ts";

export interface DiffRequest extends SideContext {
  /** One range such as `main..HEAD`, or two of: experiment, `revision:experiment`, run, plan. */
  readonly words: readonly string[];
  /** Read sources only: nothing of the project is evaluated. */
  readonly isStatic: boolean;
}

/** One side of a comparison of two. */
type Operand =
  | {
      readonly kind: "module";
      readonly word: string;
      readonly tree: SourceTree;
      readonly file: string;
    }
  | { readonly kind: "run"; readonly word: string }
  | { readonly kind: "plan"; readonly word: string };

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
  return diffTwo(operandOf(first, request), operandOf(second, request), request);
}

const usage =
  "exp diff main..HEAD, or exp diff A B with experiments, main:experiments/x.ts, runs or plans.";

function operandOf(word: string, { workingDirectory }: DiffRequest): Operand {
  if (pathStatus(resolve(workingDirectory, word))?.isFile() === true) {
    if (word.endsWith(".json")) return { kind: "plan", word };
    return { kind: "module", word, tree: { kind: "working tree" }, file: word };
  }
  const colon = word.indexOf(":");
  if (colon > 0) {
    const tree = { kind: "revision", name: word.slice(0, colon) } as const;
    return { kind: "module", word, tree, file: word.slice(colon + 1) };
  }
  if (/^[0-9a-f]{8,64}$/iu.test(word)) return { kind: "run", word };
  throw new ExpError("usage", `${word} is no file, run, plan or revision:file.`, { hint: usage });
}

async function diffTwo(before: Operand, after: Operand, request: DiffRequest): Promise<DiffReport> {
  const labels = { before: before.word, after: after.word };
  const hasSources = before.kind === "module" && after.kind === "module";
  if (!hasSources && request.isStatic) {
    throw new ExpError("usage", "--static reads sources; a run or a plan has none to read.", {
      hint: "Leave --static away.",
    });
  }
  const sources = hasSources ? await diffTwoModules({ ...request, before, after }) : undefined;
  const found = { ...labels, ...(sources !== undefined && { sources }) };
  if (request.isStatic) return found;
  const diff = await withSides([before, after], request, ([old, now]) => diffConfigs(old, now));
  const name = before.word === after.word ? before.word : `${before.word} → ${after.word}`;
  return { ...found, experiments: [{ name, diff }] };
}

/** Resolves both sides; what was checked out for them is there until the answer is. */
async function withSides<Answer>(
  [before, after]: readonly [Operand, Operand],
  request: DiffRequest,
  use: (sides: readonly [ConfigSide, ConfigSide]) => Promise<Answer>,
): Promise<Answer> {
  const removers: (() => void | Promise<void>)[] = [];
  const side = async (operand: Operand): Promise<ConfigSide> => {
    if (operand.kind === "run") return runSide(operand.word, request);
    if (operand.kind === "plan") return planSide(operand.word, request);
    if (operand.tree.kind === "working tree") return experimentSide(operand.file, request);
    const project = projectDirectory(request.workingDirectory);
    const repository = await repositoryAround(project);
    const revision = await readRevision(repository, operand.tree.name);
    const { project: folder, remove } = await checkOut(repository, project, revision);
    const evaluator = evaluatorIn(folder, request);
    removers.push(remove, () => evaluator.end());
    const file = inRevision(operand, { folder, project, request });
    return revisionSide(evaluator, file, operand.word);
  };
  try {
    return await use([await side(before), await side(after)]);
  } finally {
    for (const remove of removers.toReversed()) await remove();
  }
}

interface RevisionPlace {
  readonly folder: string;
  readonly project: string;
  readonly request: DiffRequest;
}

/** As git reads it: `./x.ts` from the working directory, else from the repository's top; the project's is tried too. */
function inRevision(
  { word, file }: Extract<Operand, { kind: "module" }>,
  { folder, project, request }: RevisionPlace,
): string {
  const fromHere = relative(project, resolve(request.workingDirectory, file));
  const found = [fromHere, file].find((path) => existsSync(resolve(folder, path)));
  if (found !== undefined) return found;
  throw new ExpError("usage", `${word} is not there: the revision has no file ${file}.`);
}

type Range = NonNullable<ReturnType<typeof parseRange>>;

async function diffRange(range: Range, request: DiffRequest): Promise<DiffReport> {
  const { before, after } = range;
  const sources = await diffProjectSources({ ...request, ...range });
  const labels = { before: treeLabel(before), after: treeLabel(after) };
  if (request.isStatic) return { ...labels, sources };
  const project = projectDirectory(request.workingDirectory);
  const repository = await repositoryAround(project);
  const files = sources.experiments.common.map((file) =>
    relative(relative(repository, project), file),
  );
  const sides = await openTrees([before, after], { repository, project, request });
  try {
    const experiments: ExperimentDiff[] = [];
    for (const file of files) experiments.push((await compareExperiment(file, sides)).diff);
    return { ...labels, sources, experiments };
  } finally {
    await closeTrees(sides);
  }
}

function treeLabel(tree: SourceTree): string {
  return tree.kind === "revision" ? tree.name : "the working tree";
}
