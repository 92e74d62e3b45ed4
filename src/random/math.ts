/**
 * Elementary functions on float64 with the same bits in every engine: what reaches weights, schedules or plans must
 * not depend on the version of Node, and ECMAScript lets engines differ in the last bits of `Math.exp` and its like.
 * They run in WebAssembly (source: `assembly/math.ts`). `Math.sqrt`, `abs`, `floor` and `fround` are exact anyway.
 */
import { wasmExports } from "./wasm-module.ts";

/** e to the power of x. */
export function exp(x: number): number {
  return wasmExports().exp(x);
}

/** The natural logarithm of x: -Infinity at 0, NaN below. */
export function log(x: number): number {
  return wasmExports().log(x);
}

/** `base` to the power of `exponent`, with the special cases of `Math.pow`. */
export function pow(base: number, exponent: number): number {
  return wasmExports().pow(base, exponent);
}

/** The sine of x in radians. */
export function sin(x: number): number {
  return wasmExports().sin(x);
}

/** The cosine of x in radians. */
export function cos(x: number): number {
  return wasmExports().cos(x);
}

/** The hyperbolic tangent of x. */
export function tanh(x: number): number {
  return wasmExports().tanh(x);
}
