/**
 * The environment of a process that computes in TensorFlow's library. The library reads it once, when it is loaded, so it is
 * set by whoever starts the process, and recorded with the run.
 */
import { join } from "node:path";
import type { Installation } from "./installation.ts";
import type { Variables } from "./place.ts";

/** Threads of a process, and what was installed. */
export interface NativeSetting {
  readonly installation: Installation;
  /** That compute one operation. */
  readonly threads: number;
}

/**
 * Variables that decide bits or speed, all of them, with the values that every run has:
 *
 * - One operation at a time, shared out to `threads`.
 * - Operations whose sums have one order (`TF_DETERMINISTIC_OPS` and the choice of cuDNN's algorithms).
 * - float32 multiplied as float32, not as TF32, on GPUs.
 * - oneDNN's operations on: they are what makes the library fast. `LOCKSTEP_ONEDNN=0` turns them off, in every process of a run.
 * - A GPU's memory taken as it is needed, not all at once.
 */
export function nativeVariables(
  { installation: { folder, manifest }, threads }: NativeSetting,
  given: Variables,
): Readonly<Record<string, string>> {
  const folders = manifest.libraryFolders.map((path) => join(folder, path));
  const paths = [...folders, ...(given["LD_LIBRARY_PATH"] ?? "").split(":")].filter(Boolean);
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: "1",
    TF_DETERMINISTIC_OPS: "1",
    TF_CUDNN_DETERMINISTIC: "1",
    TF_CUDNN_USE_AUTOTUNE: "0",
    NVIDIA_TF32_OVERRIDE: "0",
    TF_ENABLE_ONEDNN_OPTS: given["LOCKSTEP_ONEDNN"] === "0" ? "0" : "1",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    TF_CPP_MIN_LOG_LEVEL: given["TF_CPP_MIN_LOG_LEVEL"] ?? "2",
    ...(folders.length === 0 ? {} : { LD_LIBRARY_PATH: [...new Set(paths)].join(":") }),
    // The backend native must not find a GPU that a library for CUDA would take.
    ...(manifest.backend === "native" ? { CUDA_VISIBLE_DEVICES: "-1" } : {}),
  };
}
