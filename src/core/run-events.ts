/**
 * What a run says while it runs. A task yields these; the store writes them down, the command line shows them, and
 * neither is known to the task. Every value is a plain copy: a consumer may keep it after the next event.
 */
import type { JsonObject } from "./json.ts";

/** A dense host tensor, as a checkpoint stores it. */
export interface HostTensor {
  readonly dtype: "F32" | "I32";
  /** Row-major; `[]` for a scalar. */
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}
export type HostTensors = ReadonlyMap<string, HostTensor>;

export type Metrics = Readonly<Record<string, number>>;

export type RunEvent =
  /** The first event: everything is loaded and checked, nothing is computed yet. */
  | {
      readonly kind: "ready";
      readonly numSteps: number;
      readonly numParameters: number;
      /** Facts for the log and the model card: numbers of examples, vocabulary size, labels, digests of the cleaned data. */
      readonly facts: JsonObject;
    }
  /** After each optimizer step and during evaluation; for displays only, never stored. */
  | {
      readonly kind: "progress";
      readonly phase: "training" | "evaluation";
      readonly step: number;
      readonly numSteps: number;
      readonly epoch: number;
      /** Absent for a task that has none. */
      readonly loss?: number;
    }
  | {
      readonly kind: "log";
      readonly level: "info" | "warning";
      readonly text: string;
      /** It may be written later, with others: for lines of a quick loop, of which the last does not wait. */
      readonly mayWait?: boolean;
    }
  /** One line of `logs/trace.jsonl`; the first is the header. */
  | { readonly kind: "trace"; readonly row: JsonObject }
  /**
   * Lines of `logs/trace.jsonl` that are made when somebody looks at them, the same each time: of steps that are over in no
   * time, many are made together in a third of the time. Hooks are told each as `trace`.
   */
  | {
      readonly kind: "rows";
      readonly numRows: number;
      readonly rows: () => readonly JsonObject[];
    }
  /** One line of `logs/metrics.jsonl`. Non-finite values are allowed and are stored as typed strings. */
  | {
      readonly kind: "metrics";
      readonly step: number;
      readonly epoch: number;
      readonly values: Metrics;
    }
  /** A checkpoint to be saved under each of the names: `last`, `best`, `step-000100`. */
  | {
      readonly kind: "checkpoint";
      readonly names: readonly string[];
      readonly step: number;
      /** Parameters under their own names, everything else under a name with a slash: `optimizer/m/<parameter>`. */
      readonly tensors: HostTensors;
      /** What resuming needs beside tensors: epoch, micro-step, early stopping, best so far. */
      readonly state: JsonObject;
      /** Step checkpoints beyond this number are removed, oldest first; `undefined` leaves all. */
      readonly keep?: number;
      /** It may stay in memory for up to five seconds; else it is on the disk when the event was taken. */
      readonly mayWait?: boolean;
      /**
       * Its tensors are those that the task goes on with, and holds until it is asked for the next event: who keeps them copies
       * them. Hooks are told copies. Without it nobody changes them.
       */
      readonly isLive?: boolean;
    }
  /**
   * What is needed to use the model without its data (classes, vocabulary, size of the input), kept as
   * `model/<name>.json`. It follows from config, data and code alone: it is listed in the manifest.
   */
  | {
      readonly kind: "artifact";
      /** Lower-case letters, digits and `-`, at most 64 of them. */
      readonly name: string;
      readonly json: JsonObject;
    }
  /** Rows of `results/predictions.jsonl`, in order. */
  | { readonly kind: "predictions"; readonly rows: readonly JsonObject[] }
  /** The last event. */
  | {
      readonly kind: "result";
      readonly step: number;
      /** `validation.*` of the best checkpoint and `test.*`, measured once on it. */
      readonly metrics: Metrics;
      /** Confusion matrix, per-class figures, the best step. */
      readonly details: JsonObject;
      /** SHA-256 of the last step's parameters as safetensors without metadata. */
      readonly weightsDigest?: string;
    };
