/** First values of parameters. Each parameter draws from a stream of its own, so none shifts another. */
import { fillNormal, fillTruncatedNormal } from "../random/samples.ts";
import type { Shape } from "../backend/tensor.ts";
import { axisSize, sizeOf } from "../backend/tensor.ts";
import type { ParameterSpec } from "./model.ts";

type Initialise = ParameterSpec["initialise"];

/** The same value everywhere. */
export function filled(size: number, value: number): Initialise {
  return () => new Float32Array(size).fill(value);
}

/** Normal with mean 0. */
export function normal(size: number, standardDeviation: number): Initialise {
  return (stream) => {
    const values = new Float32Array(size);
    fillNormal(stream, values);
    return scaled(values, standardDeviation);
  };
}

/** Normal with mean 0, without what lies more than two standard deviations away. */
export function truncatedNormal(size: number, standardDeviation: number): Initialise {
  return (stream) => {
    const values = new Float32Array(size);
    fillTruncatedNormal(stream, values);
    return scaled(values, standardDeviation);
  };
}

/**
 * Normal with variance 2/in: keeps the scale of values through layers that cut off half of them (ReLU, about GELU).
 * @param shape - [out, in], or of a convolution [out, in, rows, columns], whose `in` is a window of all channels.
 * @see He et al., "Delving Deep into Rectifiers", 2015, section 2.2.
 */
export function heNormal(shape: Shape): Initialise {
  const fanIn = sizeOf(shape) / axisSize(shape, 0);
  return normal(sizeOf(shape), Math.sqrt(2 / fanIn));
}

/**
 * Normal with variance 2/(in + out): for layers whose activation is the identity near 0 (tanh, or none).
 * @param shape - [out, in]
 * @see Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks", 2010, eq. 16.
 */
export function glorotNormal(shape: Shape): Initialise {
  const fan = axisSize(shape, 0) + axisSize(shape, 1);
  return normal(sizeOf(shape), Math.sqrt(2 / fan));
}

function scaled(values: Float32Array, factor: number): Float32Array {
  return values.map((value) => value * factor);
}
