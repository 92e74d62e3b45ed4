/** Our own products, compiled: those of double precision, in every layout, with what follows them, and the same bits always. */
import { afterEach, describe, expect, test } from "vitest";
import { distribution, geluSlope } from "../../../../src/backend/kernels/normal-distribution.ts";
import { threadLibrary } from "../../../../src/backend/native/addon.ts";
import { requireInstallation } from "../../../../src/backend/native/installation.ts";
import { nextSerial, sharedProduct } from "../../../../src/backend/native/pieces.ts";
import { productSourceOf } from "../../../../src/backend/native/product-source.ts";
import { productLevels } from "../../../../src/backend/native/products-levels.ts";
import { levelsOf } from "../../../../src/backend/native/try-products.ts";
import type { ThreadLibrary } from "../../../../src/backend/wasm/thread-library.ts";
import { sha256 } from "../../../../src/core/hash.ts";
import { floatsFrom as newFloatsFrom, partsUntil, type Parts } from "../wasm/parts.ts";
import { becomeProcessOf } from "./installed.ts";

const partsWith = partsUntil(afterEach);
const layouts = ["none", "left", "right"] as const;

/** Sizes with whole tiles and panels, with edges, with a long sum, and three whose right operand is packed in parts. */
const sizes = [
  { rows: 24, inner: 256, columns: 64 },
  { rows: 37, inner: 45, columns: 53 },
  { rows: 1, inner: 1, columns: 1 },
  { rows: 13, inner: 700, columns: 32 },
  { rows: 5, inner: 9_000, columns: 300 },
  { rows: 2, inner: 700, columns: 3_003 },
  { rows: 2, inner: 70_000, columns: 1 },
];

function installedLibrary(): ThreadLibrary {
  return threadLibrary(requireInstallation("native", process.env));
}

/** By one of the sets of instructions that this machine has; 0, the best, is what runs take. */
function withParts(numThreads: number, level = 0): Parts {
  const library = { ...installedLibrary(), source: productSourceOf(level) };
  return partsWith(numThreads, { library });
}

const known = new Map<number, Float32Array>();

/** Those of before: computing millions takes longer than multiplying them. */
function floatsFrom(length: number): Float32Array {
  const floats = known.get(length) ?? newFloatsFrom(length);
  known.set(length, floats);
  return floats;
}

function placed({ heap, memory }: Parts, values: Float32Array): number {
  const address = heap.allocate(values.length * 4, "lasting");
  memory.floats(address, values.length).set(values);
  return address;
}

interface Case {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposed: (typeof layouts)[number];
}

function computed(parts: Parts, { transposed, ...size }: Case, activation?: number): Float32Array {
  const { rows, inner, columns } = size;
  const [left, right] = [rows * inner, inner * columns].map((length) =>
    placed(parts, floatsFrom(length)),
  );
  const result = placed(parts, new Float32Array(rows * columns).fill(NaN));
  const value = placed(parts, new Float32Array(rows * columns));
  const bias = activation === undefined ? 0 : placed(parts, floatsFrom(columns));
  const product = { ...size, left: left ?? 0, right: right ?? 0, result };
  const layout = transposed === "none" ? {} : { transposed };
  const { numPieces, integers } = sharedProduct({ ...product, ...layout }, 3);
  const after = [bias, activation ?? 0, value, nextSerial()];
  const words = [numPieces, ...integers, ...Array<number>(8).fill(0), ...after];
  parts.pool.run("libraryProduct", numPieces, { integers: words });
  return parts.memory.floats(activation === 2 ? value : result, rows * columns).slice();
}

function exact({ rows, inner, columns, transposed }: Case): Float64Array {
  const [left, right] = [floatsFrom(rows * inner), floatsFrom(inner * columns)];
  return Float64Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let p = 0; p < inner; p++) {
      const a = left[transposed === "left" ? p * rows + row : row * inner + p] ?? NaN;
      const b = right[transposed === "right" ? column * inner + p : p * columns + column] ?? NaN;
      sum += a * b;
    }
    return sum;
  });
}

describe.runIf(becomeProcessOf("native"))("where native is installed", () => {
  const cases = sizes.flatMap((size) => layouts.map((transposed) => ({ ...size, transposed })));
  const roundings = new Map(
    productLevels(process.arch).map(({ name, rounded }) => [name, rounded]),
  );

  test.each(cases)(
    "%j is that of double precision by every set of instructions, with the same bits by 1 and 3 threads",
    (one) => {
      const wanted = exact(one);
      const limit = 6e-6 * one.inner;
      const digests = new Map<string | undefined, string>();
      for (const [level, name] of levelsOf(installedLibrary().file).entries()) {
        const found = computed(withParts(1, level), one);
        const off = found.map((value, at) => Math.abs(value - (wanted[at] ?? NaN)));
        expect(Math.max(...off), name).toBeLessThan(limit);
        expect(computed(withParts(3, level), one), name).toEqual(found);
        const rounding = roundings.get(name);
        const digest = sha256(new Uint8Array(found.buffer));
        expect(digests.get(rounding) ?? digest, `${name} as others that round ${rounding}`).toBe(
          digest,
        );
        digests.set(rounding, digest);
      }
    },
  );

  test("what a thread keeps of a large right operand is bounded", () => {
    const before = process.memoryUsage().rss;
    computed(withParts(1), { rows: 1, inner: 2_000_000, columns: 1, transposed: "none" });
    // Operands take 16 MB, and a panel of the right one in whole would take 128 to 256.
    expect(process.memoryUsage().rss - before).toBeLessThan(90e6);
  });

  test.each([0, 1, 2])(
    "what follows a product (%i) is computed for widths that fill no vector",
    (activation) => {
      const one = { rows: 30, inner: 4, columns: 43, transposed: "right" as const };
      const bias = floatsFrom(43);
      const sums = [...exact(one)].map((sum, at) => sum + (bias[at % 43] ?? NaN));
      const followed = (x: number): number =>
        [x, Math.max(x, 0), x * distribution(x)][activation] ?? NaN;
      const found = computed(withParts(2), one, activation);
      for (const [at, value] of found.entries())
        expect(value).toBeCloseTo(followed(sums[at] ?? NaN), 4);
    },
  );

  test("GELU leaves its slope where the product was", () => {
    const parts = withParts(1);
    const [left, right, bias, result, value] = [[1], [-0.75], [0], [0], [0]].map((numbers) =>
      placed(parts, Float32Array.from(numbers)),
    );
    const words = [
      1,
      left,
      right,
      result,
      1,
      1,
      1,
      0,
      12,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      bias,
      2,
      value,
      0,
    ];
    parts.pool.run("libraryProduct", 1, { integers: words.map((word) => word ?? 0) });
    expect(parts.memory.floats(result ?? 0, 1)[0]).toBeCloseTo(geluSlope(-0.75), 5);
  });

  test("an address outside of the memory is an error, not a crash", () => {
    const words = [1, 2 ** 30, 2 ** 20, 2 ** 20, 4, 4, 4, 0, 12, ...Array<number>(12).fill(0)];
    expect(() => withParts(1).pool.run("libraryProduct", 1, { integers: words })).toThrow(
      "failed: Error: a matrix lies outside of the memory.",
    );
  });
});
