/** A user's own model, as the documentation shows it, and the project around it. */
import { reviews } from "./project.ts";

/** At most 30 lines: a test counts them. */
export const ownModel = `import { defineModel, training } from "lockstep";
import { constant, dense } from "lockstep/operations";
import { parameter } from "lockstep/operations/tensor";
import { z } from "zod";

/** Logistic regression over which of the first words of the vocabulary a text has. */
const bagOfWords = defineModel({
  kind: "bagOfWords",
  schema: z.strictObject({ kind: z.literal("bagOfWords"), numWords: z.int().min(1) }),
  build: ({ numWords }, { numClasses }) => ({
    kind: "bagOfWords",
    parameters: [
      { name: "weight", shape: [numClasses, numWords], decay: true, initialise: () => new Float32Array(numClasses * numWords) },
      { name: "bias", shape: [numClasses], decay: false, initialise: () => new Float32Array(numClasses) },
    ],
    forward: (parameters, batch) => {
      if (batch.kind !== "tokens") throw new Error("bagOfWords reads tokens");
      const words = new Float32Array(batch.size * numWords);
      batch.tokens.forEach((token, index) => {
        if (token < numWords) words[Math.floor(index / batch.sequenceLength) * numWords + token] = 1;
      });
      const [weight, bias] = [parameter(parameters, "weight"), parameter(parameters, "bias")];
      return dense(constant(words, [batch.size, numWords]), { weight, bias, isInputConstant: true });
    },
  }),
});

export const { defineConfig } = training.with({ models: [bagOfWords] });
`;

const experiment = `import { defineConfig } from "../models/bag-of-words.ts";

export default defineConfig({
  data: { kind: "delimited", path: "../reviews.tsv", sequenceLength: 8, split: { validation: 0.2, test: 0.2 } },
  tokenizer: { kind: "words", vocabSize: 200 },
  model: { kind: "bagOfWords", numWords: 30 },
  optimizer: { kind: "adamw", learningRate: 0.05 },
  training: { numEpochs: 10, batchSize: 16 },
});
`;

/** The files of a project that trains the model. */
export const ownModelProject = {
  "reviews.tsv": reviews(180),
  "models/bag-of-words.ts": ownModel,
  "experiments/words.ts": experiment,
} as const;
