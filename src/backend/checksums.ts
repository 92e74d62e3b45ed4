/**
 * Checksums of what training keeps: by the threads of the backend where it reaches the arrays (see `host-tensors.ts`), else
 * one after the other. The text is that of `src/core/checksum.ts` either way.
 */
import { checksum64 } from "../core/checksum.ts";
import { fastChecksums } from "./wasm/kernels/checksums.ts";

/** 16 hex digits for each array, in their order. */
export function checksums(arrays: readonly (Float32Array | Int32Array)[]): readonly string[] {
  const fast = fastChecksums(arrays);
  return arrays.map((values, index) => fast.get(index) ?? checksum64(values));
}
