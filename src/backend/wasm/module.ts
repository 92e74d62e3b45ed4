/** The compiled kernels, made when a run first needs them. */
import { createHash } from "node:crypto";
import { ExpError } from "../../core/errors.ts";
import { kernelBase64 } from "./kernel-bytes.ts";
import { compileModule, isSupported, type WasmModule } from "./web-assembly.ts";

/** The kernels, and the SHA-256 of their bytes. */
export interface KernelModule {
  readonly module: WasmModule;
  readonly digest: string;
}

let compiled: KernelModule | undefined;

/**
 * Compiles the kernels, once in a process.
 * @throws {ExpError} `environment` when this Node or this processor lacks what they use.
 */
export function kernelModule(): KernelModule {
  compiled ??= compile();
  return compiled;
}

function compile(): KernelModule {
  const bytes = Buffer.from(kernelBase64, "base64");
  if (!isSupported(bytes)) {
    throw new ExpError(
      "environment",
      "This Node has no WebAssembly with SIMD and threads, which the backend wasm needs.",
      {
        hint: "Use Node 20.19 or newer on a processor of the last ten years, or choose backend=cpu.",
      },
    );
  }
  return {
    module: compileModule(bytes),
    digest: createHash("sha256").update(bytes).digest("hex"),
  };
}
