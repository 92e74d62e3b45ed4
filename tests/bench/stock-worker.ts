/**
 * Stock TensorFlow.js for `train.ts`: BERT from its plain operations on its own backend `wasm` (one thread, which is all
 * that it has in Node), from the same weights. Reads how many steps to do, one number a line, and answers with their
 * milliseconds as JSON. Argument: the folder that `exchange.ts` wrote.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";

// The package leaves them to its users; written as modules that only the loader of `require` takes.
createRequire(import.meta.url)("@tensorflow/tfjs-core/dist/register_all_gradients.js");

interface Exchange {
  readonly model: {
    readonly numLayers: number;
    readonly numHeads: number;
    readonly hiddenSize: number;
  };
  readonly optimizer: { readonly learningRate: number };
  readonly parameters: readonly Entry[];
  readonly data: readonly Entry[];
  readonly steps: readonly (readonly number[])[];
}

interface Entry {
  readonly name: string;
  readonly dtype: "F32" | "I32";
  readonly shape: readonly number[];
  readonly start: number;
  readonly size: number;
}

const [, , folder = ""] = process.argv;
tf.enableProdMode();
await tf.setBackend("wasm");
const spec = JSON.parse(readFileSync(join(folder, "exchange.json"), "utf8")) as Exchange;
const raw = new Uint8Array(readFileSync(join(folder, "tensors.bin"))).buffer;

function tensorOf({ dtype, shape, start, size }: Entry): tf.Tensor {
  return dtype === "F32"
    ? tf.tensor(new Float32Array(raw, start * 4, size), [...shape], "float32")
    : tf.tensor(new Int32Array(raw, start * 4, size), [...shape], "int32");
}

const data = new Map(spec.data.map((entry) => [entry.name, tensorOf(entry)]));
const variables = new Map(
  spec.parameters.map((entry) => [entry.name, tf.variable(tensorOf(entry), true, entry.name)]),
);
const { numLayers, numHeads, hiddenSize } = spec.model;
const headSize = hiddenSize / numHeads;

function named(values: ReadonlyMap<string, tf.Tensor>, name: string): tf.Tensor {
  const value = values.get(name);
  if (value === undefined) throw new Error(`there is no ${name}`);
  return value;
}

/** Rows of a table. The gradient of `gather` needs a kernel that stock wasm lacks; a scatter adds up the same. */
function rowsOf(table: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const pick = tf.customGrad((given) => {
    if (!(given instanceof tf.Tensor)) throw new Error("a table is one tensor");
    const gradFunc = (gradient: tf.Tensor): tf.Tensor =>
      tf.scatterND(tf.reshape(ids, [-1, 1]), gradient, [...table.shape]);
    return { value: tf.gather(given, tf.reshape(ids, [-1])), gradFunc };
  });
  return pick(table);
}

function dense(input: tf.Tensor, name: string): tf.Tensor {
  const weight = named(variables, `${name}.weight`) as tf.Tensor2D;
  const rows = tf.reshape<tf.Rank.R2>(input, [-1, weight.shape[1]]);
  return tf.add(tf.matMul(rows, weight, false, true), named(variables, `${name}.bias`));
}

function layerNorm(input: tf.Tensor, name: string): tf.Tensor {
  const { mean, variance } = tf.moments(input, -1, true);
  const normal = tf.mul(tf.sub(input, mean), tf.rsqrt(tf.add(variance, 1e-12)));
  const gain = named(variables, `${name}.weight`);
  return tf.add(tf.mul(normal, gain), named(variables, `${name}.bias`));
}

function gelu(input: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(input, 0.5), tf.add(tf.erf(tf.mul(input, Math.SQRT1_2)), 1));
}

/** What attention adds to scores: very little where a key is padding. */
function maskOf(lengths: tf.Tensor, length: number): tf.Tensor {
  const isReal = tf.less(tf.range(0, length, 1, "int32"), tf.expandDims(lengths, 1));
  const blocked = tf.mul(tf.sub(1, tf.cast(isReal, "float32")), -1e9);
  return tf.reshape(blocked, [-1, 1, 1, length]);
}

function attend(input: tf.Tensor, layer: string, mask: tf.Tensor): tf.Tensor {
  const length = mask.shape[3] ?? 0;
  const [query, key, value] = ["query", "key", "value"].map((name) => {
    const projected = dense(input, `${layer}.attention.self.${name}`);
    return tf.transpose(tf.reshape(projected, [-1, length, numHeads, headSize]), [0, 2, 1, 3]);
  }) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(headSize));
  const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), value);
  return tf.reshape(tf.transpose(mixed, [0, 2, 1, 3]), [-1, hiddenSize]);
}

function logitsOf(tokens: tf.Tensor, lengths: tf.Tensor): tf.Tensor {
  const [batchSize = 0, length = 0] = tokens.shape;
  const table = (kind: string): tf.Tensor =>
    named(variables, `bert.embeddings.${kind}_embeddings.weight`);
  const words = rowsOf(table("word"), tokens);
  const positions = tf.tile(tf.slice(table("position"), [0, 0], [length, -1]), [batchSize, 1]);
  const kinds = tf.slice(table("token_type"), [0, 0], [1, -1]);
  let hidden = layerNorm(tf.add(tf.add(words, positions), kinds), "bert.embeddings.LayerNorm");
  const mask = maskOf(lengths, length);
  for (let index = 0; index < numLayers; index++) {
    const layer = `bert.encoder.layer.${index}`;
    const attended = dense(attend(hidden, layer, mask), `${layer}.attention.output.dense`);
    hidden = layerNorm(tf.add(hidden, attended), `${layer}.attention.output.LayerNorm`);
    const wide = gelu(dense(hidden, `${layer}.intermediate.dense`));
    const narrow = dense(wide, `${layer}.output.dense`);
    hidden = layerNorm(tf.add(hidden, narrow), `${layer}.output.LayerNorm`);
  }
  const sequences = tf.reshape(hidden, [batchSize, length, hiddenSize]);
  const first = tf.reshape(tf.slice(sequences, [0, 0, 0], [-1, 1, -1]), [-1, hiddenSize]);
  return dense(tf.tanh(dense(first, "bert.pooler.dense")), "classifier");
}

interface Examples {
  readonly tokens: tf.Tensor;
  readonly lengths: tf.Tensor;
  readonly labels: tf.Tensor;
}

function examplesOf(rows: readonly number[]): Examples {
  const indices = tf.tensor1d([...rows], "int32");
  const pick = (name: string): tf.Tensor => tf.gather(named(data, name), indices);
  return { tokens: pick("tokens"), lengths: pick("lengths"), labels: pick("labels") };
}

function lossOf({ tokens, lengths, labels }: Examples): tf.Scalar {
  const logits = logitsOf(tokens, lengths);
  const targets = tf.oneHot(labels, logits.shape[1] ?? 0);
  return tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));
}

const optimizer = tf.train.adam(spec.optimizer.learningRate);
let done = 0;
let lastLoss = NaN;

function milliseconds(): number {
  const start = performance.now();
  const rows = spec.steps[done++ % spec.steps.length] ?? [];
  // Made outside of `minimize`, which disposes what the backward pass still needs of them.
  const examples = tf.tidy(() => ({ ...examplesOf(rows) }));
  const loss = optimizer.minimize(() => lossOf(examples), true);
  lastLoss = loss?.dataSync()[0] ?? NaN;
  loss?.dispose();
  for (const tensor of Object.values(examples)) tensor.dispose();
  return performance.now() - start;
}

console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(Array.from({ length: Number(line) }, milliseconds)));
  if (!Number.isFinite(lastLoss)) throw new Error(`stock TensorFlow.js has the loss ${lastLoss}`);
}
