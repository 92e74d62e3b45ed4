/** `loadModel()`: a trained model, ready to predict, for scripts, tests and services. */
import type { JsonObject } from "../../core/json.ts";
import type { Prediction, WritingOptions } from "../../core/trained-model.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { checkOptions, type OptionNames } from "./check-options.ts";
import { loadUseCase } from "./load-use-case.ts";

/** What an input can be, by the kind of the data that the model was trained on. */
export interface ModelInputs {
  /** A text, for a model of text. */
  readonly text: string;
  /** A row that holds one: cells, or fields by name. The text is where the run's config says (`data.columns`, `data.fields`). */
  readonly row: readonly string[] | Readonly<Record<string, unknown>>;
  /** Numbers as the model reads them, `numFeatures` of them: for images, 0 to 1. */
  readonly features: readonly number[] | Float32Array | Float64Array;
  /** Pixels of an image, 0 to 255, row by row. */
  readonly pixels: Uint8Array;
}

/** What `loadModel` takes beside a run. */
export interface LoadModelOptions<Kind extends keyof ModelInputs> {
  /** What the inputs will be: it types `predict`, and a model of another kind is refused at once. */
  readonly inputs?: Kind;
  /** Which checkpoint of the run: `best` (default), `last`, or a numbered one such as `step-000100`. */
  readonly checkpoint?: string;
  /** For a run of a task of one's own, or of `training.with(…)`: the task that knows its models. */
  readonly task?: object;
  /**
   * Where it computes. Default: the backend of the run, whose bits are then the same; but `wasm` for a run on `native` or
   * `cuda`, whose probabilities it gives to some digits. These two compute only in a process that was started for them, so
   * they are for a process whose variables are set (`docs/backends.md`); elsewhere they are refused, naming the variables.
   */
  readonly backend?: "wasm" | "cpu" | "native" | "cuda";
  /** Folder of the runs, where the run is named by its key. Default: as in `openStore`. */
  readonly runsDirectory?: string;
}

const optionNames: OptionNames<LoadModelOptions<keyof ModelInputs>> = {
  inputs: true,
  checkpoint: true,
  task: true,
  backend: true,
  runsDirectory: true,
};

/** A trained model in memory. */
export interface LoadedModel<Input> {
  /** Names of the classes, in the order of the probabilities. */
  readonly labels: readonly string[];
  /** Whether it reads texts or numbers. */
  readonly inputKind: "text" | "features";
  /** The resolved config of the run that trained it. */
  readonly config: JsonObject;
  /** The optimizer step after which its weights were saved; 0 where the file does not say. */
  readonly step: number;
  /** Where it computes: one of the names above, never `auto`. */
  readonly backend: string;
  /**
   * Predicts inputs, in their order and in batches of the run's size. The probabilities of an input do not depend on the
   * others, and are those of the run's `predictions.jsonl`, bit for bit where `backend` is the run's. A model of language
   * says which character comes after each text.
   * @throws {ExpError} `data` for inputs of another form, with their positions; `usage` after `dispose`.
   */
  predict(inputs: readonly Input[]): Promise<readonly Prediction[]>;
  /**
   * Writes a text, with a model that was trained on `data.kind: "characters"`. The seed and sampling of the run give the
   * texts of its `predictions.jsonl`, on the same backend.
   * @throws {ExpError} `usage` for a model that tells classes, for an option that is out of range, and after `dispose`;
   *   `data` for a prompt with characters that the model does not know.
   * @example const text = await model.sample({ prompt: "ROMEO:", length: 200, temperature: 0.8, seed: 1 });
   */
  sample(options?: WritingOptions): Promise<string>;
  /** Lets go of the weights; the model cannot predict any more. */
  dispose(): void;
}

/**
 * Loads the model that a run trained. The run's folder is all that is needed: its data is not.
 * @param run - 8 or more digits of its key, its folder, one of its .safetensors files, or a run of `openStore`.
 * @throws {ExpError} `usage` for a name that no run has, or a task that leaves no model; `data` where files are missing;
 *   `store` where they are damaged; `config` where run and task do not belong together; `environment` for a backend that
 *   cannot compute in this process.
 * @example
 * const model = await loadModel("95bcb82c", { inputs: "text" });
 * const [prediction] = await model.predict(["You have won a prize"]);
 * console.log(prediction?.label, prediction?.probabilities);
 */
export async function loadModel<Kind extends keyof ModelInputs = keyof ModelInputs>(
  run: string | URL | Pick<PublishedRun, "directory">,
  options: LoadModelOptions<Kind> = {},
): Promise<LoadedModel<ModelInputs[Kind]>> {
  checkOptions("loadModel()", options, optionNames);
  const { loadTrainedModel } = await loadUseCase("load-trained-model");
  return loadTrainedModel(run, options);
}
