/** BERT's forward pass in plain float64, from the references of the operations. */
import type { BertConfig } from "../../../schemas/model.ts";
import type { HostTensors } from "../../../src/core/run-events.ts";
import * as reference from "../backend/reference.ts";
import { at, matrix, type Matrix } from "../backend/reference.ts";

export interface Tokens {
  readonly size: number;
  readonly sequenceLength: number;
  readonly tokens: Int32Array;
  readonly lengths: Int32Array;
}

/** Logits, [size, classes]. */
export function bertReference(config: BertConfig, parameters: HostTensors, batch: Tokens): Matrix {
  const isPre = config.normalization === "pre";
  const get = (name: string): Matrix => {
    const tensor = parameters.get(name);
    if (tensor === undefined) throw new Error(`no parameter ${name}`);
    const columns = tensor.shape.at(-1) ?? 1;
    return { rows: tensor.values.length / columns, columns, values: [...tensor.values] };
  };
  const dense = (input: Matrix, name: string): Matrix =>
    reference.dense(input, get(`${name}.weight`), get(`${name}.bias`));
  const norm = (input: Matrix, name: string): Matrix =>
    reference.layerNorm(input, {
      gain: get(`${name}.weight`),
      bias: get(`${name}.bias`),
      epsilon: 1e-12,
    });
  const block = (input: Matrix, name: string, compute: (normed: Matrix) => Matrix): Matrix =>
    isPre ? sum(input, compute(norm(input, name))) : norm(sum(input, compute(input)), name);

  let hidden = norm(embedded(get, batch), "bert.embeddings.LayerNorm");
  for (let index = 0; index < config.numLayers; index++) {
    const layer = `bert.encoder.layer.${index}`;
    const attentionNorm = isPre ? "attention.LayerNorm" : "attention.output.LayerNorm";
    const outputNorm = isPre ? "intermediate.LayerNorm" : "output.LayerNorm";
    hidden = block(hidden, `${layer}.${attentionNorm}`, (normed) => {
      const [query, key, value] = ["query", "key", "value"].map((part) =>
        dense(normed, `${layer}.attention.self.${part}`),
      );
      if (!query || !key || !value) throw new Error("three projections are needed");
      const attended = reference.attention([query, key, value], {
        batchSize: batch.size,
        sequenceLength: batch.sequenceLength,
        numHeads: config.numHeads,
        headSize: config.hiddenSize / config.numHeads,
        lengths: [...batch.lengths],
      });
      return dense(attended, `${layer}.attention.output.dense`);
    });
    hidden = block(hidden, `${layer}.${outputNorm}`, (normed) => {
      const wide = dense(normed, `${layer}.intermediate.dense`);
      return dense({ ...wide, values: wide.values.map(reference.gelu) }, `${layer}.output.dense`);
    });
  }
  if (isPre) hidden = norm(hidden, "bert.LayerNorm");
  if (config.pooling === "mean") return dense(mean(hidden, batch), "classifier");
  const first = matrix(batch.size, hidden.columns, (row, column) =>
    at(hidden, row * batch.sequenceLength, column),
  );
  const pooled = dense(first, "bert.pooler.dense");
  return dense({ ...pooled, values: pooled.values.map(Math.tanh) }, "classifier");
}

function embedded(get: (name: string) => Matrix, batch: Tokens): Matrix {
  const [words, positions, types] = ["word", "position", "token_type"].map((kind) =>
    get(`bert.embeddings.${kind}_embeddings.weight`),
  );
  if (!words || !positions || !types) throw new Error("three tables are needed");
  return matrix(batch.tokens.length, words.columns, (row, column) => {
    const word = at(words, batch.tokens[row] ?? NaN, column);
    return word + at(positions, row % batch.sequenceLength, column) + at(types, 0, column);
  });
}

function mean(hidden: Matrix, { size, sequenceLength, lengths }: Tokens): Matrix {
  return matrix(size, hidden.columns, (row, column) => {
    const length = lengths[row] ?? NaN;
    let total = 0;
    for (let i = 0; i < length; i++) total += at(hidden, row * sequenceLength + i, column);
    return total / length;
  });
}

function sum(left: Matrix, right: Matrix): Matrix {
  return matrix(
    left.rows,
    left.columns,
    (row, column) => at(left, row, column) + at(right, row, column),
  );
}
