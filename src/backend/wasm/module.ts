/** The compiled kernels, made when a run first needs them. */
import { createHash } from "node:crypto";
import { ExpError, InternalError } from "../../core/errors.ts";
import { kernelBase64 } from "./kernel-bytes.ts";
import { hasVectors, isSupported } from "./web-assembly.ts";
import { compileKernels, type CompiledKernels } from "./wide-vectors.ts";

/** The kernels, and the SHA-256 of their bytes as they are committed. */
export interface KernelModule extends CompiledKernels {
  readonly digest: string;
}

const compiled = new Map<boolean, KernelModule>();

/**
 * Compiles the kernels, once in a process.
 * @param isShared - Whether they work on memory that threads share.
 * @throws {ExpError} `environment` when this Node or this processor lacks what they use, named, and for a wrong `LOCKSTEP_VECTORS`.
 */
export function kernelModule(isShared: boolean): KernelModule {
  const known = compiled.get(isShared);
  if (known !== undefined) return known;
  const made = compile(isShared);
  compiled.set(isShared, made);
  return made;
}

function compile(isShared: boolean): KernelModule {
  const bytes = Buffer.from(kernelBase64, "base64");
  if (!isSupported(bytes)) {
    const what = hasVectors() ? "atomic operations" : "SIMD (vectors of 128 bits)";
    throw new ExpError(
      "environment",
      `The backend wasm needs WebAssembly with ${what}, which Node.js ${process.version} has not on this processor.`,
      {
        hint: "Use Node.js 20.19 or newer on a processor of the last ten years (with SSE 4.1 on x64), or choose backend=cpu.",
      },
    );
  }
  return {
    ...compileKernels(isShared ? bytes : withOwnMemory(bytes), isShared),
    digest: createHash("sha256").update(bytes).digest("hex"),
  };
}

/** The import of the memory as the compiler writes it: two names, then the kind and the flags of its limits. */
const memoryImport = Buffer.from("\x03env\x06memory\x02\x03", "latin1");
/** A maximum, and not shared. */
const unsharedFlags = 1;

/**
 * The module for a memory that is not shared: only the flags of its import differ, since atomic operations are allowed on
 * any memory.
 * @see https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md
 */
function withOwnMemory(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const at = copy.indexOf(memoryImport);
  if (at < 0) throw new InternalError("the kernels import no shared memory");
  copy[at + memoryImport.length - 1] = unsharedFlags;
  return copy;
}
