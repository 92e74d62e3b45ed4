/**
 * AssemblyScript: one row of each example's rows, and the gradients. Its bits are those of the loops in
 * `kernels/pooling.ts`. Arguments, 4 bytes each: 0 examples  4 width  8 examples a piece  12 rows of an example, then
 * addresses.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

/** The first row, or the mean of the real rows. 16 input  20 lengths, or 0: for first rows  24 result. */
export function poolRows(args: usize, piece: i32): void {
  const width = load<i32>(args, 4);
  const stride = usize(width) << 2;
  const lengths = usize(load<u32>(args, 20));
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let example = first; example < end; example++) {
    const from = usize(load<u32>(args, 16)) + usize(example * load<i32>(args, 12)) * stride;
    const to = usize(load<u32>(args, 24)) + usize(example) * stride;
    if (lengths == 0) {
      for (let i = 0; i < width; i += 4) {
        const at = usize(i) << 2;
        storePart(to + at, loadPart(from + at, width - i), width - i);
      }
    } else {
      meanOf(to, from, width, load<i32>(lengths + (usize(example) << 2)));
    }
  }
}

@inline
function meanOf(to: usize, from: usize, width: i32, length: i32): void {
  const stride = usize(width) << 2;
  const divisor = f64x2.splat(f64(max(length, 1)));
  for (let rest = width; rest > 0; rest -= 4, to += 16, from += 16) {
    let low = f64x2.splat(0);
    let high = low;
    let at = from;
    for (let row = 0; row < length; row++, at += stride) {
      const values = loadPart(at, rest);
      low = f64x2.add(low, lowerPair(values));
      high = f64x2.add(high, upperPair(values));
    }
    storePart(to, rounded(f64x2.div(low, divisor), f64x2.div(high, divisor)), rest);
  }
}

/** 16 gradient of the result  20 lengths, or 0: for first rows  24 gradient of the input. */
export function poolRowsGradient(args: usize, piece: i32): void {
  const width = load<i32>(args, 4);
  const rows = load<i32>(args, 12);
  const stride = usize(width) << 2;
  const lengths = usize(load<u32>(args, 20));
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let example = first; example < end; example++) {
    const from = usize(load<u32>(args, 16)) + usize(example) * stride;
    let to = usize(load<u32>(args, 24)) + usize(example * rows) * stride;
    const length = lengths == 0 ? 1 : load<i32>(lengths + (usize(example) << 2));
    const divisor = f32x4.splat(f32(length));
    for (let row = 0; row < rows; row++, to += stride) {
      for (let i = 0; i < width; i += 4) {
        const at = usize(i) << 2;
        const share =
          row < length ? f32x4.div(loadPart(from + at, width - i), divisor) : f32x4.splat(0);
        storePart(to + at, share, width - i);
      }
    }
  }
}
