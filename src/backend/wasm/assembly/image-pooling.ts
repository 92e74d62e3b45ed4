/**
 * AssemblyScript: pooling over windows of images, each channel by itself. Its bits are those of the
 * loops in `kernels/image-pooling.ts`. For the arguments up to 40, see `windows.ts`.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

/**
 * 44 images  48 largest values, or means  52 the winners' numbers in their windows, or 0: for means. The first of equal
 * values wins, and NaN over numbers.
 */
export function poolWindows(args: usize, piece: i32): void {
  const height = load<i32>(args, 4);
  const width = load<i32>(args, 8);
  const channels = load<i32>(args, 12);
  const stride = load<i32>(args, 24);
  const padding = load<i32>(args, 28);
  const rows = load<i32>(args, 32);
  const columns = load<i32>(args, 36);
  const pixelBytes = usize(channels) << 2;
  const first = piece * load<i32>(args, 40);
  const end = min(load<i32>(args) * rows, first + load<i32>(args, 40));
  const isMean = load<i32>(args, 52) == 0;
  const numPixels = load<i32>(args, 16) * load<i32>(args, 20);
  let offset = usize(first * columns) * pixelBytes;
  for (let line = first; line < end; line++) {
    const top = (line % rows) * stride - padding;
    const y = max(0, -top);
    const numDown = min(load<i32>(args, 16), height - top) - y;
    const image = (line / rows) * height + top + y;
    for (let column = 0; column < columns; column++, offset += pixelBytes) {
      const left = column * stride - padding;
      const x = max(0, -left);
      const numAcross = min(load<i32>(args, 20), width - left) - x;
      const from = usize(load<u32>(args, 44)) + usize(image * width + left + x) * pixelBytes;
      const to = usize(load<u32>(args, 48)) + offset;
      if (isMean) {
        mean(to, from, channels, numDown, width, numAcross, numPixels);
      } else {
        const number = y * load<i32>(args, 20) + x;
        const winners = usize(load<u32>(args, 52)) + offset;
        largest(to, winners, from, channels, numDown, width, numAcross, number, load<i32>(args, 20));
      }
    }
  }
}

/** Of the pixels of a window that lie on the image, `number` being the first one's number in the window. */
function largest(
  to: usize,
  winners: usize,
  from: usize,
  channels: i32,
  numDown: i32,
  width: i32,
  numAcross: i32,
  number: i32,
  windowWidth: i32,
): void {
  const pixelBytes = usize(channels) << 2;
  let i = 0;
  if (numDown == 2 && numAcross == 2) {
    const down = usize(width) * pixelBytes;
    const second = f32x4.splat(f32(number + 1));
    const third = f32x4.splat(f32(number + windowWidth));
    const fourth = f32x4.splat(f32(number + windowWidth + 1));
    for (; i + 4 <= channels; i += 4, from += 16, to += 16, winners += 16) {
      let best = v128.load(from);
      let winner = f32x4.splat(f32(number));
      let value = v128.load(from + pixelBytes);
      let isWon = isLarger(value, best);
      best = v128.bitselect(value, best, isWon);
      winner = v128.bitselect(second, winner, isWon);
      value = v128.load(from + down);
      isWon = isLarger(value, best);
      best = v128.bitselect(value, best, isWon);
      winner = v128.bitselect(third, winner, isWon);
      value = v128.load(from + down + pixelBytes);
      isWon = isLarger(value, best);
      v128.store(to, v128.bitselect(value, best, isWon));
      v128.store(winners, v128.bitselect(fourth, winner, isWon));
    }
  }
  for (; i < channels; i += 4, from += 16, to += 16, winners += 16) {
    let best = loadPart(from, channels - i);
    let winner = f32x4.splat(f32(number));
    for (let y = 0; y < numDown; y++) {
      let at = from + usize(y * width) * pixelBytes;
      for (let x = 0; x < numAcross; x++, at += pixelBytes) {
        const value = loadPart(at, channels - i);
        const isWon = isLarger(value, best);
        best = v128.bitselect(value, best, isWon);
        winner = v128.bitselect(f32x4.splat(f32(number + y * windowWidth + x)), winner, isWon);
      }
    }
    storePart(to, best, channels - i);
    storePart(winners, winner, channels - i);
  }
}

/** Not at most the best one, which is so for NaN too; and nothing is larger than NaN. */
@inline
function isLarger(value: v128, best: v128): v128 {
  return v128.andnot(f32x4.eq(best, best), f32x4.le(value, best));
}

/** Of the pixels of a window, those beside the image counting as 0. */
function mean(
  to: usize,
  from: usize,
  channels: i32,
  numDown: i32,
  width: i32,
  numAcross: i32,
  numPixels: i32,
): void {
  const pixelBytes = usize(channels) << 2;
  const count = f64x2.splat(f64(numPixels));
  for (let i = 0; i < channels; i += 4, from += 16, to += 16) {
    let low = f64x2.splat(0);
    let high = low;
    for (let y = 0; y < numDown; y++) {
      let at = from + usize(y * width) * pixelBytes;
      for (let x = 0; x < numAcross; x++, at += pixelBytes) {
        const value = loadPart(at, channels - i);
        low = f64x2.add(low, lowerPair(value));
        high = f64x2.add(high, upperPair(value));
      }
    }
    storePart(to, rounded(f64x2.div(low, count), f64x2.div(high, count)), channels - i);
  }
}
