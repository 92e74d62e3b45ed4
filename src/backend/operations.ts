/**
 * The operations that models compute with, each with its gradient. Everything below this line of the stack (which kernel,
 * which backend, which memory) can be replaced without touching a model.
 *
 * Tensors are float32. A matrix [rows, width] holds one vector a row; a batch of sequences is flattened to
 * [batch · sequence, width], because two-dimensional multiplications are the fast ones. A tensor of another shape than an
 * operation says, or one that is not float32, is refused with an `ExpError` before anything is computed.
 */
import * as tf from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import type { RandomStream } from "../random/streams.ts";
import {
  checkCount,
  checkDivides,
  checkFloats,
  checkLengths,
  checkTensor,
  refused,
} from "./arguments.ts";
import { differentiable, isDifferentiatedAgain } from "./differentiable.ts";
import { dense as denseKernel, denseGradient, type Activation } from "./kernels/dense.ts";
import * as elementwise from "./kernels/elementwise.ts";
import { layerNormBackward, layerNormForward } from "./kernels/layer-norm.ts";
import * as pooling from "./kernels/pooling.ts";
import * as rows from "./kernels/rows.ts";
import { combined, product } from "./operations-projection.ts";
import { axisSize, sizeOf, type Shape, type Tensor } from "./tensor.ts";

/** Features that came from the data: a tensor that needs no gradient. The values are copied. */
export function constant(values: Float32Array, shape: Shape): Tensor {
  return tf.tensor(values.slice(), [...shape], "float32");
}

/** The parameters of a dense layer, and what follows it. */
export interface DenseLayer {
  /** [out, in], as PyTorch lays it out. */
  readonly weight: Tensor;
  /** [out]; absent where there is none. */
  readonly bias?: Tensor;
  /** In the same pass, without another one over the result. */
  readonly activation?: "relu" | "gelu";
  /** The input came from the data: it needs no gradient, which spares a multiplication. */
  readonly isInputConstant?: boolean;
}

/**
 * input · weightᵀ + bias, and the activation.
 * @param input - [rows, in]
 * @returns [rows, out]
 */
export function dense(input: Tensor, layer: DenseLayer): Tensor {
  const { weight, bias, activation = "none", isInputConstant = false } = layer;
  checkTensor("dense: input", input, ["rows", "in"]);
  checkTensor("dense: weight", weight, ["out", axisSize(input.shape, 1)]);
  if (bias !== undefined) checkTensor("dense: bias", bias, [axisSize(weight.shape, 0)]);
  const inputs = [...(isInputConstant ? [] : [input]), weight, ...(bias ? [bias] : [])];
  return differentiable(inputs, () => {
    const [value, slope] = denseForward({ input, weight, bias }, activation);
    const atActivation = activation === "none" ? {} : { atActivation: slope ?? value };
    return {
      value,
      kept: { input, weight, ...atActivation },
      gradient: (outputGradient, kept: DenseKept) => {
        if (activation === "none" && isDifferentiatedAgain()) {
          const ofInput = isInputConstant ? [] : [product(outputGradient, kept.weight)];
          const ofWeight = product(outputGradient, kept.input, { transposeA: true });
          return [...ofInput, ofWeight, ...(bias ? [tf.sum(outputGradient, 0)] : [])];
        }
        const { atActivation = outputGradient } = kept;
        const [ofWeight, ofInput, ofBias] = denseGradient.call(
          { outputGradient, atActivation, input: kept.input, weight: kept.weight },
          { activation, ofInput: !isInputConstant, ofBias: bias !== undefined },
        );
        if (!ofWeight || !ofInput || !ofBias)
          throw new InternalError("dense gave too few gradients");
        return [...(isInputConstant ? [] : [ofInput]), ofWeight, ...(bias ? [ofBias] : [])];
      },
    };
  });
}

/** A type alias and not an interface: only an alias fits a record of tensors. */
type DenseKept = Readonly<Record<"input" | "weight", Tensor>> & { readonly atActivation?: Tensor };

/** The result and, for GELU, its slope. */
function denseForward(
  { input, weight, bias }: { input: Tensor; weight: Tensor; bias: Tensor | undefined },
  activation: Activation,
): readonly [value: Tensor, slope?: Tensor] {
  const summand = bias ?? tf.zeros([axisSize(weight.shape, 0)]);
  const [value, slope] = denseKernel.call({ input, weight, bias: summand }, { activation });
  if (value === undefined) throw new InternalError("a dense layer gave no output");
  return slope === undefined ? [value] : [value, slope];
}

/** x·Φ(x), exact through the error function (not the tanh approximation); any shape. */
export function gelu(input: Tensor): Tensor {
  checkFloats("gelu: input", input.dtype);
  return differentiable([input], () => ({
    value: elementwise.gelu.one({ input }, {}),
    kept: { input },
    gradient: (outputGradient, kept) => [
      elementwise.geluGradient.one({ kept: kept.input, outputGradient }, {}),
    ],
  }));
}

/** max(x, 0); any shape. NaN stays NaN. */
export function relu(input: Tensor): Tensor {
  checkFloats("relu: input", input.dtype);
  return differentiable([input], () => {
    const output = elementwise.relu.one({ input }, {});
    return {
      value: output,
      kept: { output },
      gradient: (outputGradient, kept) => [
        elementwise.reluGradient.one({ kept: kept.output, outputGradient }, {}),
      ],
    };
  });
}

/** The hyperbolic tangent; any shape. */
export function tanh(input: Tensor): Tensor {
  checkFloats("tanh: input", input.dtype);
  return differentiable([input], () => {
    const output = elementwise.tanhForward.one({ input }, {});
    return {
      value: output,
      kept: { output },
      gradient: (outputGradient, kept) => [
        elementwise.tanhGradient.one({ kept: kept.output, outputGradient }, {}),
      ],
    };
  });
}

/**
 * Normalises each row to mean 0 and variance 1, then scales and shifts.
 * @param input - [rows, width]
 * @param layer - `gain` and `bias` [width]; `epsilon` is added to the variance.
 * @see Ba, Kiros & Hinton, "Layer Normalization", 2016.
 */
export function layerNorm(
  input: Tensor,
  layer: { readonly gain: Tensor; readonly bias: Tensor; readonly epsilon: number },
): Tensor {
  const { gain, bias, epsilon } = layer;
  checkTensor("layerNorm: input", input, ["rows", "width"]);
  checkTensor("layerNorm: gain", gain, input.shape.slice(1));
  checkTensor("layerNorm: bias", bias, input.shape.slice(1));
  return differentiable([input, gain, bias], () => {
    const [value, mean, scale] = layerNormForward.call({ input, gain, bias }, { epsilon });
    if (!value || !mean || !scale) throw new InternalError("layer norm gave too few outputs");
    return {
      value,
      kept: { input, gain, mean, scale },
      gradient: (outputGradient, kept) => layerNormBackward.call({ ...kept, outputGradient }, {}),
    };
  });
}

/**
 * Rows of a table. The gradient adds the rows of equal ids in their order.
 * @param table - [entries, width]
 * @param ids - Whole numbers from 0 to below `entries`.
 * @returns [ids.length, width]
 */
export function embedding(table: Tensor, ids: Int32Array): Tensor {
  checkTensor("embedding: table", table, ["entries", "width"]);
  const numEntries = axisSize(table.shape, 0);
  for (const id of ids) {
    if (id >= 0 && id < numEntries) continue;
    throw refused("embedding: ids", `holds ${id}`, `0 to ${numEntries - 1}, the table's entries`);
  }
  return differentiable([table], () => {
    const idTensor = integers(ids);
    return {
      value: rows.gatherRows.one({ table, ids: idTensor }, {}),
      kept: { idTensor },
      gradient: (dy, kept) => [
        rows.segmentSum.one({ rows: dy, ids: kept.idTensor }, { numEntries }),
      ],
    };
  });
}

/** One place in a model where values are dropped, at one step of a run. */
export interface Dropout {
  /** Share of values that become 0; from 0 to below 1. The others are divided by 1 − rate. */
  readonly rate: number;
  /** The stream of this place alone. */
  readonly stream: RandomStream;
  readonly step: number;
  /** Place of the first example in the whole batch of the step. */
  readonly position: number;
  /** Examples in the tensor; its outermost axis is a multiple of it. */
  readonly numExamples: number;
}

/** Zeroes values at random; without a `dropout` (in evaluation) or at the rate 0 it gives back the input itself. */
export function dropout(input: Tensor, site: Dropout | undefined): Tensor {
  if (site === undefined || site.rate === 0) return input;
  checkFloats("dropout: input", input.dtype);
  return differentiable([input], () => {
    const attributes = maskAttributes(input.shape, site);
    const [value, mask] = elementwise.dropout.call({ input }, attributes);
    if (value === undefined || mask === undefined)
      throw new InternalError("dropout gave too little");
    return {
      value,
      kept: { mask },
      constants: ["mask"],
      gradient: (dy, kept) => [combined("Multiply", dy, kept.mask)],
    };
  });
}

/** The factors, 0 or 1/(1 − rate), that `dropout` multiplies by. */
export function dropoutMask(shape: Shape, site: Dropout): Tensor {
  return elementwise.dropoutMask.one({}, maskAttributes(shape, site));
}

/** What dropout does to values of that shape; undefined where it does nothing. */
export function maskOf(
  shape: Shape,
  site: Dropout | undefined,
): elementwise.DropoutMask | undefined {
  return site === undefined || site.rate === 0 ? undefined : maskAttributes(shape, site);
}

function maskAttributes(shape: Shape, site: Dropout): elementwise.DropoutMask {
  const { numExamples, ...rest } = site;
  if (!(rest.rate >= 0 && rest.rate < 1)) {
    throw refused("dropout: rate", `is ${rest.rate}`, "0 to below 1");
  }
  checkCount("dropout: numExamples", numExamples, 1);
  checkDivides("dropout: the first size of input", shape[0] ?? 1, numExamples);
  return { ...rest, shape, elementsPerExample: sizeOf(shape) / numExamples };
}

/** Sum of two tensors of one shape. */
export function add(left: Tensor, right: Tensor): Tensor {
  checkFloats("add: left", left.dtype);
  checkTensor("add: right", right, left.shape);
  return differentiable([left, right], () => ({
    value: combined("Add", left, right),
    kept: {},
    gradient: (dy) => [dy, dy],
  }));
}

/** The same values in another shape of the same size. */
export function reshape(input: Tensor, shape: Shape): Tensor {
  if (sizeOf(shape) !== input.size && !shape.includes(-1)) {
    const found = `has the shape [${input.shape.join(", ")}]`;
    throw refused("reshape: input", found, `as many values as in [${shape.join(", ")}]`);
  }
  return differentiable([input], () => ({
    value: tf.reshape(input, [...shape]),
    kept: {},
    gradient: (dy) => [tf.reshape(dy, input.shape)],
  }));
}

/** The sum of all elements, []. */
export function sum(input: Tensor): Tensor {
  checkFloats("sum: input", input.dtype);
  return differentiable([input], () => ({
    value: rows.sumAll.one({ input }, {}),
    kept: {},
    gradient: (dy) => [tf.mul(tf.ones(input.shape), dy)],
  }));
}

/**
 * The first row of each example.
 * @param input - [batch · sequenceLength, width]
 * @returns [batch, width]
 */
export function firstOfSequence(input: Tensor, sequenceLength: number): Tensor {
  checkTensor("firstOfSequence: input", input, ["batch · sequenceLength", "width"]);
  checkCount("firstOfSequence: sequenceLength", sequenceLength, 1);
  checkDivides("firstOfSequence: rows of input", axisSize(input.shape, 0), sequenceLength);
  return differentiable([input], () => ({
    value: pooling.firstRows.one({ input }, { sequenceLength }),
    kept: {},
    gradient: (outputGradient) => [
      pooling.firstRowsGradient.one({ outputGradient }, { sequenceLength }),
    ],
  }));
}

/**
 * The mean of each example's first `lengths[i]` rows; zeros where that is 0.
 * @param input - [batch · sequenceLength, width]
 * @param lengths - [batch]
 * @returns [batch, width]
 */
export function meanOfSequence(
  input: Tensor,
  { lengths, sequenceLength }: { readonly lengths: Int32Array; readonly sequenceLength: number },
): Tensor {
  checkCount("meanOfSequence: sequenceLength", sequenceLength, 1);
  checkTensor("meanOfSequence: input", input, [lengths.length * sequenceLength, "width"]);
  checkLengths("meanOfSequence", lengths, { batchSize: lengths.length, sequenceLength });
  return differentiable([input], () => {
    const lengthTensor = integers(lengths);
    return {
      value: pooling.meanRows.one({ input, lengths: lengthTensor }, { sequenceLength }),
      kept: { lengthTensor },
      gradient: (outputGradient, kept) => [
        pooling.meanRowsGradient.one(
          { outputGradient, lengths: kept.lengthTensor },
          { sequenceLength },
        ),
      ],
    };
  });
}

/** An int32 tensor of ids, labels or lengths; the values are copied. */
export function integers(values: Int32Array): Tensor {
  return tf.tensor1d(values.slice(), "int32");
}
