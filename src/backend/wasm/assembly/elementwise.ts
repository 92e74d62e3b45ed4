/**
 * AssemblyScript: kernels that compute each element from the elements at its place. A piece is a stretch of elements.
 * Blocks of the heap are multiples of 64 bytes, so the vector with the last element may be read and written as a whole.
 * Arguments, 4 bytes each: 0 number of elements  4 elements a piece, a multiple of 4  8 result, then what each names.
 */
import { bell4, gelu4, geluSlope4, loadPart, normalShare4, relu4, storePart } from "./functions";

/** Bytes of the part of an array that a piece covers: its first element's offset, and the number of elements. */
@inline
function firstOf(args: usize, piece: i32): i32 {
  return piece * load<i32>(args, 4);
}

@inline
function endOf(args: usize, piece: i32): i32 {
  return min(load<i32>(args), (piece + 1) * load<i32>(args, 4));
}

@inline
function place(args: usize, at: usize): usize {
  return usize(load<u32>(args + at));
}

/** 12 input. */
export function gelu(args: usize, piece: i32): void {
  const end = endOf(args, piece);
  for (let i = firstOf(args, piece); i < end; i += 4) {
    const at = usize(i) << 2;
    v128.store(place(args, 8) + at, gelu4(v128.load(place(args, 12) + at)));
  }
}

/** 12 input of the forward pass  16 gradient of its output. */
export function geluGradient(args: usize, piece: i32): void {
  const end = endOf(args, piece);
  for (let i = firstOf(args, piece); i < end; i += 4) {
    const at = usize(i) << 2;
    const value = v128.load(place(args, 12) + at);
    const bell = bell4(value);
    const slope = geluSlope4(value, bell, normalShare4(value, bell));
    v128.store(place(args, 8) + at, f32x4.mul(v128.load(place(args, 16) + at), slope));
  }
}

/** 12 input. */
export function relu(args: usize, piece: i32): void {
  const end = endOf(args, piece);
  for (let i = firstOf(args, piece); i < end; i += 4) {
    const at = usize(i) << 2;
    v128.store(place(args, 8) + at, relu4(v128.load(place(args, 12) + at)));
  }
}

/** 12 output of the forward pass  16 its gradient; 0 where the output is not above 0, and kept where it is NaN. */
export function reluGradient(args: usize, piece: i32): void {
  const end = endOf(args, piece);
  for (let i = firstOf(args, piece); i < end; i += 4) {
    const at = usize(i) << 2;
    const isOff = f32x4.le(v128.load(place(args, 12) + at), f32x4.splat(0));
    v128.store(place(args, 8) + at, v128.andnot(v128.load(place(args, 16) + at), isOff));
  }
}

/** 12 input. Element by element in double precision, rounded once. */
export function tanhForward(args: usize, piece: i32): void {
  const end = endOf(args, piece);
  for (let i = firstOf(args, piece); i < end; i++) {
    const at = usize(i) << 2;
    store<f32>(place(args, 8) + at, f32(NativeMath.tanh(load<f32>(place(args, 12) + at))));
  }
}

/** 12 output of the forward pass  16 its gradient. */
export function tanhGradient(args: usize, piece: i32): void {
  const end = endOf(args, piece);
  for (let i = firstOf(args, piece); i < end; i += 4) {
    const at = usize(i) << 2;
    const output = v128.load(place(args, 12) + at);
    const slope = f32x4.sub(f32x4.splat(1), f32x4.mul(output, output));
    v128.store(place(args, 8) + at, f32x4.mul(v128.load(place(args, 16) + at), slope));
  }
}

/**
 * 12 left  16 right  20 operation (0 add, 1 subtract, 2 multiply, 3 divide)
 * 24 length of the right operand, which is repeated: all elements, a row, or 1. Rows need pieces of whole rows.
 */
export function combine(args: usize, piece: i32): void {
  const operation = load<i32>(args, 20);
  if (operation == 0) combineWith<Add>(args, piece);
  else if (operation == 1) combineWith<Subtract>(args, piece);
  else if (operation == 2) combineWith<Multiply>(args, piece);
  else combineWith<Divide>(args, piece);
}

class Add {}
class Subtract {}
class Multiply {}
class Divide {}

@inline
function apply<Operation>(a: v128, b: v128): v128 {
  if (idof<Operation>() == idof<Add>()) return f32x4.add(a, b);
  if (idof<Operation>() == idof<Subtract>()) return f32x4.sub(a, b);
  if (idof<Operation>() == idof<Multiply>()) return f32x4.mul(a, b);
  return f32x4.div(a, b);
}

function combineWith<Operation>(args: usize, piece: i32): void {
  const out = place(args, 8);
  const left = place(args, 12);
  const right = place(args, 16);
  const length = load<i32>(args, 24);
  const first = firstOf(args, piece);
  const end = endOf(args, piece);
  if (length == 1) {
    const b = v128.load32_splat(right);
    for (let i = first; i < end; i += 4) {
      const at = usize(i) << 2;
      v128.store(out + at, apply<Operation>(v128.load(left + at), b));
    }
  } else if (length == load<i32>(args)) {
    for (let i = first; i < end; i += 4) {
      const at = usize(i) << 2;
      v128.store(out + at, apply<Operation>(v128.load(left + at), v128.load(right + at)));
    }
  } else {
    for (let row = first; row < end; row += length) {
      for (let i = 0; i < length; i += 4) {
        const at = usize(row + i) << 2;
        const b = loadPart(right + (usize(i) << 2), length - i);
        storePart(out + at, apply<Operation>(loadPart(left + at, length - i), b), length - i);
      }
    }
  }
}
