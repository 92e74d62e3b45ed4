/** Runs put together: repeats of one setting, or runs that share a value. */
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { repeatKey } from "../summary.ts";

/** Tells which runs belong together, and what they are called. */
export type Grouping = (run: IndexedRun) => { readonly key: string; readonly title: string };

/** What belongs together. */
export interface GroupOf<Member> {
  readonly title: string;
  readonly members: readonly Member[];
}

/** Runs of one setting. */
export interface RunsOfGroup {
  readonly runs: readonly IndexedRun[];
}

/** Runs that differ in their seeds alone. One that did not finish has no such identity, and stands alone. */
export const repeats: Grouping = (run) => {
  const { groupHash, dataHash, environmentClass } = run.facts;
  if (groupHash === undefined) return { key: run.runKey, title: run.name };
  const key = repeatKey({
    groupHash: String(groupHash),
    dataHash: String(dataHash),
    environmentClass: String(environmentClass),
  });
  return { key, title: String(groupHash).slice(0, 16) };
};

/** Members put together, each group where its first one was. */
export function grouped<Member>(
  all: readonly Member[],
  runOf: (member: Member) => IndexedRun,
  grouping: Grouping,
): readonly GroupOf<Member>[] {
  const groups = new Map<string, { title: string; members: Member[] }>();
  for (const one of all) {
    const { key, title } = grouping(runOf(one));
    const group = groups.get(key) ?? { title, members: [] };
    group.members.push(one);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Runs by setting. */
export function groupRuns(runs: readonly IndexedRun[]): readonly RunsOfGroup[] {
  return grouped(runs, (run) => run, repeats).map(({ members }) => ({ runs: members }));
}
