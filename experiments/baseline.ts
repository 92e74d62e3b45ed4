/**
 * Tells spam from real e-mail with a small BERT that reads the first words of subject and body.
 * 4,751 mails to train on, 587 to choose the best checkpoint, 571 to test; 30 % are spam.
 */
import { defineConfig } from "lockstep";

export default defineConfig({
  description: "Spam or real mail, from the first 31 tokens of subject and body.",
  data: { kind: "spamAssassin", sequenceLength: 32 }, // most mails show what they are in the first two lines
  tokenizer: { kind: "words", vocabSize: 8_000 },
  model: {
    kind: "bert",
    numLayers: 2,
    hiddenSize: 128,
    numHeads: 2,
    feedForwardSize: 512,
    pooling: "mean", // learns within one epoch also at 3e-4, where the first token is still guessing
  },
  optimizer: { kind: "adamw", learningRate: 5e-4 },
  schedule: { kind: "constant", warmupFraction: 0.1 }, // Adam's first steps are its largest
  training: {
    numEpochs: 1,
    batchSize: 32,
    maxGradNorm: 1,
    evaluationInterval: 50, // three times in an epoch of 149 steps
  },
});
