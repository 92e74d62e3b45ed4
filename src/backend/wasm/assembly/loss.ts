/** AssemblyScript: softmax cross-entropy with label smoothing, loss and gradient of a row at a time. */
import { exp4, laneSum, loadPart, storePart } from "./functions";

/**
 * 0 rows  4 classes  8 rows a piece  12 logits  16 labels  20 gradient  24 losses of the rows (float64)
 * 112 smoothing  120 divisor of the gradient (both float64)
 */
export function crossEntropy(args: usize, piece: i32): void {
  const classes = load<i32>(args, 4);
  const smoothing = load<f64>(args, 112);
  const divisor = load<f64>(args, 120);
  const spread = smoothing / f64(classes);
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let row = first; row < end; row++) {
    const logits = usize(load<u32>(args, 12)) + (usize(row * classes) << 2);
    const gradient = usize(load<u32>(args, 20)) + (usize(row * classes) << 2);
    const label = load<i32>(usize(load<u32>(args, 16)) + (usize(row) << 2));
    const largest = rowMaximum(logits, classes);
    const sum = exponentials(logits, gradient, classes, largest);
    const logSum = f64(largest) + NativeMath.log(f64(sum));
    const own = f64(load<f32>(logits + (usize(label) << 2)));
    let loss = (1 - smoothing) * (logSum - own);
    if (smoothing != 0) loss += spread * (f64(classes) * logSum - rowTotal(logits, classes));
    store<f64>(usize(load<u32>(args, 24)) + (usize(row) << 3), loss);
    const inverse = f32x4.splat(f32(1.0 / (f64(sum) * divisor)));
    const even = f32x4.splat(f32(spread / divisor));
    for (let i = 0; i < classes; i += 4) {
      const at = usize(i) << 2;
      const share = f32x4.mul(loadPart(gradient + at, classes - i), inverse);
      storePart(gradient + at, f32x4.sub(share, even), classes - i);
    }
    // The one class that the label names, with its whole target subtracted at once.
    const place = gradient + (usize(label) << 2);
    const share = NativeMath.exp(own - logSum);
    store<f32>(place, f32((share - (1 - smoothing) - spread) / divisor));
  }
}

function rowMaximum(from: usize, count: i32): f32 {
  let largest: f32 = -Infinity;
  for (let i = 0; i < count; i++) largest = max(largest, load<f32>(from + (usize(i) << 2)));
  return largest;
}

/** Writes the exponentials of the differences to the largest, and gives their sum. */
function exponentials(from: usize, to: usize, count: i32, largest: f32): f32 {
  const shift = f32x4.splat(largest);
  let sums = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const at = usize(i) << 2;
    let value = exp4(f32x4.sub(loadPart(from + at, count - i), shift));
    const lanes = i32x4(0, 1, 2, 3);
    if (count - i < 4) value = v128.and(value, i32x4.lt_s(lanes, i32x4.splat(count - i)));
    sums = f32x4.add(sums, value);
    storePart(to + at, value, count - i);
  }
  return laneSum(sums);
}

function rowTotal(from: usize, count: i32): f64 {
  let sum: f64 = 0;
  for (let i = 0; i < count; i++) sum += f64(load<f32>(from + (usize(i) << 2)));
  return sum;
}
