/**
 * Code of others that calls `Math.exp` and its like, made to give the same bits in every engine: ECMAScript leaves the
 * last bits of these functions to the engine.
 */
import { wasmExports, type ElementaryFunctions } from "./wasm-module.ts";

/** The functions of `Math` that engines may compute differently and that have a counterpart here. */
const names: readonly (keyof ElementaryFunctions)[] = [
  "acos",
  "acosh",
  "asin",
  "asinh",
  "atan",
  "atan2",
  "atanh",
  "cos",
  "cosh",
  "exp",
  "expm1",
  "log",
  "log10",
  "log1p",
  "log2",
  "pow",
  "sin",
  "sinh",
  "tan",
  "tanh",
];

/** Runs `body`, which must be synchronous, with our functions in place of those of `Math`; what it throws is thrown on. */
export function withSameFunctions<Result>(body: () => Result): Result {
  const functions = wasmExports();
  const saved = Object.fromEntries(names.map((name) => [name, Math[name]]));
  const ours = Object.fromEntries(names.map((name) => [name, functions[name]]));
  try {
    Object.assign(Math, ours);
    return body();
  } finally {
    Object.assign(Math, saved);
  }
}
