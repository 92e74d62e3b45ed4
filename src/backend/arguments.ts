/**
 * What an operation was given, looked at before any kernel: kernels read memory at addresses, where a wrong shape is another
 * tensor's values and an integer is the bits of a float. A check compares a few numbers, far below a microsecond.
 */
import { ExpError } from "../core/errors.ts";
import { axisSize, sizeOf, type Shape, type Tensor } from "./tensor.ts";

/** For each axis its size, or a word for one of any size. */
export type Sizes = readonly (number | string)[];

/**
 * Refuses a tensor of the wrong shape, or one that is not float32.
 * @param what - Operation and argument, as in "dense: weight".
 * @throws {ExpError} `training`, naming both, with what was found and what was expected.
 */
export function checkTensor(what: string, { shape, dtype }: Tensor, expected: Sizes): void {
  if (!fits(shape, expected)) {
    throw refused(what, `has the shape ${text(shape)}`, text(expected));
  }
  checkFloats(what, dtype);
}

/**
 * Refuses a tensor that is not float32.
 * @param what - Operation and argument, as in "relu: input".
 * @throws {ExpError} `training`, naming both and the way to convert.
 */
export function checkFloats(what: string, dtype: string): void {
  if (dtype === "float32") return;
  throw new ExpError("training", `${what} is ${dtype}; expected float32.`, {
    hint: 'Convert it first: tf.cast(tensor, "float32").',
  });
}

type Matrices = Pick<Tensor, "shape" | "dtype">;

/**
 * Refuses operands of `tf.matMul` that are not float32 or do not fit, also where there are no values to multiply.
 * @param operands - Each with two axes or more.
 * @throws {ExpError} `training`, naming both shapes as they are before one is transposed.
 */
export function checkMatMul(
  { a, b }: { readonly a: Matrices; readonly b: Matrices },
  { transposeA = false, transposeB = false }: MatMulOptions,
): void {
  checkFloats("tf.matMul or tf.dot: a", a.dtype);
  checkFloats("tf.matMul or tf.dot: b", b.dtype);
  const inner = axisSize(a.shape, transposeA ? -2 : -1);
  if (axisSize(b.shape, transposeB ? -1 : -2) === inner) return;
  const named = (one: Matrices, isTransposed: boolean): string =>
    `${text(one.shape)}${isTransposed ? " transposed" : ""}`;
  throw new ExpError(
    "training",
    `tf.matMul: a is ${named(a, transposeA)} and b is ${named(b, transposeB)}; expected as many rows of b as a has columns, ${inner}.`,
  );
}

/** Attributes of `BatchMatMul`. */
export interface MatMulOptions {
  readonly transposeA?: boolean | undefined;
  readonly transposeB?: boolean | undefined;
}

/**
 * Refuses what is no whole number, or too small a one.
 * @param what - Operation and argument, as in "convolution2d: stride".
 * @throws {ExpError} `training`
 */
export function checkCount(what: string, found: number, least: number): void {
  if (Number.isInteger(found) && found >= least) return;
  throw refused(what, `is ${found}`, `a whole number, at least ${least}`);
}

/**
 * Refuses a size that does not divide another one.
 * @param what - Operation and what is cut into parts, as in "attention: width of query".
 * @param parts - A whole number, at least 1.
 * @throws {ExpError} `training`
 */
export function checkDivides(what: string, found: number, parts: number): void {
  if (found % parts === 0) return;
  throw refused(what, `is ${found}`, `a multiple of ${parts}`);
}

/**
 * Refuses lengths that are not one for each example, or longer than an example.
 * @param operation - The operation that they were given to.
 * @throws {ExpError} `training`
 */
export function checkLengths(
  operation: string,
  lengths: Int32Array,
  { batchSize, sequenceLength }: { readonly batchSize: number; readonly sequenceLength: number },
): void {
  if (lengths.length !== batchSize) {
    const expected = `${batchSize}, one for each example of ${sequenceLength} rows`;
    throw refused(`${operation}: lengths`, `has ${lengths.length} entries`, expected);
  }
  for (let index = 0; index < lengths.length; index++) {
    const length = lengths[index] ?? 0;
    if (length >= 0 && length <= sequenceLength) continue;
    throw refused(`${operation}: lengths[${index}]`, `is ${length}`, `0 to ${sequenceLength}`);
  }
}

/** That an argument is not what was expected; the message ends with that. */
export function refused(what: string, found: string, expected: string): ExpError {
  return new ExpError("training", `${what} ${found}; expected ${expected}.`);
}

function fits(shape: Shape, expected: Sizes): boolean {
  if (shape.length !== expected.length) return false;
  for (let axis = 0; axis < shape.length; axis++) {
    const size = expected[axis];
    if (typeof size === "number" && size !== shape[axis]) return false;
  }
  return true;
}

function text(sizes: Sizes): string {
  return `[${sizes.join(", ")}]`;
}

/**
 * The shape that `tf.reshape` gives, in which one size may be -1: what is left.
 * @param from - Shape of the tensor.
 * @throws {ExpError} `training` where it has not as many values as the tensor: kernels would read beyond its end.
 */
export function inferredShape(shape: Shape, from: Shape): Shape {
  const size = sizeOf(from);
  const known = shape.reduce((product, length) => (length === -1 ? product : product * length), 1);
  const found = shape.map((length) => (length === -1 ? size / known : length));
  if (sizeOf(found) === size && found.every(Number.isInteger)) return found;
  throw refused(
    "tf.reshape: x",
    `has the shape ${text(from)}`,
    `as many values as in ${text(shape)}`,
  );
}
