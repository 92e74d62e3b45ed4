/**
 * How many threads TensorFlow's library gets for a run on `native` where nobody says a number. The answer follows from the
 * config alone and never from a measurement: the number is part of the environment class.
 */
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { countWindows } from "../backend/kernels/windows.ts";

/**
 * Multiplications from which on the largest product of a model pays for threads that take pieces of it and do not sleep in
 * between: some 100 µs of work (docs/native-threads.md).
 */
const worthPieces = 10_000_000;

/**
 * Multiplications from which on the largest product pays for the library's own threads. Below it, one thread is faster: the
 * library shares every operation on some 100,000 numbers out, and waking a thread takes longer than many of them do. The
 * number is measured (docs/native-threads.md).
 */
const worthSharing = 300_000_000;

/** Features of an example, which are known once the data is read: those of MNIST. */
const usualFeatures = 784;

/**
 * One thread for a small model, all of them for a larger one, and for a task whose model the config does not tell.
 * @param config - Of a run.
 * @param numThreads - All that the run may use, from 1.
 */
export function libraryThreads(config: JsonObject, numThreads: number): number {
  const product = largestProduct(config);
  const worth = isPooled(config) ? worthSharing : worthPieces;
  return product !== undefined && product < worth ? 1 : numThreads;
}

/** Models whose products are dense layers alone. */
const denseKinds: readonly unknown[] = ["bert", "gpt", "mlp"];

/**
 * Whether the library shares operations out to its own threads: convolutions, and what a task of one's own may compute. Products
 * of dense layers are shared out in pieces instead.
 * @param config - Of a run.
 */
export function isPooled({ model }: JsonObject): boolean {
  return !isPlainObject(model) || !denseKinds.includes(model["kind"]);
}

type Fields = Readonly<Record<string, unknown>>;

/** Multiplications of the largest product in a forward pass; `undefined` where the config does not tell them. */
function largestProduct({ model, data, training }: JsonObject): number | undefined {
  if (!isPlainObject(model) || !isPlainObject(training)) return undefined;
  const batchSize = training["batchSize"];
  const perExample = productsOf(model, isPlainObject(data) ? data : {});
  if (typeof batchSize !== "number" || perExample.length === 0) return undefined;
  const largest = Math.max(...perExample) * batchSize;
  return Number.isNaN(largest) ? undefined : largest;
}

/** Multiplications of an example, by product; NaN where a size is missing. */
function productsOf(model: Fields, data: Fields): readonly number[] {
  switch (model["kind"]) {
    case "bert":
    case "gpt":
      return [ofTransformer(model, data)];
    case "mlp":
      return betweenLayers([usualFeatures, ...sizesOf(model["hiddenSizes"])]);
    case "cnn":
      return [...ofStages(model), ...betweenLayers(sizesOf(model["hiddenSizes"]))];
    default:
      return []; // a kind of the user's own
  }
}

/** Of the wider of a layer's two products: the feed-forward part, or query, key and value together. */
function ofTransformer(model: Fields, data: Fields): number {
  const width = numberOf(model["hiddenSize"]);
  const length = numberOf(data["sequenceLength"] ?? model["contextLength"]);
  return length * width * Math.max(numberOf(model["feedForwardSize"]), 3 * width);
}

function betweenLayers(sizes: readonly number[]): readonly number[] {
  return sizes.slice(1).map((size, index) => size * (sizes[index] ?? 0));
}

/** Of the convolutions. */
function ofStages({ image, stages }: Fields): readonly number[] {
  if (!isPlainObject(image) || !Array.isArray(stages)) return [NaN];
  let [height, width] = [numberOf(image["height"]), numberOf(image["width"])];
  let channels = numberOf(image["channels"]);
  return stages.map((stage: unknown) => {
    const fields = isPlainObject(stage) ? stage : {};
    const size = numberOf(fields["kernelSize"]);
    const windows = { stride: numberOf(fields["stride"]), padding: numberOf(fields["padding"]) };
    [height, width] = [countWindows(height, size, windows), countWindows(width, size, windows)];
    const outputs = numberOf(fields["channels"]);
    const product = height * width * size ** 2 * channels * outputs;
    channels = outputs;
    if (fields["pooling"] !== "none") {
      const pool = numberOf(fields["poolSize"]);
      [height, width] = [Math.floor(height / pool), Math.floor(width / pool)];
    }
    return product;
  });
}

function sizesOf(value: unknown): readonly number[] {
  return Array.isArray(value) ? value.map(numberOf) : [];
}

function numberOf(value: unknown): number {
  return typeof value === "number" ? value : NaN;
}
