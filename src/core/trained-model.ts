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

/** What a model says about one input. */
export interface Prediction {
  /** The likeliest class. */
  readonly label: string;
  /** One a class, in the order of the model's labels; float32 values that add up to 1. */
  readonly probabilities: readonly number[];
}

/** How a language model writes a text. */
export interface WritingOptions {
  /** What the text begins with, by default a line end; it is not repeated in what is written. */
  readonly prompt?: string;
  /** Characters to write; 500 by default. */
  readonly length?: number;
  /** Divides the logits, 0 to 100: 0 always takes the likeliest character; 1 by default. */
  readonly temperature?: number;
  /** Choose among so many likeliest characters; `null`, the default, among all. */
  readonly topK?: number | null;
  /** Root of the random numbers; 0 by default. That of a run gives the texts of the run. */
  readonly seed?: number;
  /** Which text of that seed, from 0: each has numbers of its own. */
  readonly index?: number;
}

/** What opening a trained model takes. */
export interface OpenModelRequest<Config> {
  /** The resolved config of the run that trained it. */
  readonly config: Config;
  readonly trained: TrainedModel;
  /** Where it computes: `wasm`, `cpu`, or a compiled backend in a process that was started for it. */
  readonly backend: string;
}

/** A trained model, ready to predict. */
export interface OpenedModel {
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** What its inputs are. */
  readonly inputKind: "text" | "features";
  /**
   * Predicts inputs in their order.
   * @throws {ExpError} `data` for an input of another form, with its position; `usage` after `dispose`.
   */
  predict(inputs: readonly unknown[]): Promise<readonly Prediction[]>;
  /**
   * Writes a text. Absent for a model that tells classes.
   * @throws {ExpError} `usage` for an option that is out of range, and after `dispose`; `data` for a prompt with characters
   *   that the model does not know.
   */
  sample?(options: WritingOptions): Promise<string>;
  /** Lets go of the weights. Calling it again does nothing. */
  dispose(): void;
}

/** Opens a trained model; a task whose runs leave one can have this. */
export type OpenModel<Config> = (request: OpenModelRequest<Config>) => Promise<OpenedModel>;
