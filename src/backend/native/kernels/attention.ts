/** Attention by batched multiplications of the library, over heads that are laid apart first. */
import {
  attentionBackward,
  attentionForward,
  weightShape,
  type AttentionAttributes,
  type HeadSizes,
} from "../../kernels/attention.ts";
import type { Shape } from "../../tensor.ts";
import type { NativeBackend } from "../backend.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import type { TensorId } from "../constants.ts";
import { maskValues } from "./elementwise.ts";

/** Small enough that its exponential is 0, and far from what overflows. */
const hidden = -3e38;

const fastForward = compose(attentionForward, ({ work, id, integers, attributes }) => {
  const tensors = [id("query"), id("key"), id("value")] as const;
  const [query, key, value] = inputHeads(work, tensors, attributes);
  const scores = work.multiply(scaled(work, query, attributes), key, {
    isBatch: true,
    transposeRight: true,
  });
  const apart = visibleSoftmax(work, scores, { lengths: integers("lengths"), attributes });
  const weights = work.reshape(apart, weightShape(attributes));
  const { dropout } = attributes;
  if (dropout === undefined) {
    const result = work.multiply(apart, value, { isBatch: true });
    return [headsTogether(work, result, attributes), weights];
  }
  const dropped = work.run("Mul", [weights, maskValues(work, dropout)]);
  const result = work.multiply(weightsApart(work, dropped, attributes), value, { isBatch: true });
  return [headsTogether(work, result, attributes), weights, dropped];
});

/** The factor of the scores is taken into the queries: as a rule they are fewer. */
function scaled(work: Composition, id: TensorId, { scale }: { readonly scale: number }): TensorId {
  return work.run("Mul", [id, work.backend.scalar(scale)]);
}

interface Visible {
  readonly lengths: Int32Array;
  readonly attributes: AttentionAttributes;
}

/** Scores that are not to be seen are replaced before the softmax, whatever they are; their weights are 0. */
function visibleSoftmax(work: Composition, scores: TensorId, visible: Visible): TensorId {
  const { lengths, attributes } = visible;
  const isWhole = lengths.every((length) => length >= attributes.sequenceLength);
  if (isWhole && !attributes.causal) return work.run("Softmax", [scores]);
  const { backend } = work;
  const isVisible = visibility(backend, visible);
  const shown = attributes.causal
    ? work.run("Select", [isVisible, scores, hiddenScores(backend, attributes)])
    : work.run("SelectV2", [isVisible, scores, backend.scalar(hidden)]);
  const weights = work.run("Softmax", [shown]);
  if (lengths.every((length) => length > 0)) return weights;
  return work.run("SelectV2", [isVisible, weights, backend.scalar(0)]); // else an even share of nothing
}

/**
 * Which key each query sees: [batch, heads, queries, keys] where it is causal, so that the library need not broadcast, which
 * takes it three times as long; else [batch, 1, 1, keys]. All layers of a step ask for the same one.
 */
function visibility(backend: NativeBackend, { lengths, attributes }: Visible): TensorId {
  const { batchSize, sequenceLength, numHeads, causal } = attributes;
  const [heads, queries] = causal ? [numHeads, sequenceLength] : [1, 1];
  const shape = [batchSize, heads, queries, sequenceLength];
  const key = `${causal} ${shape.join()} ${lengths.join()}`;
  return backend.constants.latest("visibility", key, () => {
    const perExample = heads * queries * sequenceLength;
    const seen = new Int32Array(batchSize * perExample);
    for (const [example, length] of lengths.entries()) {
      for (let row = 0; row < heads * queries; row++) {
        const start = example * perExample + row * sequenceLength;
        const end = causal ? Math.min(length, (row % queries) + 1) : length;
        seen.fill(1, start, start + end);
      }
    }
    return booleans(backend, seen, shape);
  });
}

function booleans(backend: NativeBackend, values: Int32Array, shape: Shape): TensorId {
  const { addon } = backend;
  const given = addon.createTensor(shape, addon.TF_INT32, values);
  try {
    return backend.execute("Cast", [given], [backend.type("DstT", "bool")]).id;
  } finally {
    addon.deleteTensor(given);
  }
}

/** What takes the place of scores that are not seen, for each of them. */
function hiddenScores(backend: NativeBackend, sizes: HeadSizes): TensorId {
  const shape = apartShape(sizes);
  return backend.constants.latest("hidden scores", shape.join(), () => {
    return backend.execute("Fill", [backend.integers(shape), backend.scalar(hidden)], []).id;
  });
}

type Three = readonly [TensorId, TensorId, TensorId];

/** Query, key and value by heads. */
function inputHeads(work: Composition, [query, key, value]: Three, sizes: HeadSizes): Three {
  if (sizes.isTogether) return takenApart(work, query, sizes);
  const heads = (id: TensorId): TensorId => headsApart(work, id, sizes);
  return [heads(query), heads(key), heads(value)];
}

/** Out of one tensor, [batch · sequence, 3 · heads · headSize], in one pass: the three are then parts of it, not copies. */
function takenApart(work: Composition, id: TensorId, sizes: HeadSizes): Three {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const { backend } = work;
  const rows = work.reshape(id, [batchSize, sequenceLength, 3, numHeads, headSize]);
  const ordered = work.run("Transpose", [rows, backend.integers([2, 0, 3, 1, 4])]);
  const parts = { attributes: [backend.whole("num", 3)], numOutputs: 3 };
  const [query = -1, key = -1, value = -1] = work.runAll("Unpack", [ordered], parts);
  return [query, key, value];
}

/** The way back. */
function takenTogether(work: Composition, parts: readonly TensorId[], sizes: HeadSizes): TensorId {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const { backend } = work;
  const attributes = [backend.whole("N", 3), backend.type("T")]; // a list of inputs
  const ordered = work.run("Pack", parts, attributes);
  const rows = work.run("Transpose", [ordered, backend.integers([1, 3, 0, 2, 4])]);
  return work.reshape(rows, [batchSize * sequenceLength, 3 * numHeads * headSize]);
}

/** [batch · sequence, heads · headSize] → [batch, heads, sequence, headSize] */
function headsApart(work: Composition, id: TensorId, sizes: HeadSizes): TensorId {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  return exchanged(work, work.reshape(id, [batchSize, sequenceLength, numHeads, headSize]));
}

/** The way back. */
function headsTogether(work: Composition, id: TensorId, sizes: HeadSizes): TensorId {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  return work.reshape(exchanged(work, id), [batchSize * sequenceLength, numHeads * headSize]);
}

function exchanged(work: Composition, id: TensorId): TensorId {
  return work.run("Transpose", [id, work.backend.integers([0, 2, 1, 3])]);
}

/** Of the weights: [batch, heads, queries, keys]. */
function apartShape({ batchSize, numHeads, sequenceLength }: HeadSizes): Shape {
  return [batchSize, numHeads, sequenceLength, sequenceLength];
}

function weightsApart(work: Composition, id: TensorId, sizes: HeadSizes): TensorId {
  return work.reshape(id, apartShape(sizes));
}

/**
 * With w the weights, d those after dropout and p = dO·Vᵀ, the gradient of a score is scale·(d·p·factor/factor − w·Σ d·p): what
 * dropout multiplied by is in d already.
 */
const fastBackward = compose(attentionBackward, ({ work, id, attributes }) => {
  const tensors = [id("query"), id("key"), id("value")] as const;
  const [query, key, value] = inputHeads(work, tensors, attributes);
  const gradient = headsApart(work, id("outputGradient"), attributes);
  const weights = weightsApart(work, id("weights"), attributes);
  const hasDropout = id("dropped") !== id("weights");
  const dropped = hasDropout ? weightsApart(work, id("dropped"), attributes) : weights;
  const products = work.multiply(gradient, value, { isBatch: true, transposeRight: true });
  const weighted = work.run("Mul", [dropped, products]);
  const total = work.sum(weighted, [-1], true);
  const scores = work.run("Sub", [weighted, work.run("Mul", [weights, total])]);
  const gradients = [
    scaled(work, work.multiply(scores, key, { isBatch: true }), attributes),
    work.multiply(scores, scaled(work, query, attributes), { isBatch: true, transposeLeft: true }),
    work.multiply(dropped, gradient, { isBatch: true, transposeLeft: true }),
  ];
  if (attributes.isTogether) return [takenTogether(work, gradients, attributes)];
  return gradients.map((one) => headsTogether(work, one, attributes));
});

/** All of them. */
export const attentionKernels: readonly ComposedKernel[] = [fastForward, fastBackward];
