/** What `openStore()` can be asked: the look-ups of the command line, for scripts and tests. */
import type { JsonValue } from "../../core/json.ts";
import type { OptionNames } from "./check-options.ts";

/** A metric of a run; a number that the run does not have is absent. */
export interface FoundMetric {
  /** Of the result: for a training that of the best checkpoint. */
  readonly final?: number;
  /** Where the metric that selects was best. */
  readonly best?: number;
  /** The last one logged. */
  readonly last?: number;
  readonly min?: number;
  readonly max?: number;
}

/** A run as look-ups know it, finished or not: the names are those of the filter language and of `exp runs --json`. */
export interface FoundRun {
  /** First 16 digits of the run key. */
  readonly run: string;
  readonly runKey: string;
  /** Absolute; of a run that is not finished, its last attempt. */
  readonly directory: string;
  /** `foreign`: imported from another tool. */
  readonly status: "finished" | "running" | "failed" | "lost" | "paused" | "foreign";
  /** Why it failed. */
  readonly reason?: string;
  readonly experiment?: string;
  readonly task?: string;
  /** ISO 8601, UTC, like `ended`. */
  readonly started?: string;
  readonly ended?: string;
  /** Seconds. */
  readonly duration?: number;
  readonly host?: string;
  readonly steps?: number;
  /** The metric that selects. */
  readonly score?: number;
  readonly "git.commit"?: string;
  readonly "git.branch"?: string;
  readonly "git.dirty"?: boolean;
  readonly configHash?: string;
  readonly groupHash?: string;
  readonly codeHash?: string;
  readonly dataHash?: string;
  readonly environmentClass?: string;
  readonly weightsDigest?: string;
  readonly traceDigest?: string;
  /** From the config, and as `exp tag` added and took away. */
  readonly tags: readonly string[];
  readonly notes: readonly { readonly time: string; readonly text: string }[];
  /** Which metric chooses the best checkpoint and the best run. */
  readonly selection?: { readonly metric: string; readonly direction: "min" | "max" };
  /** Values by their paths, `optimizer.learningRate`; lists whole. */
  readonly config: Readonly<Record<string, JsonValue>>;
  readonly metrics: Readonly<Record<string, FoundMetric>>;
}

/** How `runs` lists. */
export interface RunsOptions {
  /** Fields with commas between them, `-` before one whose largest come first. Default: the newest first. */
  readonly sort?: string;
  /** At most so many, from 1. Default: all. */
  readonly limit?: number;
}

/** How `find` looks. */
export interface FindOptions {
  /** In which runs; default: in all. */
  readonly filter?: string;
  /** Of this metric only. */
  readonly metric?: string;
  /** Look at every step that was logged, also where a result matches. Default: only where nothing else does. */
  readonly steps?: boolean;
  /** At most so many, from 1. Default: 20. */
  readonly limit?: number;
}

/** A value that rounds to the number that was looked for. */
export interface FoundNumber {
  readonly metric: string;
  /** Where it stands: in the result, where the run was best, as the last one, or at a step. */
  readonly place: "final" | "best" | "last" | "step";
  /** Only of a value at a step. */
  readonly step?: number;
  readonly value: number;
  readonly run: FoundRun;
}

/** How `best` ranks. */
export interface BestOptions {
  /** Instead of the metrics that the runs select by. */
  readonly metric?: string;
  /** Which end of that metric is better; needed where no run selects by it. */
  readonly direction?: "min" | "max";
  /** Runs of each ranking, from 1. Default: 5. */
  readonly limit?: number;
}

/** Finished runs that are chosen by one metric, the best first. */
export interface RunRanking {
  readonly metric: string;
  readonly direction: "min" | "max";
  readonly runs: readonly FoundRun[];
  /** How many were ranked. */
  readonly numRuns: number;
  /** On how many data sets: figures of different data say little about each other. */
  readonly numDataSets: number;
}

/** How `compare` compares. */
export interface CompareOptions {
  /** Splits the runs of one filter, or all, by the values of this field. */
  readonly by?: string;
  /** Also what is the same everywhere. Default: false. */
  readonly all?: boolean;
  /** Curves of these metrics. Default: those that select, and `train.loss`. */
  readonly curves?: readonly string[];
}

/** Runs and groups of runs beside each other; each list has one entry for each group, in their order. */
export interface StoreComparison {
  readonly groups: readonly { readonly title: string; readonly runs: readonly FoundRun[] }[];
  /** Facts that differ, each value once. */
  readonly facts: readonly {
    readonly name: string;
    readonly values: readonly (readonly JsonValue[])[];
  }[];
  /** Values of the config that differ, each once. */
  readonly config: readonly {
    readonly path: string;
    readonly values: readonly (readonly JsonValue[])[];
  }[];
  /** `undefined` where no run of a group has the metric; a sample standard deviation from two runs on. */
  readonly metrics: readonly {
    readonly name: string;
    readonly groups: readonly (
      | { readonly mean: number; readonly standardDeviation?: number; readonly count: number }
      | undefined
    )[];
  }[];
  /** Means over the newest runs of a group, 100 in all groups, at the steps that all of them logged. */
  readonly curves: readonly {
    readonly name: string;
    readonly groups: readonly (
      { readonly steps: readonly number[]; readonly values: readonly number[] } | undefined
    )[];
  }[];
}

/** The look-ups, answered from the index in `.index/` of the runs folder, which is brought up to date first. */
export interface StoreQueries {
  /**
   * The runs that a filter takes, finished or not: `optimizer.learningRate < 1e-3 and validation.accuracy > 90%`.
   * @throws {ExpError} `usage` for a filter, an order or an option that cannot be used.
   */
  runs(filter?: string, options?: RunsOptions): readonly FoundRun[];
  /**
   * The values that round to a number as it is written: `94.2%` is 0.942 and 94.2. Results are looked at first, then the
   * values where a run was best, the last ones, and every step that was logged.
   * @throws {ExpError} `usage` for a text that is no number, a metric that no run has, or a wrong filter.
   */
  find(number: string | number, options?: FindOptions): readonly FoundNumber[];
  /**
   * The best finished runs: a ranking for each metric that the runs select by, or for the one that is asked for. Test ranks
   * only where it is asked for.
   * @throws {ExpError} `usage` for a wrong filter, and for a metric without a direction.
   */
  best(filter?: string, options?: BestOptions): readonly RunRanking[];
  /**
   * What differs between runs (8 or more digits of their keys, or their folders) and groups of runs (filters).
   * @throws {ExpError} `usage` where fewer than two groups come together, for names that mean no run, and wrong filters.
   */
  compare(runs: readonly string[], options?: CompareOptions): StoreComparison;
}

/** All options, by function. */
export const queryOptionNames: {
  readonly runs: OptionNames<RunsOptions>;
  readonly find: OptionNames<FindOptions>;
  readonly best: OptionNames<BestOptions>;
  readonly compare: OptionNames<CompareOptions>;
} = {
  runs: { sort: true, limit: true },
  find: { filter: true, metric: true, steps: true, limit: true },
  best: { metric: true, direction: true, limit: true },
  compare: { by: true, all: true, curves: true },
};
