/** Attention on addresses: its matrix products read and write the heads where they lie. */
import {
  attentionBackward,
  attentionForward,
  headLayout,
  type HeadSizes,
} from "../../kernels/attention.ts";
import type { Address } from "../memory.ts";
import {
  accelerate,
  floatBits,
  numPieces,
  rowsAPiece,
  type FastKernel,
  type Workshop,
} from "../fast-kernel.ts";
import { dropoutArguments } from "./elementwise.ts";
import { multiply, type Operand } from "./multiply.ts";

const forward = accelerate(attentionForward, (call) => {
  const { attributes } = call;
  const { sequenceLength, numHeads, causal, scale, dropout } = attributes;
  const [output, weights] = [call.output(0), call.output(1)];
  const products = productsOf(call, attributes);
  const { query, key, value } = products.inputs([
    call.address("query"),
    call.address("key"),
    call.address("value"),
  ]);
  products.toWeights(query, transposed(key), weights);
  const numRows = attributes.batchSize * numHeads * sequenceLength;
  const each = rowsAPiece(sequenceLength);
  const visible = [call.address("lengths"), sequenceLength, numHeads, Number(causal)];
  const layout = [numRows, sequenceLength, each, weights, weights];
  call.run("maskedSoftmax", numPieces(numRows, each), [...layout, ...visible, floatBits(scale)]);
  const dropped = dropout === undefined ? weights : call.output(2);
  if (dropout !== undefined) {
    const addresses = { input: weights, result: dropped, mask: 0 };
    call.run("dropout", ...dropoutArguments({ ...dropout, ...addresses }));
  }
  products.toHeads(products.weights(dropped), value, products.heads(output));
});

const backward = accelerate(attentionBackward, (call) => {
  const { attributes } = call;
  const { sequenceLength, numHeads, batchSize, scale, causal, dropoutFactor, isTogether } =
    attributes;
  const products = productsOf(call, attributes);
  const [weights, dropped] = [call.address("weights"), call.address("dropped")];
  const gradient = products.heads(call.address("outputGradient"));
  const numRows = batchSize * numHeads * sequenceLength;
  const { query, key, value } = products.inputs([
    call.address("query"),
    call.address("key"),
    call.address("value"),
  ]);
  const [first, second, third] = [call.output(0), call.output(1), call.output(2)];
  const to = products.inputs(isTogether ? [first, first, first] : [first, second, third]);
  call.withScratch(numRows * sequenceLength * 4, (scores) => {
    products.toWeights(gradient, transposed(value), scores);
    const each = rowsAPiece(sequenceLength);
    const layout = [numRows, sequenceLength, each, weights, scores, scores, floatBits(scale)];
    const afterDropout = [dropped === weights ? 0 : dropped, floatBits(dropoutFactor)];
    const integers = [...layout, ...afterDropout, causal ? sequenceLength : 0];
    call.run("maskedSoftmaxGradient", numPieces(numRows, each), integers);
    const ofScores = products.weights(scores);
    products.toHeads(ofScores, key, to.query);
    products.toHeads(transposed(ofScores), query, to.key);
  });
  products.toHeads(transposed(products.weights(dropped)), gradient, to.value);
});

function transposed(operand: Operand): Operand {
  return { ...operand, isTransposed: !operand.isTransposed };
}

interface Products {
  /** The heads in rows of [batch · sequence, heads · headSize]. */
  readonly heads: (address: Address) => Operand;
  /** Query, key and value, or where their gradients go; their tensors are one where they lie together. */
  readonly inputs: (tensors: readonly [Address, Address, Address]) => HeadOperands;
  /** [batch · heads, queries, keys] */
  readonly weights: (address: Address) => Operand;
  readonly toWeights: (left: Operand, right: Operand, result: Address) => void;
  readonly toHeads: (left: Operand, right: Operand, result: Operand) => void;
}

type HeadOperands = Readonly<Record<"query" | "key" | "value", Operand>>;

/** The two kinds of products that attention is made of, a matrix for each head of each example. */
function productsOf(workshop: Workshop, sizes: HeadSizes & { readonly causal: boolean }): Products {
  const { batchSize, sequenceLength, numHeads, headSize, causal } = sizes;
  const width = numHeads * headSize;
  const square = sequenceLength * sequenceLength;
  const headsIn = (address: Address, rowStride: number): Operand => ({
    address,
    rowStride,
    groupStride: sequenceLength * rowStride,
    matrixStride: headSize,
    isTransposed: false,
  });
  const { rowSize, starts } = headLayout(sizes);
  const [ofQuery, ofKey, ofValue] = starts;
  const weights = (address: Address): Operand => ({
    address,
    rowStride: sequenceLength,
    groupStride: numHeads * square,
    matrixStride: square,
    isTransposed: false,
  });
  const all = { numMatrices: batchSize * numHeads, groupSize: numHeads, rows: sequenceLength };
  return {
    heads: (address) => headsIn(address, width),
    inputs: ([query, key, value]) => ({
      query: headsIn(query + ofQuery * 4, rowSize),
      key: headsIn(key + ofKey * 4, rowSize),
      value: headsIn(value + ofValue * 4, rowSize),
    }),
    weights,
    toWeights: (left, right, result) => {
      const size = { columns: sequenceLength, inner: headSize };
      const lowerTriangle = causal ? { lowerTriangle: "result" as const } : {};
      multiply(workshop, {
        ...all,
        ...size,
        left,
        right,
        result: weights(result),
        ...lowerTriangle,
      });
    },
    toHeads: (left, right, result) => {
      const size = { columns: headSize, inner: sequenceLength };
      const lowerTriangle = causal ? { lowerTriangle: "left" as const } : {};
      multiply(workshop, { ...all, ...size, left, right, result, ...lowerTriangle });
    },
  };
}

/** All fast kernels of this file. */
export const fastAttention: readonly FastKernel[] = [forward, backward];
