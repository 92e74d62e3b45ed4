/** The look-ups of a store for scripts: plain values out of the index. */
import { join } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { IndexedRun } from "../store/query/indexed-run.ts";
import { checkOptions } from "./api/check-options.ts";
import {
  queryOptionNames,
  type FoundNumber,
  type FoundRun,
  type RunRanking,
  type StoreComparison,
  type StoreQueries,
} from "./api/store-queries.ts";
import { bestRuns } from "./lookups/best-runs.ts";
import { compareRuns } from "./lookups/compare-runs.ts";
import { findRuns } from "./lookups/find-runs.ts";
import { listRuns } from "./lookups/list-runs.ts";
import type { LookupContext } from "./lookups/open-index.ts";
import { factsDocument } from "./lookups/run-document.ts";

const usualNumFound = 20;
const usualNumBest = 5;

/**
 * The look-ups of a folder of runs.
 * @param store - Absolute.
 */
export function storeQueries(store: string): StoreQueries {
  const context: LookupContext = {
    runsDirectory: store,
    workingDirectory: process.cwd(),
    environment: process.env,
    onWarning: (text) => process.emitWarning(text),
  };
  return {
    runs: (filter, options = {}) => {
      checkOptions("runs()", options, queryOptionNames.runs);
      const { sort, limit } = options;
      checkLimit("runs()", limit);
      const { runs } = listRuns({ ...context, filter: textOf("runs()", filter), sort, limit });
      return runs.map((run) => foundRun(run, store));
    },
    find: (number, options = {}) => foundNumbers(context, store, { number, options }),
    best: (filter, options = {}) => {
      checkOptions("best()", options, queryOptionNames.best);
      const { metric, direction, limit = usualNumBest } = options;
      checkLimit("best()", limit);
      const asked = { filter: textOf("best()", filter), metric, direction, limit };
      const { rankings } = bestRuns({ ...context, ...asked });
      return rankings.map((ranking): RunRanking => ({
        ...ranking,
        runs: ranking.runs.map((run) => foundRun(run, store)),
      }));
    },
    compare: (runs, options = {}) => comparison(context, store, { runs, options }),
  };
}

function foundNumbers(
  context: LookupContext,
  store: string,
  asked: {
    readonly number: unknown;
    readonly options: NonNullable<Parameters<StoreQueries["find"]>[1]>;
  },
): readonly FoundNumber[] {
  const { number, options } = asked;
  checkOptions("find()", options, queryOptionNames.find);
  if (typeof number !== "string" && typeof number !== "number") {
    throw new ExpError("usage", `find() takes a number or its text, found ${described(number)}.`, {
      hint: 'For example: find("94.2%"). A run by its key is run("031a6508").',
    });
  }
  const { filter, metric, steps: everyStep = false, limit = usualNumFound } = options;
  checkLimit("find()", limit);
  const query = { text: String(number), filter: textOf("find()", filter), metric };
  const { matches } = findRuns({ ...context, ...query, everyStep, limit });
  return matches.map(({ found, metric: name, place, step, value }) => {
    const at = step === undefined ? { place } : { place, step };
    return { metric: name, ...at, value, run: foundRun(found, store) };
  });
}

function comparison(
  context: LookupContext,
  store: string,
  asked: {
    readonly runs: unknown;
    readonly options: NonNullable<Parameters<StoreQueries["compare"]>[1]>;
  },
): StoreComparison {
  const { runs, options } = asked;
  checkOptions("compare()", options, queryOptionNames.compare);
  if (!Array.isArray(runs) || !runs.every((one) => typeof one === "string")) {
    throw new ExpError("usage", "compare() takes a list of texts: keys of runs, or filters.", {
      hint: 'For example: compare(["optimizer.kind = adamw", "optimizer.kind = lion"]).',
    });
  }
  const { by, all: isWhole = false, curves } = options;
  const request = { operands: runs, by, isWhole, curves, members: "runs" } as const;
  const found = compareRuns({ ...context, ...request });
  return {
    groups: found.groups.map(({ title, runs: members }) => {
      return { title, runs: members.map((run) => foundRun(run, store)) };
    }),
    facts: found.facts,
    config: found.config.map(({ name, values }) => ({ path: name, values })),
    metrics: found.metrics,
    curves: found.curves,
  };
}

function foundRun(run: IndexedRun, store: string): FoundRun {
  const facts = factsDocument(run) as Partial<FoundRun>; // the index has each fact in its own kind
  return {
    ...facts,
    run: run.name,
    runKey: run.runKey,
    directory: join(store, run.directory),
    status: run.status as FoundRun["status"], // the index knows no other
    ...(run.reason === undefined ? {} : { reason: run.reason }),
    tags: run.tags,
    notes: run.notes,
    ...(run.selection === undefined ? {} : { selection: run.selection }),
    config: Object.fromEntries(run.config),
    metrics: Object.fromEntries(run.metrics),
  };
}

function textOf(call: string, filter: unknown): string | undefined {
  if (filter === undefined || typeof filter === "string") return filter;
  throw new ExpError("usage", `${call} takes a filter as a text, found ${described(filter)}.`, {
    hint: 'For example: "validation.accuracy > 90% and seed = 1".',
  });
}

function described(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function checkLimit(call: string, limit: number | undefined): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1)) return;
  throw new ExpError("usage", `${call}: limit is a whole number from 1, found ${String(limit)}.`);
}
