/** Two trees of a project whose experiments are evaluated, each in a process of its own. */
import { diffConfigs } from "../../diff/configs.ts";
import type { ExperimentDiff } from "../../diff/report.ts";
import type { EvaluatedExperiment, Evaluator } from "../evaluate/evaluator.ts";
import type { EvaluationProblem } from "../evaluate/messages.ts";
import { checkOut } from "./checkout-tree.ts";
import { evaluatorIn, type SideContext } from "./config-sides.ts";
import { readRevision } from "./git-files.ts";
import type { SourceTree } from "./source-sides.ts";

/** A tree that lies in a folder, and what evaluates its experiments. */
export interface OpenTree {
  readonly evaluator: Evaluator;
  readonly remove: () => void;
}

/** The two trees of a comparison. */
export type Sides = readonly [before: OpenTree, after: OpenTree];

export interface TreePlace {
  /** Absolute. */
  readonly repository: string;
  /** Absolute: the project's folder in the working tree. */
  readonly project: string;
  readonly request: SideContext;
}

/**
 * Writes revisions into temporary folders; the working tree is taken where it lies.
 * @throws {ExpError} `usage` for a revision that is not there.
 */
export async function openTrees(
  [before, after]: readonly [SourceTree, SourceTree],
  place: TreePlace,
): Promise<Sides> {
  const first = await openTree(before, place);
  try {
    return [first, await openTree(after, place)];
  } catch (error) {
    first.remove();
    throw error;
  }
}

async function openTree(
  tree: SourceTree,
  { repository, project, request }: TreePlace,
): Promise<OpenTree> {
  if (tree.kind === "working tree")
    return { evaluator: evaluatorIn(project, request), remove: () => undefined };
  const { project: folder, remove } = await checkOut(
    repository,
    project,
    await readRevision(repository, tree.name),
  );
  return { evaluator: evaluatorIn(folder, request), remove };
}

/** Ends the processes and removes the folders. */
export async function closeTrees(sides: Sides): Promise<void> {
  await Promise.all(sides.map(({ evaluator }) => evaluator.end()));
  for (const { remove } of sides) remove();
}

/** An experiment as a tree gives it, or why it cannot be resolved there. */
export type Evaluation = EvaluatedExperiment | EvaluationProblem;

/** What a side of an experiment gave, and how both differ. */
export interface ExperimentComparison {
  readonly before: Evaluation;
  readonly after: Evaluation;
  readonly diff: ExperimentDiff;
}

/**
 * One experiment of both trees. One that cannot be resolved hides none of the others.
 * @param name - Its file, relative to the project.
 */
export async function compareExperiment(
  name: string,
  [before, after]: Sides,
): Promise<ExperimentComparison> {
  const [old, now] = await Promise.all([
    before.evaluator.evaluate(name),
    after.evaluator.evaluate(name),
  ]);
  return { before: old, after: now, diff: await differenceOf(name, old, now) };
}

/** One that is new has nothing to be compared with; that it cannot be resolved is told all the same. */
export async function problemOfAdded(
  name: string,
  [, after]: Sides,
): Promise<readonly ExperimentDiff[]> {
  const found = await after.evaluator.evaluate(name);
  return "problem" in found ? [{ name, problem: `after: ${found.problem}` }] : [];
}

async function differenceOf(
  name: string,
  old: Evaluation,
  now: Evaluation,
): Promise<ExperimentDiff> {
  const before = "problem" in old ? old.problem : undefined;
  const after = "problem" in now ? now.problem : undefined;
  if (!("problem" in old) && !("problem" in now))
    return { name, diff: await diffConfigs(old, now) };
  const problem = after ?? before ?? "";
  // A value that only the command line gives is missing on both sides: their sources say what there is to say.
  if (before === after) return { name, problem, isOnBothSides: true };
  return { name, problem: `${after === undefined ? "before" : "after"}: ${problem}` };
}
