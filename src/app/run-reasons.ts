/** Why each run of a plan would be executed or not: component by component against the nearest run that is known. */
import { changedCode } from "../resolve/code-changes.ts";
import { codeFiles, type CodeFile } from "../resolve/code-files.ts";
import type { PackageFacts } from "../resolve/packages.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { Store } from "../store/store.ts";
import { changeText } from "./change-text.ts";
import { dataChanges } from "./data-changes.ts";
import { finishedFacts, type FinishedFacts } from "./finished-facts.ts";
import { createSearch, finishedRuns, type KnownRun, type NearestRun } from "./known-runs.ts";
import type { FrozenPlan } from "./frozen-plan.ts";
import type { PreparedPlan } from "./plan-experiment.ts";
import { storedStatus, type StoredStatus } from "./run-status.ts";

/** The parts that a run key is made of. */
export const components = ["config", "code", "data", "environment"] as const;
export type Component = (typeof components)[number];

/** What differs in each component, as short texts; nothing where it is the same. */
export type ComponentDifferences = Readonly<Record<Component, readonly string[]>>;

export interface Comparison {
  readonly nearest: KnownRun;
  readonly differences: ComponentDifferences;
}

export interface RunReason {
  readonly run: PlannedRun;
  readonly status: StoredStatus;
  /** Whether executing the plan would execute this run. */
  readonly willRun: boolean;
  /** A finished run with the same config stands for it, as was asked for. */
  readonly isReused?: boolean;
  /** For a finished run: what it came to. */
  readonly finished?: FinishedFacts;
  /** Absent for a finished run, and where no run of the task is known. */
  readonly comparison?: Comparison;
}

/** The reasons of all runs, in the order of the plan: one that was just made, or a saved one. */
export async function runReasons(
  prepared: PreparedPlan | FrozenPlan,
): Promise<readonly RunReason[]> {
  const { plan, store } = prepared;
  const statuses = plan.runs.map((run) => storedStatus(store, run.runKey));
  const isAllFinished = statuses.every((status) => status === "finished");
  const compare = createComparison(prepared, isAllFinished ? [] : finishedRuns(store));
  const reasons: RunReason[] = [];
  for (const [index, run] of plan.runs.entries()) {
    const status = statuses[index] ?? "planned";
    const comparison = status === "finished" ? undefined : await compare(run);
    const isReused = prepared.reused?.has(run.runKey) === true;
    const willRun = !isReused && !["finished", "running", "damaged"].includes(status);
    reasons.push({
      run,
      status,
      willRun,
      ...(isReused && { isReused }),
      ...(status === "finished" && finishedOf(store, run.runKey)),
      ...(comparison !== undefined && { comparison }),
    });
  }
  return reasons;
}

function finishedOf(store: Store, runKey: string): Pick<RunReason, "finished"> {
  const published = store.findPublished(runKey);
  return published === undefined ? {} : { finished: finishedFacts(store, published) };
}

/**
 * A function that compares a run of a plan with the nearest of some known runs.
 * @param packages - Of the code of known runs, where the store does not have them.
 */
export function createComparison(
  prepared: PreparedPlan | FrozenPlan,
  known: readonly KnownRun[],
  packages: ReadonlyMap<string, readonly PackageFacts[]> = new Map(),
): (run: PlannedRun) => Promise<Comparison | undefined> {
  const search = createSearch(known, prepared.plan.task.name);
  const codeTexts = createCodeTexts(prepared, packages);
  return async (run) => {
    const nearest = search(run);
    if (nearest === undefined) return undefined;
    const { run: one } = nearest;
    return {
      nearest: one,
      differences: {
        config: configTexts(nearest),
        code: one.codeHash === run.codeHash ? [] : codeTexts(one.codeHash),
        data: one.dataHash === run.dataHash ? [] : await dataTexts(one.dataHash, run, prepared),
        environment:
          one.environmentClass === run.environmentClass
            ? []
            : [`${one.environmentClass} → ${run.environmentClass}`],
      },
    };
  };
}

function configTexts({ run, changes }: NearestRun): readonly string[] {
  const before = run.config();
  return changes.map((change) => changeText(before, change));
}

/** Once for each code that known runs have. */
function createCodeTexts(
  prepared: PreparedPlan | FrozenPlan,
  packages: ReadonlyMap<string, readonly PackageFacts[]>,
): (codeHash: string) => readonly string[] {
  const { code, store } = prepared;
  const known = new Map<string, readonly string[]>();
  let now: readonly CodeFile[] | undefined;
  return (codeHash) => {
    const earlier = known.get(codeHash);
    if (earlier !== undefined) return earlier;
    now ??= filesOf(prepared);
    const stored = store.readCode(codeHash);
    const texts = changedCode(
      { files: stored?.files, packages: stored?.packages ?? packages.get(codeHash) },
      { files: now, packages: code.packages },
    );
    known.set(codeHash, texts);
    return texts;
  };
}

/** Of a saved plan they lie in the store, with its code. */
function filesOf(prepared: PreparedPlan | FrozenPlan): readonly CodeFile[] | undefined {
  const { store } = prepared;
  if (!("resolution" in prepared)) return store.readCode(prepared.code.codeHash)?.files;
  return codeFiles(prepared.code.files, prepared.resolution.projectDirectory);
}

/** A saved plan holds no names of data: they are known where a run with the same data is finished. */
async function dataTexts(
  dataHash: string,
  run: PlannedRun,
  prepared: PreparedPlan | FrozenPlan,
): Promise<readonly string[]> {
  const { store } = prepared;
  if ("data" in prepared)
    return dataChanges(store, dataHash, await prepared.data.currentFiles(run.config));
  const files = store.readDataList(run.dataHash);
  return dataChanges(store, dataHash, files && { files });
}
