/** Gradients of functions of each element, and of two elements at the same place. */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor } from "../tensor.ts";
import {
  flat,
  fromInput,
  fromOutput,
  fromPair,
  gradientOf,
  one,
  read,
  unbroadcast,
  type KernelGradient,
} from "./gradient.ts";

/** 2/√π. */
const errorSlope = 1.128_379_167_095_512_6;
const { SELU_SCALE: seluScale, SELU_SCALEALPHA: seluScaleAlpha } = tf.backend_util;

const ofInput: readonly KernelGradient[] = [
  fromInput("Abs", (dy, x) => tf.mul(dy, tf.sign(x))),
  fromInput("Acos", (dy, x) => tf.neg(tf.div(dy, tf.sqrt(tf.sub(1, tf.square(x)))))),
  fromInput("Acosh", (dy, x) => tf.div(dy, tf.sqrt(tf.sub(tf.square(x), 1)))),
  fromInput("Asin", (dy, x) => tf.div(dy, tf.sqrt(tf.sub(1, tf.square(x))))),
  fromInput("Asinh", (dy, x) => tf.div(dy, tf.sqrt(tf.add(tf.square(x), 1)))),
  fromInput("Atan", (dy, x) => tf.div(dy, tf.add(1, tf.square(x)))),
  fromInput("Atanh", (dy, x) => tf.div(dy, tf.sub(1, tf.square(x)))),
  fromInput("ClipByValue", (dy, x, attributes) => {
    const { clipValueMin, clipValueMax } =
      read<Record<"clipValueMin" | "clipValueMax", number>>(attributes);
    const isInside = tf.logicalAnd(tf.greaterEqual(x, clipValueMin), tf.lessEqual(x, clipValueMax));
    return chosen(isInside, dy, tf.zerosLike(dy));
  }),
  fromInput("Cos", (dy, x) => tf.neg(tf.mul(dy, tf.sin(x)))),
  fromInput("Cosh", (dy, x) => tf.mul(dy, tf.sinh(x))),
  fromInput("Erf", (dy, x) => tf.mul(dy, tf.mul(errorSlope, tf.exp(tf.neg(tf.square(x)))))),
  fromInput("Expm1", (dy, x) => tf.mul(dy, tf.exp(x))),
  fromInput("LeakyRelu", (dy, x, attributes) => {
    const { alpha } = read<Record<"alpha", number>>(attributes);
    return chosen(tf.greater(x, 0), dy, tf.mul(dy, alpha));
  }),
  fromInput("Log", (dy, x) => tf.div(dy, x)),
  fromInput("Log1p", (dy, x) => tf.div(dy, tf.add(1, x))),
  fromInput("Reciprocal", (dy, x) => tf.neg(tf.div(dy, tf.square(x)))),
  fromInput("Relu", (dy, x) => tf.mul(dy, tf.step(x))),
  fromInput("Relu6", (dy, x) => tf.mul(dy, tf.mul(tf.step(x), tf.step(tf.sub(6, x))))),
  fromInput("Selu", (dy, x) => {
    const below = tf.mul(dy, tf.mul(seluScaleAlpha, tf.exp(x)));
    return chosen(tf.greater(x, 0), tf.mul(dy, seluScale), below);
  }),
  fromInput("Sin", (dy, x) => tf.mul(dy, tf.cos(x))),
  fromInput("Sinh", (dy, x) => tf.mul(dy, tf.cosh(x))),
  fromInput("Softplus", (dy, x) => tf.mul(dy, tf.sigmoid(x))),
  fromInput("Square", (dy, x) => tf.mul(dy, tf.mul(2, x))),
  fromInput("Tan", (dy, x) => tf.div(dy, tf.square(tf.cos(x)))),
];

const ofOutput: readonly KernelGradient[] = [
  // Whole numbers do not follow small changes.
  fromOutput("Cast", (dy, y) => (y.dtype === "float32" ? dy.clone() : tf.zeros(y.shape))),
  fromOutput("Elu", (dy, y) => chosen(tf.greater(y, 0), dy, tf.mul(dy, tf.add(y, 1)))),
  fromOutput("Exp", (dy, y) => tf.mul(dy, y)),
  fromOutput("Identity", (dy) => dy.clone()),
  fromOutput("Neg", (dy) => tf.neg(dy)),
  fromOutput("Rsqrt", (dy, y) => tf.mul(dy, tf.mul(-0.5, tf.mul(y, tf.square(y))))),
  fromOutput("Sigmoid", (dy, y) => tf.mul(dy, tf.mul(y, tf.sub(1, y)))),
  fromOutput("Sqrt", (dy, y) => tf.div(dy, tf.mul(2, y))),
  fromOutput("Tanh", (dy, y) => tf.mul(dy, tf.sub(1, tf.square(y)))),
];

const ofPairs: readonly KernelGradient[] = [
  fromPair("Add", (dy) => [() => dy, () => dy]),
  fromPair("Sub", (dy) => [() => dy, () => tf.neg(dy)]),
  fromPair("Multiply", (dy, a, b) => [() => tf.mul(dy, b), () => tf.mul(dy, a)]),
  fromPair("RealDiv", (dy, a, b) => [
    () => tf.div(dy, b),
    () => tf.neg(tf.div(tf.mul(dy, a), tf.square(b))),
  ]),
  fromPair("SquaredDifference", (dy, a, b) => [
    () => tf.mul(dy, tf.mul(2, tf.sub(a, b))),
    () => tf.mul(dy, tf.mul(2, tf.sub(b, a))),
  ]),
  // Of two equal numbers, the first is taken.
  fromPair("Maximum", (dy, a, b) => [
    () => tf.mul(dy, tf.cast(tf.greaterEqual(a, b), "float32")),
    () => tf.mul(dy, tf.cast(tf.less(a, b), "float32")),
  ]),
  fromPair("Minimum", (dy, a, b) => [
    () => tf.mul(dy, tf.cast(tf.lessEqual(a, b), "float32")),
    () => tf.mul(dy, tf.cast(tf.greater(a, b), "float32")),
  ]),
  fromPair("Atan2", (dy, a, b) => {
    const squares = (): Tensor => tf.add(tf.square(a), tf.square(b));
    return [() => tf.mul(dy, tf.div(b, squares())), () => tf.neg(tf.mul(dy, tf.div(a, squares())))];
  }),
  // a − b·⌊a/b⌋
  fromPair("Mod", (dy, a, b) => [() => dy, () => tf.neg(tf.mul(dy, tf.floor(tf.div(a, b))))]),
  fromPair("Pow", (dy, a, b) => [
    // To the power 0 everything is flat, 0 too: there 0 · 0⁻¹ would be NaN.
    () => {
      const slope = chosen(tf.equal(b, 0), tf.onesLike(b), b);
      return tf.mul(dy, tf.mul(b, tf.pow(a, tf.sub(slope, 1))));
    },
    // A negative number to a power has no slope along it; nor has 0, where that of 0 is taken.
    () => {
      const isPositive = tf.greater(a, 0);
      const logarithm = tf.log(chosen(isPositive, a, tf.onesLike(a)));
      return tf.mul(dy, tf.mul(tf.pow(a, b), logarithm));
    },
  ]),
];

const others: readonly KernelGradient[] = [
  {
    kernelName: "AddN",
    saveAllInputs: true,
    gradFunc: (dy, saved) =>
      Object.fromEntries(saved.map((_, index) => [index, () => one(dy).clone()])),
  },
  gradientOf("Prelu", ["x", "alpha"], ({ dy, input }) => {
    const [x, alpha] = [input(0), input(1)];
    const isPositive = tf.greater(x, 0);
    return {
      x: () => chosen(isPositive, dy, tf.mul(dy, alpha)),
      alpha: () => unbroadcast(chosen(isPositive, tf.zerosLike(dy), tf.mul(dy, x)), alpha.shape),
    };
  }),
  gradientOf("Select", ["condition", "t", "e"], ({ dy, input }) => {
    const condition = tf.cast(input(0), "bool");
    return {
      condition: () => tf.zeros(condition.shape),
      t: () => unbroadcast(chosen(condition, dy, tf.zerosLike(dy)), input(1).shape),
      e: () => unbroadcast(chosen(condition, tf.zerosLike(dy), dy), input(2).shape),
    };
  }),
];

/** `tf.where`, whose types ask for one kind of tensor. */
function chosen(condition: Tensor, first: Tensor, second: Tensor): Tensor {
  return tf.where(condition, first, second);
}

const steps = [
  "Ceil",
  "Floor",
  "IsFinite",
  "IsInf",
  "IsNan",
  "LogicalNot",
  "Round",
  "Sign",
  "Step",
];
const comparisons = ["Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "NotEqual"];

/** All of this file. */
export const elementwiseGradients: readonly KernelGradient[] = [
  ...ofInput,
  ...ofOutput,
  ...ofPairs,
  ...others,
  ...[...steps, "All", "Any", "OnesLike", "ZerosLike"].map((name) => flat(name, ["x"])),
  ...[...comparisons, "FloorDiv", "LogicalAnd", "LogicalOr"].map((name) => flat(name, ["a", "b"])),
];
