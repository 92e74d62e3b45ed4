/** Attention by batched multiplications of the library, over heads that are laid apart first. */
import {
  attentionBackward,
  attentionForward,
  type AttentionAttributes,
  type HeadSizes,
} from "../../kernels/attention.ts";
import type { TensorId } from "../backend.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import { maskValues } from "./elementwise.ts";

/** Small enough that its exponential is 0, and far from what overflows. */
const hidden = -3e38;

const fastForward = compose(attentionForward, ({ work, id, integers, attributes }) => {
  const { backend } = work;
  const [query, key, value] = (["query", "key", "value"] as const).map((name) =>
    headsApart(work, id(name), attributes),
  ) as [TensorId, TensorId, TensorId]; // one for each name
  const products = work.multiply(query, key, { isBatch: true, transposeRight: true });
  const scores = work.run("Mul", [products, backend.scalar(attributes.scale)]);
  const weights = visibleSoftmax(work, scores, { lengths: integers("lengths"), attributes });
  const { dropout } = attributes;
  const dropped =
    dropout === undefined ? undefined : work.run("Mul", [weights, maskValues(work, dropout)]);
  const result = work.multiply(dropped ?? weights, value, { isBatch: true });
  const together = headsTogether(work, result, attributes);
  return dropped === undefined ? [together, weights] : [together, weights, dropped];
});

interface Visible {
  readonly lengths: Int32Array;
  readonly attributes: AttentionAttributes;
}

/** Scores that are not to be seen are replaced before the softmax, whatever they are; their weights are 0. */
function visibleSoftmax(work: Composition, scores: TensorId, visible: Visible): TensorId {
  const { lengths, attributes } = visible;
  const { sequenceLength, causal } = attributes;
  const isWhole = lengths.every((length) => length >= sequenceLength);
  if (isWhole && !causal) return work.run("Softmax", [scores]);
  const { backend } = work;
  const isVisible = visibility(work, visible);
  const shown = work.run("SelectV2", [isVisible, scores, backend.scalar(hidden)]);
  const weights = work.run("Softmax", [shown]);
  if (lengths.every((length) => length > 0)) return weights;
  return work.run("SelectV2", [isVisible, weights, backend.scalar(0)]); // else an even share of nothing
}

/** Which key each query sees, [batch · heads, 1 or queries, keys]. */
function visibility(work: Composition, { lengths, attributes }: Visible): TensorId {
  const { sequenceLength, numHeads, causal } = attributes;
  const numQueries = causal ? sequenceLength : 1;
  const perExample = numHeads * numQueries * sequenceLength;
  const seen = new Int32Array(lengths.length * perExample);
  for (const [example, length] of lengths.entries()) {
    for (let row = 0; row < numHeads * numQueries; row++) {
      const start = example * perExample + row * sequenceLength;
      const end = causal ? Math.min(length, (row % numQueries) + 1) : length;
      seen.fill(1, start, start + end);
    }
  }
  const shape = [lengths.length * numHeads, numQueries, sequenceLength];
  const { backend } = work;
  return work.facts(
    "Cast",
    [work.values(seen, shape)],
    [backend.type("SrcT", "int32"), backend.type("DstT", "bool"), backend.flag("Truncate", false)],
  ).id;
}

/** [batch · sequence, heads · headSize] → [batch · heads, sequence, headSize] */
function headsApart(work: Composition, id: TensorId, sizes: HeadSizes): TensorId {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const split = work.reshape(id, [batchSize, sequenceLength, numHeads, headSize]);
  return work.reshape(exchanged(work, split), [batchSize * numHeads, sequenceLength, headSize]);
}

/** The way back. */
function headsTogether(work: Composition, id: TensorId, sizes: HeadSizes): TensorId {
  const { batchSize, sequenceLength, numHeads, headSize } = sizes;
  const split = work.reshape(id, [batchSize, numHeads, sequenceLength, headSize]);
  return work.reshape(exchanged(work, split), [batchSize * sequenceLength, numHeads * headSize]);
}

function exchanged(work: Composition, id: TensorId): TensorId {
  const { backend } = work;
  return work.run(
    "Transpose",
    [id, backend.integers([0, 2, 1, 3])],
    [backend.type("Tperm", "int32")],
  );
}

/**
 * With w the weights, d those after dropout and p = dO·Vᵀ, the gradient of a score is scale·(d·p·factor/factor − w·Σ d·p): what
 * dropout multiplied by is in d already.
 */
const fastBackward = compose(attentionBackward, ({ work, id, attributes }) => {
  const { backend } = work;
  const [query, key, value, gradient] = (["query", "key", "value", "outputGradient"] as const).map(
    (name) => headsApart(work, id(name), attributes),
  ) as [TensorId, TensorId, TensorId, TensorId]; // one for each name
  const [weights, dropped] = [id("weights"), id("dropped")];
  const products = work.multiply(gradient, value, { isBatch: true, transposeRight: true });
  const weighted = work.run("Mul", [dropped, products]);
  const total = work.sum(weighted, [-1], true);
  const difference = work.run("Sub", [weighted, work.run("Mul", [weights, total])]);
  const scores = work.run("Mul", [difference, backend.scalar(attributes.scale)]);
  const gradients = [
    work.multiply(scores, key, { isBatch: true }),
    work.multiply(scores, query, { isBatch: true, transposeLeft: true }),
    work.multiply(dropped, gradient, { isBatch: true, transposeLeft: true }),
  ];
  return gradients.map((one) => headsTogether(work, one, attributes));
});

/** All of them. */
export const attentionKernels: readonly ComposedKernel[] = [fastForward, fastBackward];
