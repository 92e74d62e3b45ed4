/** Our own products, compiled: those of double precision, in every layout, with what follows them, and the same bits always. */
import { afterEach, describe, expect, test } from "vitest";
import { distribution, geluSlope } from "../../../../src/backend/kernels/normal-distribution.ts";
import { threadLibrary } from "../../../../src/backend/native/addon.ts";
import { requireInstallation } from "../../../../src/backend/native/installation.ts";
import { nextSerial, sharedProduct } from "../../../../src/backend/native/pieces.ts";
import { floatsFrom, partsUntil, type Parts } from "../wasm/parts.ts";
import { becomeProcessOf } from "./installed.ts";

const partsWith = partsUntil(afterEach);
const layouts = ["none", "left", "right"] as const;

/** Sizes with whole tiles and panels, with edges, with a long sum, and one whose right operand is packed in parts. */
const sizes = [
  { rows: 24, inner: 256, columns: 64 },
  { rows: 37, inner: 45, columns: 53 },
  { rows: 1, inner: 1, columns: 1 },
  { rows: 13, inner: 700, columns: 32 },
  { rows: 5, inner: 9_000, columns: 300 },
];

function withParts(numThreads: number): Parts {
  const installation = requireInstallation("native", process.env);
  return partsWith(numThreads, { library: threadLibrary(installation) });
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

  test.each(cases)(
    "%j is that of double precision, with the same bits by 1 and 3 threads",
    (one) => {
      const found = computed(withParts(1), one);
      const wanted = exact(one);
      const limit = 6e-6 * one.inner;
      for (const [at, value] of found.entries())
        expect(Math.abs(value - (wanted[at] ?? NaN))).toBeLessThan(limit);
      expect(computed(withParts(3), one)).toEqual(found);
    },
  );

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
