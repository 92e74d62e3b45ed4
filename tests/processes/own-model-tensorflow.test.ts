/** A user's own model that computes with TensorFlow.js itself. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownModelProject } from "../end-to-end/own-model-project.ts";
import { createProject, document, exp, repository, type Project } from "../end-to-end/project.ts";

/** Logits of the mean of embeddings. @param activation - Between the embeddings and the output. */
const model = (activation: string): string => `import * as tf from "@tensorflow/tfjs-core";
import { defineModel, training } from "lockstep";
import { parameter } from "lockstep/operations/tensor";
import { z } from "zod";

const fill = (length) => Float32Array.from({ length }, (_, i) => Math.sin(12.9898 * i) / 4);

const bagOfWords = defineModel({
  kind: "bagOfWords",
  schema: z.strictObject({ kind: z.literal("bagOfWords"), numWords: z.int().min(1) }),
  build: ({ numWords }, { numClasses }) => ({
    kind: "bagOfWords",
    parameters: [
      { name: "table", shape: [200, numWords], decay: true, initialise: () => fill(200 * numWords) },
      { name: "weight", shape: [numWords, numClasses], decay: true, initialise: () => fill(numWords * numClasses) },
      { name: "bias", shape: [numClasses], decay: false, initialise: () => new Float32Array(numClasses) },
    ],
    forward: (parameters, batch) => {
      const ids = tf.tensor2d(batch.tokens, [batch.size, batch.sequenceLength], "int32");
      const words = tf.gather(parameter(parameters, "table"), ids);
      const { mean, variance } = tf.moments(words, -1, true);
      const normal = tf.div(tf.sub(words, mean), tf.sqrt(tf.add(variance, 1e-3)));
      const hidden = ${activation};
      return tf.add(tf.matMul(hidden, parameter(parameters, "weight")), parameter(parameters, "bias"));
    },
  }),
});

export const { defineConfig } = training.with({ models: [bagOfWords] });
`;

function projectWith(activation: string): Project {
  const project = createProject({
    ...ownModelProject,
    "models/bag-of-words.ts": model(activation),
  });
  for (const name of ["zod", "@tensorflow"]) {
    const at = join(project.directory, "node_modules", name);
    symlinkSync(join(repository, "node_modules", name), at, "dir");
  }
  return project;
}

test("a model written in tf.* learns, with the same bits on one thread and on three", async () => {
  const project = projectWith("tf.relu(tf.mean(normal, 1))");
  const first = await exp(project, ["experiments/words.ts", "--json", "--threads", "1"]);
  expect(first.status).toBe(0);
  expect(document(first).runs[0]?.metrics["test.accuracy"]).toBeGreaterThan(0.9);
  const again = projectWith("tf.relu(tf.mean(normal, 1))");
  const second = await exp(again, ["experiments/words.ts", "--json", "--threads", "3"]);
  expect(document(second)).toEqual(document(first));
});

test("an operation of tf.* without a gradient is refused by name, before the first step", async () => {
  const turned = "tf.image.rotateWithOffset(tf.expandDims<tf.Tensor4D>(normal, 3), 0.1)";
  const project = projectWith(`tf.mean(${turned}, [1, 3])`);
  const failed = await exp(project, ["experiments/words.ts"]);
  expect(failed.stderr).toContain(
    "The operation RotateWithOffset of TensorFlow.js has no gradient here.",
  );
  expect(failed.stderr).toContain("tf.customGrad");
  expect(failed.status).toBeGreaterThan(0);
});
