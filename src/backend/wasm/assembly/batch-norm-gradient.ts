/**
 * AssemblyScript: the gradients of the normalisation of channels, in blocks of rows as in `batch-norm.ts`; its first
 * arguments and its parts are those of that file.
 */
import { paddedBytes, place } from "./batch-norm";
import { lowerPair, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

/** For each block Σ dy·(x − mean), and Σ dy. 12 input  16 means  20 gradient of the result  24 parts. */
export function channelGradientSums(args: usize, block: i32): void {
  const channels = load<i32>(args, 4);
  const first = block * load<i32>(args, 8);
  const count = min(load<i32>(args) - first, load<i32>(args, 8));
  const stride = usize(channels) << 2;
  let offset = usize(first) * stride;
  let means = place(args, 16);
  let to = place(args, 24) + usize(block) * 2 * paddedBytes(channels);
  for (let i = 0; i < channels; i += 4, offset += 16, means += 16, to += 32) {
    const width = channels - i;
    const mean = loadPart(means, width);
    let a = f64x2.splat(0);
    let b = a;
    let c = a;
    let d = a;
    let from = place(args, 12) + offset;
    let gradient = place(args, 20) + offset;
    let row = 0;
    // Four rows together in float32: most of the work is in turning them into doubles.
    for (; width >= 4 && row + 4 <= count; row += 4) {
      let products = f32x4.splat(0);
      let sums = products;
      for (let i = 0; i < 4; i++, from += stride, gradient += stride) {
        const dy = v128.load(gradient);
        products = f32x4.add(products, f32x4.mul(dy, f32x4.sub(v128.load(from), mean)));
        sums = f32x4.add(sums, dy);
      }
      a = f64x2.add(a, lowerPair(products));
      b = f64x2.add(b, upperPair(products));
      c = f64x2.add(c, lowerPair(sums));
      d = f64x2.add(d, upperPair(sums));
    }
    for (; row < count; row++, from += stride, gradient += stride) {
      const dy = loadPart(gradient, width);
      const product = f32x4.mul(dy, f32x4.sub(loadPart(from, width), mean));
      a = f64x2.add(a, lowerPair(product));
      b = f64x2.add(b, upperPair(product));
      c = f64x2.add(c, lowerPair(dy));
      d = f64x2.add(d, upperPair(dy));
    }
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to + paddedBytes(channels), c);
    v128.store(to + paddedBytes(channels), d, 16);
  }
}

/**
 * Joins them; a piece does 16 channels. 12 parts  16 gain  20 scales  24 gradient of the gain  28 gradient of the bias
 * 32 factors, scale·gain  36 and 40 what of the batch's statistics is taken off the gradient: a constant, and for each
 * unit of deviation.
 */
export function joinGradientSums(args: usize, piece: i32): void {
  const rows = load<i32>(args);
  const channels = load<i32>(args, 4);
  const padded = paddedBytes(channels);
  const end = min(channels, piece * 16 + 16);
  for (let channel = piece * 16; channel < end; channel++) {
    let part = place(args, 12) + (usize(channel) << 3);
    let products: f64 = 0;
    let sum: f64 = 0;
    for (let first = 0; first < rows; first += load<i32>(args, 8), part += 2 * padded) {
      products += load<f64>(part);
      sum += load<f64>(part + padded);
    }
    const at = usize(channel) << 2;
    const scale = f64(load<f32>(place(args, 20) + at));
    const factor = scale * f64(load<f32>(place(args, 16) + at));
    store<f32>(place(args, 24) + at, f32(products * scale));
    store<f32>(place(args, 28) + at, f32(sum));
    store<f32>(place(args, 32) + at, f32(factor));
    store<f32>(place(args, 36) + at, f32((factor * sum) / f64(rows)));
    store<f32>(place(args, 40) + at, f32((factor * scale * (products * scale)) / f64(rows)));
  }
}

/**
 * factor·dy − constant − slope·(x − mean). 12 input  16 means  20 gradient of the result  24 factors  28 constants
 * 32 slopes  36 gradient of the input  40 1: as said; 0: nothing is taken off, the statistics being constants
 */
export function channelGradient(args: usize, block: i32): void {
  const channels = load<i32>(args, 4);
  const isOfBatch = load<i32>(args, 40) != 0;
  const first = block * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  const means = place(args, 16);
  const factors = place(args, 24);
  const constants = place(args, 28);
  const slopes = place(args, 32);
  let offset = usize(first * channels) << 2;
  const whole = usize(channels & ~3) << 2;
  const rest = channels & 3;
  for (let row = first; row < end; row++) {
    const from = place(args, 12) + offset;
    const gradient = place(args, 20) + offset;
    const to = place(args, 36) + offset;
    offset += usize(channels) << 2;
    let at: usize = 0;
    for (; at < whole; at += 16) {
      const own = f32x4.mul(v128.load(factors + at), v128.load(gradient + at));
      if (!isOfBatch) {
        v128.store(to + at, own);
        continue;
      }
      const deviation = f32x4.sub(v128.load(from + at), v128.load(means + at));
      const less = f32x4.sub(own, v128.load(constants + at));
      v128.store(to + at, f32x4.sub(less, f32x4.mul(v128.load(slopes + at), deviation)));
    }
    if (rest == 0) continue;
    const own = f32x4.mul(loadPart(factors + at, rest), loadPart(gradient + at, rest));
    if (!isOfBatch) {
      storePart(to + at, own, rest);
      continue;
    }
    const deviation = f32x4.sub(loadPart(from + at, rest), loadPart(means + at, rest));
    const less = f32x4.sub(own, loadPart(constants + at, rest));
    storePart(to + at, f32x4.sub(less, f32x4.mul(loadPart(slopes + at, rest), deviation)), rest);
  }
}
