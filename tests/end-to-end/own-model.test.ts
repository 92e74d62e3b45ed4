import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, repository, reviews } from "./project.ts";

const model = `import { defineModel, training } from "lockstep";
import { constant, dense } from "lockstep/operations";
import { parameter } from "lockstep/operations/tensor";
import { z } from "zod";

/** Logistic regression over the counts of the first tokens of the vocabulary. */
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
      const counts = new Float32Array(batch.size * numWords);
      batch.tokens.forEach((token, index) => {
        const row = Math.floor(index / batch.sequenceLength);
        if (token > 2 && token < numWords) counts[row * numWords + token] = 1;
      });
      const features = constant(counts, [batch.size, numWords]);
      const [weight, bias] = [parameter(parameters, "weight"), parameter(parameters, "bias")];
      return dense(features, { weight, bias, isInputConstant: true });
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

test("a model of one's own trains in a project of one's own", async () => {
  const project = createProject({
    "reviews.tsv": reviews(180),
    "models/bag-of-words.ts": model,
    "experiments/words.ts": experiment,
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  const finished = await exp(project, ["experiments/words.ts", "--json"]);
  expect(finished.stderr).toContain("words: 1 run");
  expect(finished.status).toBe(0);
  expect(document(finished).runs[0]?.metrics["test.accuracy"]).toBeGreaterThan(0.9);
  const wrong = await exp(project, ["experiments/words.ts", "model.numWords=0"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("model.numWords");
});
