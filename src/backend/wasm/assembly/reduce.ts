/** AssemblyScript: sums over all elements, in double precision and in a fixed tree. */
import { lowerPair, upperPair } from "./doubles";
import { loadPart } from "./functions";
import { entryOf } from "./updates";

/**
 * Sums of pieces. 0 elements  4 elements a piece, a multiple of 4  8 input  12 sums of the pieces (float64)  16 1 for
 * squares
 */
export function partialSums(args: usize, piece: i32): void {
  const first = piece * load<i32>(args, 4);
  const count = min(load<i32>(args) - first, load<i32>(args, 4));
  const input = usize(load<u32>(args, 8)) + (usize(first) << 2);
  const sum = sumOf(input, count, load<i32>(args, 16) != 0);
  store<f64>(usize(load<u32>(args, 12)) + (usize(piece) << 3), sum);
}

/** Sums of squares of many arrays: 0 table as in `updates.ts`, of one array  4 sums of its entries (float64) */
export function squaredSums(args: usize, piece: i32): void {
  const entry = entryOf(args, piece);
  const sum = sumOf(usize(load<u32>(entry, 4)), load<i32>(entry), true);
  store<f64>(usize(load<u32>(args, 4)) + (usize(piece) << 3), sum);
}

/** In four lanes, which are joined at the end. */
function sumOf(input: usize, count: i32, isSquared: bool): f64 {
  let low = f64x2.splat(0);
  let high = low;
  for (let i = 0; i < count; i += 4) {
    const values = loadPart(input + (usize(i) << 2), count - i);
    let a = lowerPair(values);
    let b = upperPair(values);
    if (isSquared) {
      a = f64x2.mul(a, a);
      b = f64x2.mul(b, b);
    }
    low = f64x2.add(low, a);
    high = f64x2.add(high, b);
  }
  const sums = f64x2.add(low, high);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/**
 * The sum of float64 numbers from the first to the last, times a factor: 0 count  4 input  8 result as float32, or 0
 * 12 result as float64, or 0  112 factor (float64)
 */
export function sumInOrder(args: usize, _piece: i32): void {
  let sum: f64 = 0;
  const input = usize(load<u32>(args, 4));
  for (let i = 0; i < load<i32>(args); i++) sum += load<f64>(input + (usize(i) << 3));
  sum *= load<f64>(args, 112);
  if (load<i32>(args, 8) != 0) store<f32>(usize(load<u32>(args, 8)), f32(sum));
  if (load<i32>(args, 12) != 0) store<f64>(usize(load<u32>(args, 12)), sum);
}
