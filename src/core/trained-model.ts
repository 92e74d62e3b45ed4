/** A trained model as it lies in a run: what a task is handed to evaluate it, or to predict with it. */
import type { JsonObject } from "./json.ts";
import type { HostTensors } from "./run-events.ts";

/** Everything in it comes from files, which anybody may have written: a task checks it before it uses it. */
export interface TrainedModel {
  /** What was asked for, for messages: `95bcb82c`, `runs/95bcb82c…/checkpoints/last.safetensors`. */
  readonly name: string;
  /** Parameters under their own names, everything else under a name with a slash. */
  readonly tensors: HostTensors;
  /** The optimizer step after which it was saved; `undefined` where the file does not say. */
  readonly step: number | undefined;
  /** What the run kept beside its checkpoints, by name: `model/<name>.json`. */
  readonly artifacts: Readonly<Record<string, JsonObject>>;
  /** The folder in which those lie or would lie, for messages. */
  readonly artifactFolder: string;
}
