/**
 * AssemblyScript: layer normalisation, forward and backward. Sums over a row run in four lanes, two vectors at a time, and
 * the lanes are added in one order.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { laneSum, loadPart, storePart } from "./functions";

/**
 * 0 rows  4 width  8 rows a piece  12 input  16 gain  20 bias  24 result  28 means  32 scales  112 epsilon (float64)
 */
export function layerNorm(args: usize, piece: i32): void {
  const width = load<i32>(args, 4);
  const gain = usize(load<u32>(args, 16));
  const bias = usize(load<u32>(args, 20));
  const epsilon = load<f64>(args, 112);
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let row = first; row < end; row++) {
    const from = usize(load<u32>(args, 12)) + (usize(row * width) << 2);
    const to = usize(load<u32>(args, 24)) + (usize(row * width) << 2);
    const mean = rowSum(from, width) / f32(width);
    const variance = f64(squaredDeviations(from, width, mean)) / f64(width);
    // The second summand is 0, and NaN where the variance overflowed: 1/√∞ would hide that as 0.
    const scale = f32(1.0 / sqrt(variance + epsilon) + (variance - variance));
    store<f32>(usize(load<u32>(args, 28)) + (usize(row) << 2), mean);
    store<f32>(usize(load<u32>(args, 32)) + (usize(row) << 2), scale);
    const means = f32x4.splat(mean);
    const scales = f32x4.splat(scale);
    for (let i = 0; i < width; i += 4) {
      const at = usize(i) << 2;
      const normal = f32x4.mul(f32x4.sub(loadPart(from + at, width - i), means), scales);
      const value = f32x4.add(
        f32x4.mul(normal, loadPart(gain + at, width - i)),
        loadPart(bias + at, width - i),
      );
      storePart(to + at, value, width - i);
    }
  }
}

function rowSum(from: usize, width: i32): f32 {
  let even = f32x4.splat(0);
  let odd = even;
  let i = 0;
  for (; i + 8 <= width; i += 8, from += 32) {
    even = f32x4.add(even, v128.load(from));
    odd = f32x4.add(odd, v128.load(from, 16));
  }
  for (; i < width; i += 4, from += 16) even = f32x4.add(even, loadPart(from, width - i));
  return laneSum(f32x4.add(even, odd));
}

function squaredDeviations(from: usize, width: i32, mean: f32): f32 {
  const means = f32x4.splat(mean);
  let even = f32x4.splat(0);
  let odd = even;
  let i = 0;
  for (; i + 8 <= width; i += 8, from += 32) {
    const a = f32x4.sub(v128.load(from), means);
    const b = f32x4.sub(v128.load(from, 16), means);
    even = f32x4.add(even, f32x4.mul(a, a));
    odd = f32x4.add(odd, f32x4.mul(b, b));
  }
  for (let rest = even; i < width; i++, from += 4) {
    const deviation = load<f32>(from) - mean;
    rest = f32x4.replace_lane(f32x4.splat(0), 0, deviation * deviation);
    even = f32x4.add(even, rest);
  }
  return laneSum(f32x4.add(even, odd));
}

/**
 * The gradient of the input. 0 rows  4 width  8 rows a piece  12 input  16 gain  20 means  24 scales
 * 28 gradient of the result  32 gradient of the input
 */
export function layerNormGradient(args: usize, piece: i32): void {
  const width = load<i32>(args, 4);
  const gain = usize(load<u32>(args, 16));
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let row = first; row < end; row++) {
    const offset = usize(row * width) << 2;
    const input = usize(load<u32>(args, 12)) + offset;
    const gradient = usize(load<u32>(args, 28)) + offset;
    const to = usize(load<u32>(args, 32)) + offset;
    const means = v128.load32_splat(usize(load<u32>(args, 20)) + (usize(row) << 2));
    const scales = v128.load32_splat(usize(load<u32>(args, 24)) + (usize(row) << 2));
    let sums = f32x4.splat(0);
    let products = sums;
    for (let i = 0; i < width; i += 4) {
      const at = usize(i) << 2;
      const normal = f32x4.mul(f32x4.sub(loadPart(input + at, width - i), means), scales);
      const scaled = f32x4.mul(loadPart(gradient + at, width - i), loadPart(gain + at, width - i));
      sums = f32x4.add(sums, scaled); // beyond the width it is 0
      products = f32x4.add(products, f32x4.mul(scaled, normal));
    }
    const meanGradient = f32x4.splat(laneSum(sums) / f32(width));
    const meanProduct = f32x4.splat(laneSum(products) / f32(width));
    for (let i = 0; i < width; i += 4) {
      const at = usize(i) << 2;
      const normal = f32x4.mul(f32x4.sub(loadPart(input + at, width - i), means), scales);
      const scaled = f32x4.mul(loadPart(gradient + at, width - i), loadPart(gain + at, width - i));
      const rest = f32x4.sub(f32x4.sub(scaled, meanGradient), f32x4.mul(normal, meanProduct));
      storePart(to + at, f32x4.mul(scales, rest), width - i);
    }
  }
}

/**
 * The gradients of gain and bias, for some columns, over all rows in their order, in double precision.
 * 0 rows  4 width  8 columns a piece, a multiple of 4  12 input  16 means  20 scales  24 gradient of the result
 * 28 gradient of the gain  32 gradient of the bias
 */
export function layerNormColumns(args: usize, piece: i32): void {
  const rows = load<i32>(args);
  const width = load<i32>(args, 4);
  const first = piece * load<i32>(args, 8);
  const end = min(width, first + load<i32>(args, 8));
  const stride = usize(width) << 2;
  for (let column = first; column < end; column += 4) {
    const at = usize(column) << 2;
    let input = usize(load<u32>(args, 12)) + at;
    let gradient = usize(load<u32>(args, 24)) + at;
    let mean = usize(load<u32>(args, 16));
    let scale = usize(load<u32>(args, 20));
    let gainLow = f64x2.splat(0);
    let gainHigh = gainLow;
    let biasLow = gainLow;
    let biasHigh = gainLow;
    for (let row = 0; row < rows; row++) {
      const dy = loadPart(gradient, end - column);
      const deviation = f32x4.sub(loadPart(input, end - column), v128.load32_splat(mean));
      const product = f32x4.mul(dy, f32x4.mul(deviation, v128.load32_splat(scale)));
      gainLow = f64x2.add(gainLow, lowerPair(product));
      gainHigh = f64x2.add(gainHigh, upperPair(product));
      biasLow = f64x2.add(biasLow, lowerPair(dy));
      biasHigh = f64x2.add(biasHigh, upperPair(dy));
      input += stride;
      gradient += stride;
      mean += 4;
      scale += 4;
    }
    storePart(usize(load<u32>(args, 28)) + at, rounded(gainLow, gainHigh), end - column);
    storePart(usize(load<u32>(args, 32)) + at, rounded(biasLow, biasHigh), end - column);
  }
}

/**
 * Sums of columns over all rows in their order, in double precision.
 * 0 rows  4 columns  8 columns a piece, a multiple of 4  12 input  16 result
 */
export function columnSum(args: usize, piece: i32): void {
  const rows = load<i32>(args);
  const columns = load<i32>(args, 4);
  const first = piece * load<i32>(args, 8);
  const end = min(columns, first + load<i32>(args, 8));
  const stride = usize(columns) << 2;
  for (let column = first; column < end; column += 4) {
    const at = usize(column) << 2;
    let from = usize(load<u32>(args, 12)) + at;
    let low = f64x2.splat(0);
    let high = low;
    for (let row = 0; row < rows; row++, from += stride) {
      const values = loadPart(from, end - column);
      low = f64x2.add(low, lowerPair(values));
      high = f64x2.add(high, upperPair(values));
    }
    storePart(usize(load<u32>(args, 16)) + at, rounded(low, high), end - column);
  }
}
