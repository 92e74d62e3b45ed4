/**
 * AssemblyScript: pooling over windows of images, each channel by itself, forward and backward. Its bits are those of the
 * loops in `kernels/image-pooling.ts`. For the arguments up to 40, see `windows.ts`.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";
import { firstWindow } from "./windows";

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
  for (let i = 0; i < channels; i += 4, from += 16, to += 16, winners += 16) {
    let best = loadPart(from, channels - i);
    let winner = f32x4.splat(f32(number));
    for (let y = 0; y < numDown; y++) {
      let at = from + usize(y * width) * pixelBytes;
      for (let x = 0; x < numAcross; x++, at += pixelBytes) {
        const value = loadPart(at, channels - i);
        const isNumber = f32x4.eq(best, best);
        // Not at most the best one, which is so for NaN too; and nothing is larger than NaN.
        const isLarger = v128.andnot(isNumber, f32x4.le(value, best));
        best = v128.bitselect(value, best, isLarger);
        winner = v128.bitselect(f32x4.splat(f32(number + y * windowWidth + x)), winner, isLarger);
      }
    }
    storePart(to, best, channels - i);
    storePart(winners, winner, channels - i);
  }
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

/**
 * The gradient of the images: a piece owns lines of pixels, and a pixel's sum runs in double precision over its windows.
 * 44 gradient of the pooled values  48 gradient of the images  52 winners, or 0: for means.
 */
export function poolGradient(args: usize, piece: i32): void {
  const height = load<i32>(args, 4);
  const width = load<i32>(args, 8);
  const channels = load<i32>(args, 12);
  const windowWidth = load<i32>(args, 20);
  const stride = load<i32>(args, 24);
  const padding = load<i32>(args, 28);
  const rows = load<i32>(args, 32);
  const columns = load<i32>(args, 36);
  const pixelBytes = usize(channels) << 2;
  const first = piece * load<i32>(args, 40);
  const end = min(load<i32>(args) * height, first + load<i32>(args, 40));
  const isMean = load<i32>(args, 52) == 0;
  let to = usize(load<u32>(args, 48)) + usize(first * width) * pixelBytes;
  for (let line = first; line < end; line++) {
    const y = (line % height) + padding;
    const top = firstWindow(y, load<i32>(args, 16), stride);
    const numDown = min(rows, y / stride + 1) - top;
    const windows = ((line / height) * rows + top) * columns;
    for (let x = padding; x < width + padding; x++, to += pixelBytes) {
      const left = firstWindow(x, windowWidth, stride);
      const numAcross = min(columns, x / stride + 1) - left;
      const offset = usize(windows + left) * pixelBytes;
      const from = usize(load<u32>(args, 44)) + offset;
      if (isMean) {
        const numPixels = load<i32>(args, 16) * windowWidth;
        addShares(to, from, channels, numDown, columns, numAcross, numPixels);
      } else {
        const number = (y - top * stride) * windowWidth + x - left * stride;
        const winners = usize(load<u32>(args, 52)) - usize(load<u32>(args, 44));
        const down = stride * windowWidth;
        addWon(to, from, winners, channels, numDown, columns, numAcross, number, down, stride);
      }
    }
  }
}

/** `winners` is the distance from gradients to winners; `down` and `across` what a pixel's number falls by. */
function addWon(
  to: usize,
  from: usize,
  winners: usize,
  channels: i32,
  numDown: i32,
  columns: i32,
  numAcross: i32,
  number: i32,
  down: i32,
  across: i32,
): void {
  const pixelBytes = usize(channels) << 2;
  for (let i = 0; i < channels; i += 4, from += 16, to += 16) {
    let low = f64x2.splat(0);
    let high = low;
    for (let y = 0; y < numDown; y++) {
      let at = from + usize(y * columns) * pixelBytes;
      let own = number - y * down;
      for (let x = 0; x < numAcross; x++, at += pixelBytes, own -= across) {
        const hasWon = f32x4.eq(loadPart(at + winners, channels - i), f32x4.splat(f32(own)));
        const gradient = v128.and(loadPart(at, channels - i), hasWon);
        low = f64x2.add(low, lowerPair(gradient));
        high = f64x2.add(high, upperPair(gradient));
      }
    }
    storePart(to, rounded(low, high), channels - i);
  }
}

function addShares(
  to: usize,
  from: usize,
  channels: i32,
  numDown: i32,
  columns: i32,
  numAcross: i32,
  numPixels: i32,
): void {
  const pixelBytes = usize(channels) << 2;
  const share = f64x2.splat(1.0 / f64(numPixels));
  for (let i = 0; i < channels; i += 4, from += 16, to += 16) {
    let low = f64x2.splat(0);
    let high = low;
    for (let y = 0; y < numDown; y++) {
      let at = from + usize(y * columns) * pixelBytes;
      for (let x = 0; x < numAcross; x++, at += pixelBytes) {
        const gradient = loadPart(at, channels - i);
        low = f64x2.add(low, f64x2.mul(lowerPair(gradient), share));
        high = f64x2.add(high, f64x2.mul(upperPair(gradient), share));
      }
    }
    storePart(to, rounded(low, high), channels - i);
  }
}
