/**
 * The standard normal distribution as a table of Taylor polynomials. GELU needs Φ and φ at every element; from the
 * table both cost about ten multiplications each and no exponential, and plain arithmetic is the same in every engine.
 */
import { exp } from "../../random/math.ts";

/** Beyond ±8, Φ is 0 or 1 in double precision for our purpose (Φ(−8) = 6e-16). */
const limit = 8;
const cellsPerUnit = 16;
const numCells = 2 * limit * cellsPerUnit + 1;
/** Degree 6: |d| ≤ 1/32, so the next term is below 1e-13 for Φ and 1e-10 for φ, far under float32. */
const numCoefficients = 7;
const inverseRootTwoPi = 0.398_942_280_401_432_7;

const table = createTable();

/** Φ(x), the share of a standard normal below x; NaN for NaN. */
export function distribution(x: number): number {
  if (x >= limit) return 1;
  if (x <= -limit) return 0;
  const cell = Math.floor((x + limit) * cellsPerUnit + 0.5);
  const d = x - (cell / cellsPerUnit - limit);
  const at = cell * numCoefficients;
  const high = (table[at + 4] ?? NaN) + d * ((table[at + 5] ?? 0) + d * (table[at + 6] ?? 0));
  const low = (table[at + 2] ?? 0) + d * ((table[at + 3] ?? 0) + d * high);
  return (table[at] ?? 0) + d * ((table[at + 1] ?? 0) + d * low);
}

/** Writes x·Φ(x) for each x: the exact ("erf") form of GELU. */
export function geluForward(input: Float32Array, output: Float32Array): void {
  for (let i = 0; i < input.length; i++) {
    const x = input[i] ?? 0;
    output[i] = x * distribution(x);
  }
}

/** Φ(x) + x·φ(x), the derivative of GELU. φ is the derivative of the polynomial of Φ, so one look-up gives both. */
export function geluSlope(x: number): number {
  if (x >= limit) return 1;
  if (x <= -limit) return 0;
  const cell = Math.floor((x + limit) * cellsPerUnit + 0.5);
  const d = x - (cell / cellsPerUnit - limit);
  const at = cell * numCoefficients;
  const c1 = table[at + 1] ?? 0;
  const c2 = table[at + 2] ?? 0;
  const c3 = table[at + 3] ?? 0;
  const c4 = table[at + 4] ?? NaN;
  const c5 = table[at + 5] ?? 0;
  const c6 = table[at + 6] ?? 0;
  const below = (table[at] ?? 0) + d * (c1 + d * (c2 + d * (c3 + d * (c4 + d * (c5 + d * c6)))));
  const density = c1 + d * (2 * c2 + d * (3 * c3 + d * (4 * c4 + d * (5 * c5 + d * 6 * c6))));
  return below + x * density;
}

/** Writes dy·(Φ(x) + x·φ(x)) for each x. */
export function geluBackward(
  input: Float32Array,
  outputGradient: Float32Array,
  inputGradient: Float32Array,
): void {
  for (let i = 0; i < input.length; i++) {
    inputGradient[i] = (outputGradient[i] ?? 0) * geluSlope(input[i] ?? 0);
  }
}

/** Coefficient n of cell k is the n-th derivative of Φ at the cell's centre over n!, by Hermite's recursion. */
function createTable(): Float64Array {
  const coefficients = new Float64Array(numCells * numCoefficients);
  for (let cell = 0; cell < numCells; cell++) {
    const x = cell / cellsPerUnit - limit;
    const height = inverseRootTwoPi * exp(-0.5 * x * x);
    const at = cell * numCoefficients;
    coefficients[at] = centreValue(x, height);
    let hermite = 1;
    let previous = 0;
    let factorial = 1;
    for (let n = 1; n < numCoefficients; n++) {
      factorial *= n;
      const sign = n % 2 === 1 ? 1 : -1;
      coefficients[at + n] = (sign * height * hermite) / factorial;
      const next = x * hermite - (n - 1) * previous;
      previous = hermite;
      hermite = next;
    }
  }
  return coefficients;
}

/** Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/15 + …): all terms have one sign, so nothing cancels. */
function centreValue(x: number, height: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-18 * Math.abs(sum) && n < 1000; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 0.5 + height * sum;
}
