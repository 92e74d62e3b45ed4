/** The parts of a task that more than one layer must agree on. The task itself is made in `src/config`. */
import type { RunEvent } from "./run-events.ts";

/** What a task's `run` is given. */
export interface RunContext<Config> {
  /** The resolved config: frozen, with locations relative to `projectDirectory`. */
  readonly config: Config;
  /** Absolute; what locations in the config are relative to. */
  readonly projectDirectory: string;
  /** The backend that the plan decided on, e.g. `wasm`. */
  readonly backend: string;
  /** Aborted on the first Ctrl-C: finish the step, save a checkpoint, throw `ExpError("interrupted")`. */
  readonly signal: AbortSignal;
}

/** `run` of a task: a stream of events. Yield at least once a step, so that signals and displays get their turn. */
export type RunFunction<Config> = (context: RunContext<Config>) => AsyncIterable<RunEvent>;

/** One file that a data source reads: its bytes are the data identity, its name is for messages. */
export interface DataFile {
  /** Absolute path. */
  readonly path: string;
  /** Name inside the source, with forward slashes and independent of the machine: `train.tsv`, `easy-ham-1/0001.txt`. */
  readonly name: string;
}

/** Lists, in reading order, the files whose bytes a config's run reads. Throws `ExpError("data")` when one is missing. */
export type ListDataFiles<Config> = (
  config: Config,
  projectDirectory: string,
) => Promise<readonly DataFile[]>;

/** What a run will need and what was seen of it, before it starts. */
export interface PreflightReport {
  /** One line each for people: `data`, `4,751 train, 587 validation, 571 test examples`. */
  readonly findings: readonly { readonly topic: string; readonly text: string }[];
  /** Estimate of the memory that the run takes at its peak, beside Node.js itself. */
  readonly numMemoryBytes?: number;
  /** Estimate of what the run leaves on disk. */
  readonly numDiskBytes?: number;
}

/** What a check before the run is given. */
export interface PreflightContext<Config> {
  readonly config: Config;
  /** Absolute. */
  readonly projectDirectory: string;
  readonly backend: string;
  /** Lives as long as the check of one plan: what several runs share (a data set) is loaded once. */
  readonly shared: Map<string, unknown>;
}

/** Checks a run without doing it. Throws `ExpError` for what would make it fail. */
export type Preflight<Config> = (context: PreflightContext<Config>) => Promise<PreflightReport>;
