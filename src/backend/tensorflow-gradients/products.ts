/** Gradients of products of many elements, running ones too, and of sums of products by a formula (`tf.einsum`). */
import * as tf from "@tensorflow/tfjs-core";
import { axisSize, sizeOf, type Tensor } from "../tensor.ts";
import { fromInput, one, read, type KernelGradient } from "./gradient.ts";

/** Each element's gradient is the product of all others, taken from both sides, so that a 0 is no obstacle. */
const product = fromInput("Prod", (dy, x, attributes) => {
  if (x.size === 0) return tf.zeros(x.shape);
  const { axis } = read<{ readonly axis?: number | number[] | null }>(attributes);
  const every = x.shape.map((_, index) => index);
  const axes = tf.util.parseAxisParam(axis ?? every, x.shape);
  const order = [...every.filter((index) => !axes.includes(index)), ...axes];
  const length = sizeOf(axes.map((index) => axisSize(x.shape, index)));
  const moved = tf.transpose(x, order);
  const rows = tf.reshape(moved, [x.size / length, length]);
  const others = tf.mul(tf.cumprod(rows, 1, true), tf.cumprod(rows, 1, true, true));
  const gradient = tf.reshape(tf.mul(others, tf.reshape(dy, [dy.size, 1])), moved.shape);
  return tf.transpose(gradient, tf.backend_util.getUndoAxesPermutation(order));
});

/** What running sums and products are called with. */
interface Running {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/**
 * Of a row x: the products with each element left out, [left out, place], weighted with the gradients of the places that it
 * is a factor of. That takes the square of the length, and is right where elements are 0.
 */
const runningProduct = fromInput("Cumprod", (dy, x, attributes) => {
  if (x.size === 0) return tf.zeros(x.shape);
  const { axis, exclusive, reverse } = read<Running>(attributes);
  const own = axis < 0 ? axis + x.rank : axis;
  const every = x.shape.map((_, index) => index);
  const order = [...every.filter((index) => index !== own), own];
  const length = axisSize(x.shape, own);
  const rows = (tensor: Tensor): Tensor => tf.reshape(tf.transpose(tensor, order), [-1, 1, length]);
  const isLeftOut = tf.cast(tf.eye(length), "bool");
  const factors = tf.where(isLeftOut, tf.ones([length, length]), tf.tile(rows(x), [1, length, 1]));
  const products = tf.cumprod(factors, 2, exclusive, reverse);
  // 1 where the place has the element as a factor: for [left out, place], those at and after it.
  const counted = tf.cumsum(tf.eye(length), 1, exclusive, reverse);
  const gradient = tf.sum(tf.mul(tf.mul(products, counted), rows(dy)), 2);
  const moved = order.map((index) => axisSize(x.shape, index));
  return tf.transpose(tf.reshape(gradient, moved), tf.backend_util.getUndoAxesPermutation(order));
});

const einsum: KernelGradient = {
  kernelName: "Einsum",
  saveAllInputs: true,
  gradFunc: (dy, saved, attributes) => {
    const { equation } = read<{ readonly equation: string }>(attributes);
    const [operands = "", name = ""] = equation.replaceAll(/\s/gu, "").split("->");
    const names = operands.split(",");
    const all = saved.map((tensor, index) => ({ name: names[index] ?? "", tensor }));
    const result = { name, tensor: one(dy) };
    return Object.fromEntries(
      all.map((own, index) => [
        index,
        () => operandGradient({ own, result, other: all.find((_, at) => at !== index) }),
      ]),
    );
  },
};

/** A tensor with the letters of its axes. */
interface Lettered {
  readonly name: string;
  readonly tensor: Tensor;
}

/** A formula has two operands at most. Letters that an operand alone has were summed, and are spread again. */
function operandGradient({
  own,
  result,
  other,
}: {
  readonly own: Lettered;
  readonly result: Lettered;
  readonly other: Lettered | undefined;
}): Tensor {
  const { shape } = own.tensor;
  const letters = Array.from(own.name);
  const isKnown = (letter: string): boolean =>
    `${result.name}${other?.name ?? ""}`.includes(letter);
  const known = letters.filter(isKnown);
  const sum = other === undefined ? reordered(result, known) : joined(result, other, known);
  const sizes = letters.map((letter, axis) => (isKnown(letter) ? axisSize(shape, axis) : 1));
  return tf.broadcastTo(tf.reshape(sum, sizes), shape);
}

function reordered({ name, tensor }: Lettered, letters: readonly string[]): Tensor {
  return tf.transpose(
    tensor,
    letters.map((letter) => name.indexOf(letter)),
  );
}

/** Letters that the other operand alone has are summed before, which `tf.einsum` gets wrong. */
function joined(result: Lettered, other: Lettered, letters: readonly string[]): Tensor {
  const isShared = (letter: string): boolean =>
    result.name.includes(letter) || letters.includes(letter);
  const alone = Array.from(other.name).flatMap((letter, axis) => (isShared(letter) ? [] : [axis]));
  const summed = alone.length === 0 ? other.tensor : tf.sum(other.tensor, alone);
  const name = Array.from(other.name).filter(isShared).join("");
  return tf.einsum(`${result.name},${name}->${letters.join("")}`, result.tensor, summed);
}

/** All of this file. */
export const productGradients: readonly KernelGradient[] = [product, runningProduct, einsum];
