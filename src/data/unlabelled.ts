/** Examples that a trained model is to classify: those of `data.predict`, which need no label. */
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { AnyDataSource, UnlabelledData } from "./data-source.ts";
import {
  builtInDataSources,
  encodeFitted,
  findSource,
  type DatasetConfig,
  type Examples,
} from "./dataset.ts";
import { encodeFeatures } from "./encode.ts";
import { checkKnownLabel, checkNumFeatures, type FittedInput } from "./fitted-input.ts";

/** Stands for the class of an example that has none. */
const noLabel = -1;

interface LoadRequest {
  /** Absolute; what locations in the config are relative to. */
  readonly projectDirectory: string;
  readonly sources?: readonly AnyDataSource[];
  readonly fitted: FittedInput;
}

/**
 * The examples of `data.predict` as a trained model reads them; `undefined` where the config names none. The class of an
 * example without one is −1.
 * @throws {ExpError} `data` when files are missing, broken or empty, are of another kind or size than the model reads, or
 *   name a class that it does not know.
 */
export async function loadUnlabelled(
  config: DatasetConfig,
  { projectDirectory, sources = builtInDataSources, fitted }: LoadRequest,
): Promise<Examples | undefined> {
  const { unlabelled } = findSource(config, sources);
  if (unlabelled === undefined) return undefined;
  const request = { config: config.data as never, projectDirectory }; // the schema of its kind checked it
  if ((await unlabelled.listFiles(request.config, projectDirectory)) === undefined)
    return undefined;
  const data = await unlabelled.read(request);
  const limit = config.data.maxSamples ?? undefined;
  return encodeUnlabelled(
    data.content === "text"
      ? { ...data, examples: data.examples.slice(0, limit) }
      : { ...data, examples: data.examples.slice(0, limit) },
    fitted,
  );
}

/**
 * Examples as a trained model reads them, in their order.
 * @throws {ExpError} `data` as `loadUnlabelled` does.
 */
export function encodeUnlabelled(data: UnlabelledData, fitted: FittedInput): Examples {
  if (data.examples.length === 0) throw new ExpError("data", "There is no example to predict.");
  const labelIndex = (label: string | undefined, index: number): number => {
    if (label === undefined) return noLabel;
    checkKnownLabel(label, fitted.labels, `Example ${index + 1} to predict`);
    return fitted.labels.indexOf(label);
  };
  if (data.content === "text") {
    const train = data.examples.map((example, index) => ({
      example,
      digest: sha256(example.text),
      labelIndex: labelIndex(example.label, index),
    }));
    return encodeFitted({ train, validation: [], test: [] }, fitted).parts.train;
  }
  checkNumFeatures(data.numFeatures, fitted);
  const examples = data.examples.map((example, index) => ({
    example,
    digest: sha256(example.content),
    labelIndex: labelIndex(example.label, index),
  }));
  return encodeFeatures(examples, data.numFeatures);
}
