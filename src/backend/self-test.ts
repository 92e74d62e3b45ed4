/** A small computation whose digest tells whether a backend gives the same bits again, and how fast it multiplies. */
import { matMul, slice } from "@tensorflow/tfjs-core";
import { checksum64 } from "../core/checksum.ts";
import { fillNormal } from "../random/samples.ts";
import { createStreams } from "../random/streams.ts";
import type { BackendName } from "./choose.ts";
import { disposeParameters, uploadParameters, valueAndGradients, valuesOf } from "./gradients.ts";
import { attention } from "./operations-attention.ts";
import { softmaxCrossEntropy } from "./operations-loss.ts";
import * as operations from "./operations.ts";
import { prepareBackend } from "./prepare.ts";
import type { Shape, Tensor } from "./tensor.ts";

/** What a self-test found. A type, so that it is plain data. */
export type SelfTest = {
  /** Of the loss and all gradients of a small transformer layer. */
  readonly digest: string;
  /** Multiplying matrices of 512 × 512, in float32. */
  readonly gigaflops: number;
};

const [batchSize, sequenceLength, width, numClasses] = [8, 64, 128, 5];
const rows = batchSize * sequenceLength;

/**
 * Prepares a backend and tests it.
 * @param options - `threads` that compute; `milliseconds` that the multiplications may take.
 * @throws {ExpError} `environment` when the backend cannot be prepared.
 */
export async function selfTest(
  name: BackendName,
  options: { readonly threads: number; readonly milliseconds: number },
): Promise<SelfTest> {
  await prepareBackend(name, { threads: options.threads });
  return { digest: layerDigest(), gigaflops: multiplicationSpeed(options.milliseconds) };
}

function samples(name: string, shape: Shape): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  fillNormal(createStreams(1).stream(`self-test/${name}`), values);
  return values;
}

function layerDigest(): string {
  const shapes: Readonly<Record<string, Shape>> = {
    input: [rows, width],
    query: [width, width],
    key: [width, width],
    value: [width, width],
    inner: [4 * width, width],
    innerBias: [4 * width],
    outer: [numClasses, 4 * width],
    gain: [width],
    bias: [width],
  };
  const host = new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const values = samples(name, shape).map((value) => value / 8);
      return [name, { dtype: "F32", shape, values }] as const;
    }),
  );
  const parameters = uploadParameters(host);
  const of = (name: string): Tensor =>
    parameters.get(name) ?? operations.constant(new Float32Array(0), [0]);
  try {
    const { value, gradients } = valueAndGradients(parameters, () => layer(of));
    const all = [...gradients.values()].flatMap(({ values }) => Array.from(values));
    return checksum64(Float32Array.from([value, ...all]));
  } finally {
    disposeParameters(parameters);
  }
}

function layer(of: (name: string) => Tensor): Tensor {
  const input = of("input");
  const [query, key, value] = ["query", "key", "value"].map((name) =>
    operations.dense(input, { weight: of(name) }),
  ) as [Tensor, Tensor, Tensor]; // one for each name
  const lengths = new Int32Array(batchSize).fill(sequenceLength - 3);
  const heads = { numHeads: 4, sequenceLength, lengths, dropout: undefined };
  const attended = operations.add(input, attention({ query, key, value }, heads));
  const normal = operations.layerNorm(attended, {
    gain: of("gain"),
    bias: of("bias"),
    epsilon: 1e-5,
  });
  const inner = { weight: of("inner"), bias: of("innerBias"), activation: "gelu" } as const;
  const logits = operations.dense(operations.dense(normal, inner), { weight: of("outer") });
  const labels = Int32Array.from({ length: rows }, (_, index) => index % numClasses);
  return softmaxCrossEntropy(logits, labels, { labelSmoothing: 0, divisor: rows });
}

const size = 512;

function multiplicationSpeed(milliseconds: number): number {
  const matrix = operations.constant(samples("matrix", [size, size]), [size, size]);
  // One element is read, so that a device has to be done.
  const multiply = (): unknown => valuesOf(() => slice(matMul(matrix, matrix), [0, 0], [1, 1]));
  let [best, spent] = [Infinity, 0];
  while (spent < milliseconds) {
    const start = performance.now();
    multiply();
    const duration = performance.now() - start;
    best = Math.min(best, duration);
    spent += Math.max(duration, 0.001);
  }
  matrix.dispose();
  return (2 * size * size * size) / best / 1e6;
}
