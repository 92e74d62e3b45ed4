/** The parts of a task that more than one layer must agree on. The task itself is made in `src/config`. */
import type { Metrics, RunEvent } from "./run-events.ts";
import type { TaskCheckpoints, TaskLog, TaskRandom } from "./task-services.ts";
import type { TrainedModel } from "./trained-model.ts";

/** What a run is started with: plain facts. */
export interface RunInputs<Config> {
  /** The resolved config: frozen, with locations relative to `projectDirectory`. */
  readonly config: Config;
  /** Absolute; what locations in the config are relative to. */
  readonly projectDirectory: string;
  /** The backend that the plan decided on, e.g. `wasm`. */
  readonly backend: string;
  /** What `checkpoint` of the config names, read and whole; for modes that use a trained model. */
  readonly trained?: TrainedModel;
  /** The trace is to tell all tensors at every step, for a comparison with another execution. Default: false. */
  readonly isTraceDense?: boolean;
  /**
   * Of the built-in training: asked after a step, whether what is said of it may be told with later ones. Without it each step
   * is told at once.
   */
  readonly mayTellLater?: () => boolean;
  /**
   * Aborted on the first Ctrl-C. `checkpoint.save` then ends the run by itself; a run that looks at the signal ends with
   * `signal.throwIfAborted()`. It must not return: what is returned is published as the whole result.
   */
  readonly signal: AbortSignal;
}

/** What a task's `run` is given. */
export interface RunContext<Config> extends RunInputs<Config> {
  /** Named random streams, from `seed` and `seeds` of the config: `rng.stream("noise").normal(100, { step })`. */
  readonly rng: TaskRandom;
  /** Lines, figures and progress: `log("text")`, `log.metrics(step, { "train.loss": 0.1 })`. Shown and stored at once. */
  readonly log: TaskLog;
  /** Where the run goes on after a kill: `await checkpoint.latest()`, `await checkpoint.save({ step, state })`. */
  readonly checkpoint: TaskCheckpoints;
  /**
   * The run's own folder, absolute, for as long as it runs. What is put into its folder `files` is kept with the run and
   * may differ from one honest attempt to the next; what is put into `results` must be the same, byte for byte.
   */
  readonly runDirectory: string;
  /** The folder of the last earlier attempt at this run, absolute; `undefined` where this is the first. */
  readonly previousDirectory: string | undefined;
}

/** The figures that a run comes to: flat names such as `test.accuracy`; NaN and infinities are allowed. */
type ReturnedMetrics = Metrics | void;

/**
 * `run` of a task: an async function that gives back the run's figures (or nothing), or a stream of events, which is
 * what the built-in training task yields. Wait for something once a step (`checkpoint.save` will do), so that signals
 * get their turn.
 */
export type RunFunction<Config> = (
  context: RunContext<Config>,
) => AsyncIterable<RunEvent> | Promise<ReturnedMetrics>;

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
  /** Estimate of the memory that the run takes at its peak, beside Node.js and the kernels: they are added. */
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
  /** As in `RunInputs`. */
  readonly trained?: TrainedModel;
  /** Lives as long as the check of one plan: what several runs share (a data set) is loaded once. */
  readonly shared: Map<string, unknown>;
}

/** Checks a run without doing it. Throws `ExpError` for what would make it fail. */
export type Preflight<Config> = (context: PreflightContext<Config>) => Promise<PreflightReport>;
