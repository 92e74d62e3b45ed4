/** What a run can ask for while it runs: random numbers, a log, checkpoints. Types only; `src/app` makes them. */
import type { JsonObject } from "./json.ts";
import type { HostTensors, Metrics } from "./run-events.ts";

/** Named random streams of a run. */
export interface TaskRandom {
  /**
   * The stream of a purpose: a path such as `noise` or `dropout/embeddings`. It depends on the seed and that purpose
   * alone, so a new stream moves nobody else's numbers.
   * @throws {ExpError} `config` where the task's schema has no `seed`, `training` for a purpose that is no path.
   */
  stream(purpose: string): TaskStream;
}

/** Which numbers of a stream are meant. */
export interface DrawPlace {
  /**
   * A whole number from 0. What is drawn depends on it and on nothing that was drawn before: equal steps give equal
   * numbers, so a resumed run needs no generator state. Count it up, or use 0 for what is drawn once a run.
   */
  readonly step: number;
}

/** A source of random numbers for one purpose. All methods are pure: the same arguments give the same numbers. */
export interface TaskStream {
  /** The path that it was asked for by. */
  readonly purpose: string;
  /** The Philox key: two 32-bit words, for operations that take a stream. */
  readonly key: readonly [number, number];
  /**
   * Uniform numbers in [from, to), by default [0, 1), in steps of 2^-24 of the width.
   * @param count - How many, 0 to 2^31; fewer are the beginning of more.
   */
  uniform(
    count: number,
    at: DrawPlace & { readonly from?: number; readonly to?: number },
  ): Float32Array;
  /** Normal numbers; mean 0 and standard deviation 1 where nothing is said. */
  normal(
    count: number,
    at: DrawPlace & { readonly mean?: number; readonly standardDeviation?: number },
  ): Float32Array;
  /** Normal numbers between -2 and 2: what lies beyond is drawn again. */
  truncatedNormal(count: number, at: DrawPlace): Float32Array;
  /**
   * Whole numbers from 0 to `below` - 1, each exactly as likely as the others.
   * @param at.below - 1 to 2^32.
   */
  integers(count: number, at: DrawPlace & { readonly below: number }): Uint32Array;
  /** The numbers 0 to size - 1 in a random order. */
  permutation(size: number, at: DrawPlace): Uint32Array;
}

/** The log of a run: every call is in `logs/` and on the display when it returns. */
export interface TaskLog {
  /** Lines of `train.log`. */
  (text: string): void;
  /** The same, marked, and shown while the run is going on. */
  warning(text: string): void;
  /**
   * A row of `metrics.jsonl`: flat names such as `train.loss`.
   * @param step - A whole number from 0.
   */
  metrics(step: number, values: Metrics, at?: { readonly epoch?: number }): void;
  /** How far the run is, for displays; never stored. */
  progress(
    step: number,
    numSteps: number,
    at?: { readonly loss?: number; readonly epoch?: number },
  ): void;
}

/** Names under which a checkpoint is kept: `last`, `best`, or `step-` and digits. */
export type CheckpointName = "last" | "best" | `step-${number}`;

/** What `checkpoint.save` takes. */
export interface CheckpointContent {
  /** Steps done; a whole number from 0. */
  readonly step: number;
  /** Whatever going on needs, as JSON. -0 comes back as 0; NaN and infinities are refused. Default `{}`. */
  readonly state?: JsonObject;
  /** Arrays by name, copied at once. Default none. */
  readonly tensors?: HostTensors;
  /** Default `["last"]`. */
  readonly names?: readonly CheckpointName[];
  /** Numbered checkpoints beyond this number are removed, oldest first. Default: all stay. */
  readonly keep?: number;
}

/** A checkpoint of an earlier attempt at the same run. */
export interface SavedCheckpoint<State> {
  readonly step: number;
  /** Frozen. */
  readonly state: State;
  readonly tensors: HostTensors;
}

/** Checkpoints of a run. Config, code and data of an earlier attempt are those of this one, or it would be another run. */
export interface TaskCheckpoints {
  /**
   * The newest whole checkpoint of the earlier attempts at this run, or `undefined` for a fresh start. The rows of metrics
   * that were logged before it, and the checkpoints older than it, become part of this attempt: what is published in the
   * end equals an uninterrupted run. Ask before anything but text is logged.
   * @typeParam State - What `save` was given as `state`.
   * @param options.check - Says in a few words why a whole checkpoint cannot be gone on from, `undefined` where it can:
   *   that one is left out, with the reason in the log, and the one before it is taken.
   * @throws {ExpError} `training` where metrics, predictions or a checkpoint of this attempt came first.
   */
  latest<State = JsonObject>(options?: {
    readonly check?: (saved: SavedCheckpoint<JsonObject>) => string | undefined;
  }): Promise<SavedCheckpoint<State> | undefined>;
  /**
   * Keeps a checkpoint: it is whole and on the disk when the promise is fulfilled. After a Ctrl-C it does not come back
   * but ends the run here, to be gone on with by the same command.
   * @throws {ExpError} `training` for what JSON or a tensor cannot hold, `interrupted` after a Ctrl-C.
   */
  save(content: CheckpointContent): Promise<void>;
}
