/**
 * AssemblyScript: windows over images [images, height, width, channels], as a convolution takes them. A window's row holds
 * its pixels from the top left to the bottom right, with zeros in the padding.
 *
 * Arguments of all kernels over windows, 4 bytes each: 0 images  4 height  8 width  12 channels
 *   16 window height  20 window width  24 stride  28 padding  32 rows of windows  36 columns of windows
 *   40 lines a piece: lines of windows, or of pixels where the result is images; then addresses
 */

/**
 * Lays out every window as a row. 44 images  48 rows of windows. Lines of a window that are shorter than a vector are
 * copied by one all the same, where it stays inside of what is read and written: what it writes too much is overwritten.
 */
export function imageToColumns(args: usize, piece: i32): void {
  const height = load<i32>(args, 4);
  const width = load<i32>(args, 8);
  const channels = load<i32>(args, 12);
  const windowHeight = load<i32>(args, 16);
  const windowWidth = load<i32>(args, 20);
  const stride = load<i32>(args, 24);
  const padding = load<i32>(args, 28);
  const rows = load<i32>(args, 32);
  const columns = load<i32>(args, 36);
  const images = usize(load<u32>(args, 44));
  const pixelBytes = usize(channels) << 2;
  const lineBytes = usize(windowWidth) * pixelBytes;
  const imageBytes = usize(height * width) * pixelBytes;
  const stepBytes = usize(stride) * pixelBytes;
  const first = piece * load<i32>(args, 40);
  const end = min(load<i32>(args) * rows, first + load<i32>(args, 40));
  const rowBytes = usize(windowHeight) * lineBytes;
  let to = usize(load<u32>(args, 48)) + usize(first * columns) * rowBytes;
  const lastTo = usize(load<u32>(args, 48)) + usize(end * columns) * rowBytes - 16;
  const lastFrom = images + usize(load<i32>(args)) * imageBytes - 16;
  // Windows with all their columns on the image lie between these.
  const firstInside = min(columns, (padding + stride - 1) / stride);
  const endInside = max(firstInside, (width - windowWidth + padding) / stride + 1);
  for (let line = first; line < end; line++) {
    const image = images + usize(line / rows) * imageBytes;
    const top = (line % rows) * stride - padding;
    for (let column = 0; column < columns; column++) {
      const left = column * stride - padding;
      if (column < firstInside || column >= endInside || top < 0 || top + windowHeight > height) {
        edgeWindow(args, to, image, top, left);
        to += rowBytes;
        continue;
      }
      let from = image + usize(top * width + left) * pixelBytes;
      for (let y = 0; y < windowHeight; y++, to += lineBytes, from += usize(width) * pixelBytes) {
        if (lineBytes < 16 && to <= lastTo && from <= lastFrom) v128.store(to, v128.load(from));
        else copy(to, from, lineBytes);
      }
    }
  }
}

/** A window that reaches beyond its image. */
function edgeWindow(args: usize, to: usize, image: usize, top: i32, left: i32): void {
  const height = load<i32>(args, 4);
  const width = load<i32>(args, 8);
  const channels = load<i32>(args, 12);
  const windowWidth = load<i32>(args, 20);
  const lineBytes = usize(windowWidth * channels) << 2;
  // Pixels of the window that lie on the image; none for a window of padding alone.
  const start = min(max(0, -left), windowWidth);
  const stop = max(start, min(windowWidth, width - left));
  const before = usize(start * channels) << 2;
  const inside = usize((stop - start) * channels) << 2;
  for (let y = top; y < top + load<i32>(args, 16); y++, to += lineBytes) {
    if (y < 0 || y >= height || inside == 0) {
      clear(to, lineBytes);
      continue;
    }
    clear(to, before);
    copy(to + before, image + (usize((y * width + left + start) * channels) << 2), inside);
    clear(to + before + inside, lineBytes - before - inside);
  }
}

@inline
export function copy(to: usize, from: usize, numBytes: usize): void {
  if (numBytes < 16) {
    for (let i: usize = 0; i < numBytes; i += 4) store<u32>(to + i, load<u32>(from + i));
    return;
  }
  for (let i: usize = 0; i + 16 < numBytes; i += 16) v128.store(to + i, v128.load(from + i));
  v128.store(to + numBytes - 16, v128.load(from + numBytes - 16));
}

@inline
export function clear(to: usize, numBytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= numBytes; i += 16) v128.store(to + i, f32x4.splat(0));
  for (; i < numBytes; i += 4) store<u32>(to + i, 0);
}

/** The first window along an axis that covers a pixel, `place` pixels from the first one of the first window. */
@inline
export function firstWindow(place: i32, size: i32, stride: i32): i32 {
  const beyond = place - size + 1;
  return beyond <= 0 ? 0 : (beyond + stride - 1) / stride;
}

/**
 * Adds every row of a window back to the pixels that it came from, in float32: a piece owns lines of pixels, and a pixel's
 * sum runs over its windows from the top left to the bottom right. 44 rows of windows  48 images.
 */
export function columnsToImage(args: usize, piece: i32): void {
  const height = load<i32>(args, 4);
  const each = load<i32>(args, 40);
  const end = min(load<i32>(args) * height, piece * each + each);
  for (let line = piece * each; line < end; ) {
    const first = line % height;
    const stop = min(height, first + end - line);
    addWindows(args, line / height, first, stop);
    line += stop - first;
  }
}

/** For the lines of pixels `first` to below `end` of an image. */
function addWindows(args: usize, image: i32, first: i32, end: i32): void {
  const width = load<i32>(args, 8);
  const pixelBytes = usize(load<i32>(args, 12)) << 2;
  const windowHeight = load<i32>(args, 16);
  const windowWidth = load<i32>(args, 20);
  const stride = load<i32>(args, 24);
  const padding = load<i32>(args, 28);
  const rows = load<i32>(args, 32);
  const columns = load<i32>(args, 36);
  const lineBytes = usize(width) * pixelBytes;
  const pixels = usize(load<u32>(args, 48)) + usize(image * load<i32>(args, 4)) * lineBytes;
  clear(pixels + usize(first) * lineBytes, usize(end - first) * lineBytes);
  const endRow = min(rows, (end - 1 + padding) / stride + 1);
  for (let row = firstWindow(first + padding, windowHeight, stride); row < endRow; row++) {
    const top = row * stride - padding;
    const stop = min(windowHeight, end - top);
    for (let column = 0; column < columns; column++) {
      const left = column * stride - padding;
      const x = max(0, -left);
      const numBytes = max(0, min(windowWidth, width - left) - x) * i32(pixelBytes);
      const window = (image * rows + row) * columns + column;
      for (let y = max(0, first - top); y < stop; y++) {
        const from = usize((window * windowHeight + y) * windowWidth + x) * pixelBytes;
        const to = usize((top + y) * width + left + x) * pixelBytes;
        addTo(pixels + to, usize(load<u32>(args, 44)) + from, usize(numBytes));
      }
    }
  }
}

@inline
function addTo(to: usize, from: usize, numBytes: usize): void {
  let i: usize = 0;
  for (; i + 16 <= numBytes; i += 16) {
    v128.store(to + i, f32x4.add(v128.load(to + i), v128.load(from + i)));
  }
  for (; i < numBytes; i += 4) store<f32>(to + i, load<f32>(to + i) + load<f32>(from + i));
}
