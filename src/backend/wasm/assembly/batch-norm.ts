/**
 * AssemblyScript: normalisation of channels, the last axis, over rows. Statistics are taken in double precision of blocks
 * of rows, whose number depends on the shape alone, and joined in order; values are float32. Parts of a block are two
 * lists of float64, each padded to a multiple of eight channels.
 * Arguments, 4 bytes each: 0 rows  4 channels  8 rows a block  then what each names.
 */
import { lowerPair, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

/** Of a list of parts. */
@inline
export function paddedBytes(channels: i32): usize {
  return usize((channels + 7) & ~7) << 3;
}

/** The address in an argument. */
@inline
export function place(args: usize, at: usize): usize {
  return usize(load<u32>(args + at));
}

/** For each block the means, and the sums of squared deviations from them. 12 input  16 parts. */
export function channelMoments(args: usize, block: i32): void {
  const channels = load<i32>(args, 4);
  const first = block * load<i32>(args, 8);
  const count = min(load<i32>(args) - first, load<i32>(args, 8));
  const stride = usize(channels) << 2;
  const size = f64x2.splat(f64(count));
  let from = place(args, 12) + usize(first) * stride;
  let to = place(args, 16) + usize(block) * 2 * paddedBytes(channels);
  for (let width = channels; width > 0; width -= 8, from += 32, to += 64) {
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let at = from;
    for (let row = 0; row < count; row++, at += stride) {
      const low = loadPart(at, width);
      const high = loadPart(at + 16, width - 4);
      a = f64x2.add(a, lowerPair(low));
      b = f64x2.add(b, upperPair(low));
      c = f64x2.add(c, lowerPair(high));
      d = f64x2.add(d, upperPair(high));
    }
    const meanA = f64x2.div(a, size);
    const meanB = f64x2.div(b, size);
    const meanC = f64x2.div(c, size);
    const meanD = f64x2.div(d, size);
    storeEight(to, meanA, meanB, meanC, meanD);
    a = f64x2.splat(0);
    b = a;
    c = a;
    d = a;
    at = from;
    for (let row = 0; row < count; row++, at += stride) {
      const low = loadPart(at, width);
      const high = loadPart(at + 16, width - 4);
      const e = f64x2.sub(lowerPair(low), meanA);
      const f = f64x2.sub(upperPair(low), meanB);
      const g = f64x2.sub(lowerPair(high), meanC);
      const h = f64x2.sub(upperPair(high), meanD);
      a = f64x2.add(a, f64x2.mul(e, e));
      b = f64x2.add(b, f64x2.mul(f, f));
      c = f64x2.add(c, f64x2.mul(g, g));
      d = f64x2.add(d, f64x2.mul(h, h));
    }
    storeEight(to + paddedBytes(channels), a, b, c, d);
  }
}

@inline
function storeEight(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
}

/**
 * Joins the parts of `channelMoments`, block after block; a piece does 16 channels. 12 parts  16 gain  20 means
 * 24 scales, 1/√(variance + ε)  28 unbiased variances  32 factors, scale·gain; 112 ε.
 * @see Chan, Golub & LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances", 1979.
 */
export function joinMoments(args: usize, piece: i32): void {
  const rows = load<i32>(args);
  const channels = load<i32>(args, 4);
  const each = load<i32>(args, 8);
  const padded = paddedBytes(channels);
  const end = min(channels, piece * 16 + 16);
  for (let channel = piece * 16; channel < end; channel++) {
    let part = place(args, 12) + (usize(channel) << 3);
    let mean: f64 = 0;
    let squares: f64 = 0;
    for (let first = 0; first < rows; first += each, part += 2 * padded) {
      const count = f64(min(rows - first, each));
      const total = f64(first) + count;
      const away = load<f64>(part) - mean;
      mean = first == 0 ? load<f64>(part) : mean + (away * count) / total;
      squares += load<f64>(part + padded) + (away * away * count * f64(first)) / total;
    }
    const scale = 1.0 / sqrt(squares / f64(rows) + load<f64>(args, 112));
    const at = usize(channel) << 2;
    store<f32>(place(args, 20) + at, f32(mean));
    store<f32>(place(args, 24) + at, f32(scale));
    store<f32>(place(args, 28) + at, f32(squares / f64(rows - 1)));
    store<f32>(place(args, 32) + at, f32(scale * f64(load<f32>(place(args, 16) + at))));
  }
}

/** Scales and factors of given variances; one piece. 12 variances  16 gain  20 scales  24 factors; 112 ε. */
export function fixedScales(args: usize, _piece: i32): void {
  const end = usize(load<i32>(args, 4)) << 2;
  for (let at: usize = 0; at < end; at += 4) {
    const scale = 1.0 / sqrt(f64(load<f32>(place(args, 12) + at)) + load<f64>(args, 112));
    store<f32>(place(args, 20) + at, f32(scale));
    store<f32>(place(args, 24) + at, f32(scale * f64(load<f32>(place(args, 16) + at))));
  }
}

/** (x − mean)·factor + bias. 12 input  16 means  20 factors  24 bias  28 result. */
export function normaliseChannels(args: usize, block: i32): void {
  const channels = load<i32>(args, 4);
  const means = place(args, 16);
  const factors = place(args, 20);
  const bias = place(args, 24);
  const first = block * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  const whole = usize(channels & ~3) << 2;
  const rest = channels & 3;
  let from = place(args, 12) + (usize(first * channels) << 2);
  let to = place(args, 28) + (usize(first * channels) << 2);
  for (let row = first; row < end; row++) {
    let at: usize = 0;
    for (; at < whole; at += 16, from += 16, to += 16) {
      const deviation = f32x4.sub(v128.load(from), v128.load(means + at));
      const scaled = f32x4.mul(deviation, v128.load(factors + at));
      v128.store(to, f32x4.add(scaled, v128.load(bias + at)));
    }
    if (rest == 0) continue;
    const deviation = f32x4.sub(loadPart(from, rest), loadPart(means + at, rest));
    const scaled = f32x4.mul(deviation, loadPart(factors + at, rest));
    storePart(to, f32x4.add(scaled, loadPart(bias + at, rest)), rest);
    from += usize(rest) << 2;
    to += usize(rest) << 2;
  }
}
