/**
 * The environment of a process that computes in TensorFlow's library. The library reads it once, when it is loaded, so it is
 * set by whoever starts the process, and recorded with the run.
 */
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { Installation } from "./installation.ts";
import type { Variables } from "./place.ts";

/** Threads of a process, and what was installed. */
export interface NativeSetting {
  readonly installation: Installation;
  /** That compute one operation. */
  readonly threads: number;
  /**
   * Whether the library's own threads share operations out. On `native` they do not unless this says so: its library has one
   * thread, and products are shared out to the threads of `wasm`, which compute them by C++ of our own.
   */
  readonly isPooled?: boolean;
}

/**
 * Variables that decide bits or speed, all of them, with the values that every run has:
 *
 * - One operation at a time, shared out to `threads` where the library does that itself.
 * - Operations whose sums have one order (`TF_DETERMINISTIC_OPS` and the choice of cuDNN's algorithms).
 * - float32 multiplied as float32, not as TF32, on GPUs.
 * - oneDNN's operations on: they are what makes the library fast. `LOCKSTEP_ONEDNN=0` turns them off, in every process of a run.
 * - All instructions that the processor has, and float32 multiplied as float32, whatever oneDNN is told elsewhere.
 * - A GPU's memory taken as it is needed, not all at once.
 */
export function nativeVariables(
  { installation: { folder, manifest }, threads, isPooled }: NativeSetting,
  given: Variables,
): Readonly<Record<string, string>> {
  const folders = manifest.libraryFolders.map((path) => join(folder, path));
  const paths = [...folders, ...(given["LD_LIBRARY_PATH"] ?? "").split(":")].filter(Boolean);
  return {
    TF_NUM_INTRAOP_THREADS: String(manifest.backend === "cuda" || isPooled === true ? threads : 1),
    TF_NUM_INTEROP_THREADS: "1",
    TF_DETERMINISTIC_OPS: "1",
    TF_CUDNN_DETERMINISTIC: "1",
    TF_CUDNN_USE_AUTOTUNE: "0",
    NVIDIA_TF32_OVERRIDE: "0",
    TF_ENABLE_ONEDNN_OPTS: given["LOCKSTEP_ONEDNN"] === "0" ? "0" : "1",
    // Else a user's own would change bits inside of one environment class: the first pair by other instructions.
    ONEDNN_MAX_CPU_ISA: "DEFAULT",
    DNNL_MAX_CPU_ISA: "DEFAULT",
    ONEDNN_DEFAULT_FPMATH_MODE: "STRICT",
    DNNL_DEFAULT_FPMATH_MODE: "STRICT",
    TF_FORCE_GPU_ALLOW_GROWTH: "true",
    TF_CPP_MIN_LOG_LEVEL: given["TF_CPP_MIN_LOG_LEVEL"] ?? "2",
    ...(folders.length === 0 ? {} : { LD_LIBRARY_PATH: [...new Set(paths)].join(":") }),
    // The backend native must not find a GPU that a library for CUDA would take.
    ...(manifest.backend === "native" ? { CUDA_VISIBLE_DEVICES: "-1" } : {}),
  };
}

/** Whether a process with these variables was started for a library that shares its operations out itself. */
export function isStartedPooled(threads: number, found: Variables): boolean {
  return threads > 1 && found["TF_NUM_INTRAOP_THREADS"] === String(threads);
}

/** Variables of `nativeVariables` that change no bit. */
const isHarmless = new Set(["TF_CPP_MIN_LOG_LEVEL"]);

/**
 * Refuses a process whose environment was not fixed before it started.
 * @throws {ExpError} `environment`, naming every variable that differs.
 */
export function requireVariables(setting: NativeSetting, found: Variables): void {
  const expected = nativeVariables(setting, found);
  const wrong = Object.entries(expected).filter(
    ([name, value]) => !isHarmless.has(name) && found[name] !== value,
  );
  if (wrong.length === 0) return;
  const { backend } = setting.installation.manifest;
  const texts = wrong.map(([name, value]) => `${name}=${value}`);
  throw new ExpError(
    "environment",
    `The backend ${backend} computes only in a process that was started for it, with ${texts.join(" ")}.`,
    {
      hint: `Run the experiment with \`exp FILE backend=${backend}\`, which starts one; in a process of your own, set these before it starts.`,
    },
  );
}

/** What TensorFlow's library prints when it is loaded, whatever it is told: nothing that a user could act on. */
export function isLibraryChatter(line: string): boolean {
  return (
    line.startsWith("WARNING: All log messages before absl::InitializeLog()") ||
    /^I\d{4} \d{2}.*(?:port|cpu_feature_guard)\.cc:\d+\]/u.test(line) ||
    /^I0000 00:00:.*\]/u.test(line)
  );
}
