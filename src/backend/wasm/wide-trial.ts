/** A small product in vectors of both widths: whether the wide ones keep the bits, and are faster on this processor. */
import { createMemory, instantiate, type WasmModule } from "./web-assembly.ts";

interface Size {
  readonly rows: number;
  /** Products in a sum. */
  readonly inner: number;
  readonly columns: number;
}

/** Tiles at edges of every kind. */
const edges: Size = { rows: 13, inner: 67, columns: 43 };
/** Whole tiles, whose loops are most of the work: 1.3 million operations, 10 to 40 µs. */
const tiles: Size = { rows: 40, inner: 128, columns: 128 };
/** As few as the module's import allows: the system may grant no more. */
const pages = { initial: 16, maximum: 16 };
/** Above the module's own tables. */
const [argumentsAt, leftAt, rightAt, packedAt, resultAt, scratchAt] = [
  0x8_0000, 0x8_1000, 0x8_8000, 0xa_0000, 0xc_0000, 0xd_0000,
] as const;

interface Trial {
  readonly packRight: (args: number, piece: number) => void;
  readonly multiply: (args: number, piece: number) => void;
  readonly useScratch: (address: number) => void;
}

/**
 * Whether sums have the bits of JavaScript's, in tiles of both widths.
 * @param isShared - Whether the memory that the module imports is shared.
 */
export function hasSameBits(module: WasmModule, isShared: boolean): boolean {
  const { left, right, result, multiply } = tryProduct(module, isShared, edges);
  const expected = Buffer.from(referenceProduct(left, right).buffer);
  return [false, true].every((isWide) => {
    multiply(isWide);
    return Buffer.from(result().buffer).equals(expected);
  });
}

/**
 * Tries a module that was compiled for wide vectors.
 * @param isShared - As for `hasSameBits`.
 * @returns False where a sum has other bits than JavaScript's, or wide tiles take longer than narrow ones, as they do where
 *   the processor has no such vectors; and where the trial ends in an error, for it must not end what works without it.
 */
export function isFasterWide(module: WasmModule, isShared: boolean): boolean {
  try {
    return hasSameBits(module, isShared) && isFaster(module, isShared);
  } catch {
    return false;
  }
}

function isFaster(module: WasmModule, isShared: boolean): boolean {
  const { multiply } = tryProduct(module, isShared, tiles);
  const least = { wide: Infinity, narrow: Infinity };
  for (let attempt = 0; attempt < 40; attempt++) {
    least.wide = Math.min(
      least.wide,
      millisecondsOf(() => multiply(true)),
    );
    least.narrow = Math.min(
      least.narrow,
      millisecondsOf(() => multiply(false)),
    );
  }
  return least.wide < least.narrow;
}

interface Product {
  readonly left: Float32Array;
  readonly right: Float32Array;
  readonly multiply: (isWide: boolean) => void;
  readonly result: () => Float32Array;
}

function tryProduct(module: WasmModule, isShared: boolean, size: Size): Product {
  const { rows, inner, columns } = size;
  const memory = createMemory({ ...pages, shared: isShared });
  const functions = instantiate(module, memory) as Trial; // see assembly/index.ts
  const floats = (address: number, length: number): Float32Array =>
    new Float32Array(memory.buffer, address, length);
  const left = floats(leftAt, rows * inner);
  const right = floats(rightAt, inner * columns);
  left.set(left.map((_, index) => numberAt(index)));
  right.set(right.map((_, index) => numberAt(index * 7)));
  const integers = new Int32Array(memory.buffer, argumentsAt, 32);
  functions.useScratch(scratchAt);
  integers.set([rightAt, packedAt, inner, columns, columns * 4, 0, 16, 1, 1, 0, 0]);
  functions.packRight(argumentsAt, 0);
  const multiply = (isWide: boolean): void => {
    integers.fill(0).set(multiplication(size, isWide));
    functions.multiply(argumentsAt, 0);
  };
  return { left, right, multiply, result: () => floats(resultAt, rows * columns).slice() };
}

/** Of both signs, and hardly one twice. */
function numberAt(index: number): number {
  return ((index * 7919) % 1013) / 337 - 1.5;
}

/** See the arguments in `assembly/multiply.ts`. */
function multiplication({ rows, inner, columns }: Size, isWide: boolean): readonly number[] {
  const place = [leftAt, packedAt, resultAt, rows, inner, columns, inner * 4, columns * 4];
  const oneMatrix = [1, 0, 0, 1, 0, 0];
  const onePiece = [80, 1, 16, 1];
  return [...place, ...oneMatrix, ...onePiece, 0, 0, 0, 1, 0, 0, Number(isWide), 5];
}

/** In the kernels' order of summation, each operation rounded to float32. */
function referenceProduct(left: Float32Array, right: Float32Array): Float32Array<ArrayBuffer> {
  const { rows, inner, columns } = edges;
  return new Float32Array(rows * columns).map((_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      const product = Math.fround(
        (left[row * inner + k] ?? 0) * (right[k * columns + column] ?? 0),
      );
      sum = Math.fround(sum + product);
    }
    return sum;
  });
}

/** Of four calls; the least of many attempts outlasts what else the machine does. */
function millisecondsOf(work: () => void): number {
  const start = performance.now();
  for (let call = 0; call < 4; call++) work();
  return performance.now() - start;
}
