/**
 * AssemblyScript: the gradients of pooling. Their bits are those of the loops in `kernels/image-pooling.ts`. For the
 * arguments up to 40, see `windows.ts`.
 */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";
import { clear, firstWindow } from "./windows";

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
  const isApart = padding == 0 && stride >= load<i32>(args, 16) && stride >= windowWidth;
  if (isApart && !isMean && (channels & 3) == 0) {
    for (let line = first; line < end; line++, to += usize(width) * pixelBytes) {
      lineOfWindowsApart(args, line, to);
    }
    return;
  }
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

/** A line of pixels of which each lies in one window or none: the gradient of what won, and else 0. */
function lineOfWindowsApart(args: usize, line: i32, to: usize): void {
  const height = load<i32>(args, 4);
  const windowWidth = load<i32>(args, 20);
  const stride = load<i32>(args, 24);
  const columns = load<i32>(args, 36);
  const pixelBytes = usize(load<i32>(args, 12)) << 2;
  const lineEnd = to + usize(load<i32>(args, 8)) * pixelBytes;
  const y = line % height;
  const down = y % stride;
  if (down >= load<i32>(args, 16) || y / stride >= load<i32>(args, 32)) {
    clear(to, lineEnd - to);
    return;
  }
  const offset = usize(((line / height) * load<i32>(args, 32) + y / stride) * columns) * pixelBytes;
  let from = usize(load<u32>(args, 44)) + offset;
  let winners = usize(load<u32>(args, 52)) + offset;
  const number = down * windowWidth;
  const gap = usize(stride - windowWidth) * pixelBytes;
  const zero = f32x4.splat(0);
  for (let column = 0; column < columns; column++) {
    for (let i: usize = 0; i < pixelBytes; i += 16, from += 16, winners += 16) {
      const gradient = f32x4.add(zero, v128.load(from)); // −0 is 0, as in a sum
      const winner = v128.load(winners);
      for (let x = 0; x < windowWidth; x++) {
        const hasWon = f32x4.eq(winner, f32x4.splat(f32(number + x)));
        v128.store(to + i + usize(x) * pixelBytes, v128.and(gradient, hasWon));
      }
    }
    to += usize(windowWidth) * pixelBytes;
    const rest = min(gap, lineEnd - to); // a last window may end at the border
    clear(to, rest);
    to += rest;
  }
  clear(to, lineEnd - to);
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
