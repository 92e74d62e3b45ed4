/** What a branch does to all experiments of a project and to its finished runs: `exp ci`. */
import type { CiDocument, CiExperiment } from "../../diff/document/ci-document.ts";
import type { DiffDocument } from "../../diff/document/diff-document.ts";
import { readDiffDocument } from "../../diff/document/read.ts";
import { isSameConfigs, type ConfigDiff } from "../../diff/configs.ts";
import { reportDocument, type DiffReport, type ExperimentDiff } from "../../diff/report.ts";
import type { SourceDiff } from "../../diff/source/diff-sources.ts";
import { openStore } from "../../store/store.ts";
import type { SideContext } from "../diff/config-sides.ts";
import {
  closeTrees,
  compareExperiment,
  openTrees,
  type Evaluation,
  type Sides,
} from "../diff/evaluate-trees.ts";
import { mergeBase, readRevision, repositoryAround } from "../diff/git-files.ts";
import { diffProjectSources, type SourceTree } from "../diff/source-sides.ts";
import { projectDirectory } from "../list-project.ts";
import { runsFolder } from "../runs-folder.ts";
import { unmatchedRuns, type HashesByFile } from "./unmatched-runs.ts";

export interface CiRequest extends SideContext {
  /** A revision; compared is where the branch left it. */
  readonly base: string;
}

/**
 * Compares a base revision with the working tree. This evaluates the experiments of both, so it runs their code.
 * @throws {ExpError} `usage` for a base that is no commit, or where there is no repository.
 */
export async function compareBranch(request: CiRequest): Promise<CiDocument> {
  const project = projectDirectory(request.workingDirectory);
  const repository = await repositoryAround(project);
  const { commit } = await readRevision(repository, request.base);
  const base = { name: request.base, commit: await mergeBase(repository, commit) };
  const before: SourceTree = { kind: "revision", name: base.commit };
  const after: SourceTree = { kind: "working tree" };
  const sources = await diffProjectSources({ ...request, before, after });
  const sides = await openTrees([before, after], { repository, project, request });
  try {
    const compared = await compareAll({ sources, sides });
    const runs = await unmatchedRuns({
      finished: openStore(
        runsFolder(request.runsDirectory, request.workingDirectory),
      ).listPublished(),
      hashes: compared.hashes,
      sides,
    });
    const diff = documentOf({
      before: request.base,
      after: "the working tree",
      sources,
      experiments: compared.diffs,
    });
    return { format: "lockstep/ci/1", base, experiments: compared.experiments, runs, diff };
  } finally {
    await closeTrees(sides);
  }
}

/** Read back by its own schema: what we write is what we would take. */
function documentOf(report: DiffReport): DiffDocument {
  return readDiffDocument(reportDocument(report), "The comparison");
}

interface Project {
  readonly sources: SourceDiff;
  readonly sides: Sides;
}

interface Compared {
  readonly experiments: readonly CiExperiment[];
  readonly diffs: readonly ExperimentDiff[];
  readonly hashes: HashesByFile;
}

async function compareAll({ sources, sides }: Project): Promise<Compared> {
  const experiments: CiExperiment[] = [];
  const diffs: ExperimentDiff[] = [];
  const hashes = new Map<string, { before?: Evaluation; after?: Evaluation }>();
  const { common, added, removed } = sources.experiments;
  for (const file of [...common, ...added, ...removed].toSorted()) {
    const through = changedDefinitions(sources, file);
    if (common.includes(file)) {
      const { before, after, diff } = await compareExperiment(file, sides);
      diffs.push(diff);
      hashes.set(file, { before, after });
      experiments.push({
        file,
        status: statusOf(diff, through),
        ...sideFacts(before, after),
        through,
      });
      continue;
    }
    const [old, now] = sides;
    const isAdded = added.includes(file);
    const found = await (isAdded ? now : old).evaluator.evaluate(file);
    hashes.set(file, isAdded ? { after: found } : { before: found });
    const facts = isAdded ? sideFacts(undefined, found) : sideFacts(found, undefined);
    experiments.push({ file, status: statusOfOne(found, isAdded), ...facts, through: [] });
  }
  return { experiments, diffs, hashes };
}

/** Definitions that differ and that an experiment is made of, its own among them. */
function changedDefinitions({ definitions }: SourceDiff, path: string): readonly string[] {
  return definitions
    .filter(({ name, reaches }) => reaches.includes(path) || name === `${path}#default`)
    .map(({ name }) => name.replace(/#default$/u, ""));
}

function statusOf(
  { diff, isOnBothSides }: ExperimentDiff,
  through: readonly string[],
): CiExperiment["status"] {
  const bySource = through.length > 0 ? "rewritten" : "same";
  if (diff === undefined) return isOnBothSides === true ? bySource : "unresolved";
  if (isSameConfigs(diff)) return bySource;
  return changesResults(diff) ? "changed" : "relabelled";
}

/** A new one that only wants values of the command line is as it should be; any other that cannot be resolved is broken. */
function statusOfOne(found: Evaluation, isAdded: boolean): CiExperiment["status"] {
  if (!isAdded) return "removed";
  return "problem" in found && found.wantsValues !== true ? "unresolved" : "added";
}

function changesResults({ numRuns, axes, changes }: ConfigDiff): boolean {
  const isOtherSweep = axes.length > 0 || numRuns.before !== numRuns.after;
  return isOtherSweep || changes.some((change) => change.class === "result");
}

function sideFacts(
  before: Evaluation | undefined,
  after: Evaluation | undefined,
): Pick<CiExperiment, "numRuns" | "problems"> {
  const problem = (side: Evaluation | undefined): string | undefined =>
    side !== undefined && "problem" in side ? side.problem : undefined;
  const count = (side: Evaluation | undefined): number | undefined =>
    side === undefined || "problem" in side ? undefined : side.runs.length;
  const problems = pair(problem(before), problem(after));
  const numRuns = pair(count(before), count(after));
  return { ...(numRuns && { numRuns }), ...(problems && { problems }) };
}

function pair<Value>(
  before: Value | undefined,
  after: Value | undefined,
): { readonly before?: Value; readonly after?: Value } | undefined {
  if (before === undefined && after === undefined) return undefined;
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}
