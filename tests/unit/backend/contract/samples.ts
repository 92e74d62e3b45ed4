/** Samples for the contract, and the way from them to tensors and to one number. */
import * as tf from "@tensorflow/tfjs-core";
import { differentiable } from "../../../../src/backend/differentiable.ts";
import { constant } from "../../../../src/backend/operations.ts";
import { sizeOf, type Shape, type Tensor } from "../../../../src/backend/tensor.ts";
import { fillNormal } from "../../../../src/random/samples.ts";
import { createStreams } from "../../../../src/random/streams.ts";
import { matrix, type Matrix } from "../reference.ts";

const streams = createStreams(11);

/** Normal samples that float32 holds exactly, so that both sides compute with the same numbers. */
export function floatSamples(purpose: string, shape: Shape): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  fillNormal(streams.stream(purpose.replaceAll(/\/+/g, "/")), values);
  return values;
}

/** `floatSamples` as matrices; a list of n numbers is a matrix of one row. */
export function samples(purpose: string, shapes: readonly Shape[]): readonly Matrix[] {
  return shapes.map((shape, index) => {
    const columns = shape.at(-1) ?? 1;
    const rows = shape.length < 2 ? 1 : (shape[0] ?? 1);
    const values = floatSamples(`${purpose}/${index}`, [rows * columns]);
    return matrix(rows, columns, (row, column) => values[row * columns + column] ?? NaN);
  });
}

export function tensorOf({ values }: Matrix, shape: Shape = []): Tensor {
  return constant(Float32Array.from(values), shape);
}

/** Σ output·factors, so that every element of the output counts differently. */
export function weightedSum(output: Tensor, factors: Matrix): Tensor {
  const weights = tf.tensor(Float32Array.from(factors.values), output.shape);
  return differentiable([output], () => ({
    value: tf.sum(tf.mul(output, weights)),
    kept: { weights },
    gradient: (dy, kept) => [tf.mul(kept.weights, dy)],
  }));
}
