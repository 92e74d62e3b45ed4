/** A training with everything in it (dropout, clipping, accumulation, smoothing, warm-up), small enough for tests. */
import {
  disposeParameters,
  uploadParameters,
  valueAndGradients,
} from "../../../src/backend/gradients.ts";
import { softmaxCrossEntropy } from "../../../src/backend/operations-loss.ts";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { createModel } from "../../../src/model/create-model.ts";
import type { Batch, ModelFacts } from "../../../src/model/model.ts";
import { clipGradients, globalNorm } from "../../../src/optim/clip.ts";
import { createOptimizer } from "../../../src/optim/optimizer.ts";
import { learningRateAt } from "../../../src/optim/schedule.ts";
import { createStreams } from "../../../src/random/streams.ts";
import { firstValues } from "./first-values.ts";

const bert = {
  kind: "bert",
  numLayers: 2,
  hiddenSize: 16,
  numHeads: 4,
  feedForwardSize: 40,
  contextLength: 16,
  dropoutRate: 0.1,
  normalization: "post",
  pooling: "first",
} as const;
const mlp = { kind: "mlp", hiddenSizes: [17, 9], activation: "gelu", dropoutRate: 0.2 } as const;
const adamw = {
  kind: "adamw",
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
} as const;
const sgd = {
  kind: "sgd",
  learningRate: 0.05,
  momentum: 0.9,
  nesterov: true,
  l2Penalty: 0.001,
} as const;

const [batchSize, microBatchSize, numClasses, sequenceLength] = [6, 3, 3, 11];
const vocabSize = 50;
const numFeatures = 13;

function microBatch(kind: "bert" | "mlp", at: { step: number; position: number }): Batch {
  const noise = (i: number): number => ((i + at.position) * 7919 + at.step * 104_729) % 1_009;
  if (kind === "mlp") {
    const features = Float32Array.from(
      { length: microBatchSize * numFeatures },
      (_, i) => noise(i) / 500 - 1,
    );
    return { kind: "features", size: microBatchSize, numFeatures, features };
  }
  const lengths = Int32Array.from(
    { length: microBatchSize },
    (_, i) => 1 + (noise(i) % sequenceLength),
  );
  const tokens = Int32Array.from(
    { length: microBatchSize * sequenceLength },
    (_, i) => noise(i) % vocabSize,
  );
  return { kind: "tokens", size: microBatchSize, sequenceLength, tokens, lengths };
}

/** The parameters after `numSteps` steps. `afterStep` is called when a step has freed what it made. */
export function train(
  kind: "bert" | "mlp",
  numSteps: number,
  afterStep: () => void = () => undefined,
): HostTensors {
  const streams = createStreams(0);
  const input: ModelFacts["input"] =
    kind === "bert"
      ? { kind: "tokens", sequenceLength, vocabSize, padId: 0 }
      : { kind: "features", numFeatures };
  const model = createModel(kind === "bert" ? bert : mlp, { input, numClasses });
  const parameters = firstValues(model, streams);
  const config = kind === "bert" ? adamw : sgd;
  const optimizer = createOptimizer(config, model.parameters);
  const state = optimizer.init(parameters);
  for (let step = 1; step <= numSteps; step++) {
    const uploaded = uploadParameters(parameters);
    const parts = [0, microBatchSize].map((position) => {
      const batch = microBatch(kind, { step, position });
      const labels = Int32Array.from(
        { length: batch.size },
        (_, i) => (i + position + step) % numClasses,
      );
      return valueAndGradients(uploaded, () => {
        const logits = model.forward(uploaded, batch, { kind: "train", streams, step, position });
        return softmaxCrossEntropy(logits, labels, { labelSmoothing: 0.1, divisor: batchSize });
      }).gradients;
    });
    disposeParameters(uploaded);
    const gradients = added(parts);
    const norm = globalNorm(gradients);
    clipGradients(gradients, { norm, maxGradNorm: 0.5 });
    const schedule = {
      kind: "cosine",
      numCycles: 0.5,
      minimumFraction: 0,
      warmupSteps: 3,
    } as const;
    const learningRate = learningRateAt(schedule, config.learningRate, { step, numSteps });
    optimizer.update({ parameters, gradients, state }, { step, learningRate });
    afterStep();
  }
  return parameters;
}

function added([first, ...rest]: readonly HostTensors[]): HostTensors {
  if (first === undefined) throw new Error("there are no gradients");
  for (const part of rest) {
    for (const [name, { values }] of first) {
      const other = part.get(name)?.values;
      for (let i = 0; i < values.length; i++) values[i] = (values[i] ?? NaN) + (other?.[i] ?? NaN);
    }
  }
  return first;
}
