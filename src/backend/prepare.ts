/**
 * Loads a backend and makes it the one that all tensors live on. The packages are imported when a run starts and not
 * before, so that planning and the look-ups stay fast.
 */
import type * as cpuPackage from "@tensorflow/tfjs-backend-cpu";
import {
  enableProdMode,
  getBackend,
  ready,
  registerBackend,
  setBackend,
  version_core,
} from "@tensorflow/tfjs-core";
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { BackendName } from "./choose.ts";
import { registerCorrectedKernels } from "./corrected-kernels.ts";
import { refuseOtherBackend } from "./held.ts";
import { loadAddon, refuseMissingGpu, threadLibrary } from "./native/addon.ts";
import { NativeBackend } from "./native/backend.ts";
import { isStartedPooled, nativeVariables, requireVariables } from "./native/environment.ts";
import { libraryDigest, requireInstallation } from "./native/installation.ts";
import type { CompiledName } from "./native/place.ts";
import { registerNativeKernels } from "./native/register.ts";
import { registerMatMul } from "./matmul.ts";
import { chooseThreads, keeperThreads } from "./threads.ts";
import { registerKernels } from "./registry.ts";
import { registerGradients } from "./tensorflow-gradients/register.ts";
import type { LockstepBackend } from "./wasm/backend.ts";
import { createBackend } from "./wasm/create.ts";
import { setCurrentBackend } from "./wasm/current.ts";
import type { ThreadLibrary } from "./wasm/thread-library.ts";
import { kernelModule } from "./wasm/module.ts";
import { registerWasmKernels } from "./wasm/register.ts";

/** One in a process: its memory and its threads stay. */
let wasm: LockstepBackend | undefined;
/** Likewise, by name. */
const compiled = new Map<CompiledName, NativeBackend>();

/** How a backend computes; results do not depend on it. */
export interface BackendOptions {
  /** From 1; without it `chooseThreads` decides. */
  readonly threads?: number | undefined;
}

/**
 * Makes the backend ready for the operations of this folder. Calling it again is cheap and changes nothing.
 * @returns Versions, threads, the SHA-256 of the binary that computes, and the width of its vectors.
 * @throws {ExpError} `environment` when the backend cannot be loaded, or this machine lacks WebAssembly SIMD; `usage` while
 *   another backend is held (`held.ts`).
 */
export async function prepareBackend(
  name: BackendName,
  { threads }: BackendOptions = {},
): Promise<JsonObject> {
  refuseOtherBackend(name);
  const numThreads = name === "cpu" ? 1 : chooseThreads(threads); // refused before anything is loaded
  enableProdMode(); // no validation of every tensor, and no advice on the console
  registerGradients();
  const facts = await prepareNamed(name, numThreads);
  return { backend: name, threads: numThreads, tensorflowCore: version_core, ...facts };
}

function prepareNamed(name: BackendName, numThreads: number): Promise<JsonObject> {
  switch (name) {
    case "wasm":
      return prepareWasm(numThreads);
    case "cpu":
      return prepareCpu();
    case "native":
    case "cuda":
      return prepareCompiled(name, numThreads);
  }
}

async function prepareCpu(): Promise<JsonObject> {
  const { version_cpu: version } = await loadCpu();
  await activate("cpu");
  setCurrentBackend(undefined);
  registerKernels("cpu");
  registerMatMul();
  return { tensorflowCpu: version };
}

async function prepareWasm(numThreads: number): Promise<JsonObject> {
  const { version_cpu: version } = await loadCpu();
  const backend = await wasmBackend(numThreads);
  await activate("wasm");
  setCurrentBackend(backend);
  const { digest, hasWideVectors } = kernelModule(backend.parts.memory.isShared);
  const vectorBits = hasWideVectors ? 256 : 128;
  return { kernelsSha256: digest, vectorBits, tensorflowCpu: version };
}

async function wasmBackend(numThreads: number, library?: ThreadLibrary): Promise<LockstepBackend> {
  const { MathBackendCPU } = await loadCpu();
  if (wasm === undefined) {
    const created = createBackend({ numThreads, library });
    registerBackend("wasm", () => created);
    registerKernels("wasm");
    registerWasmKernels(created, new MathBackendCPU());
    wasm = created;
  }
  await wasm.useThreads(numThreads, library);
  return wasm;
}

/** Models compute in TensorFlow's library; what training keeps lies in the memory of `wasm`, whose kernels update it. */
async function prepareCompiled(name: CompiledName, numThreads: number): Promise<JsonObject> {
  const installation = requireInstallation(name, process.env);
  const isPooled = name === "cuda" || isStartedPooled(numThreads, process.env);
  const setting = { installation, threads: numThreads, isPooled };
  requireVariables(setting, process.env);
  const { MathBackendCPU, version_cpu: version } = await loadCpu();
  const addon = loadAddon(installation);
  const isShared = !isPooled && numThreads > 1;
  const library = isShared ? threadLibrary(installation) : undefined;
  const keeper = await wasmBackend(keeperThreads(numThreads), library);
  if (!compiled.has(name)) {
    refuseMissingGpu(addon, name);
    const created = new NativeBackend(addon, name, keeper);
    registerBackend(name, () => created);
    registerKernels(name);
    registerNativeKernels(created, new MathBackendCPU());
    compiled.set(name, created);
  }
  await activate(name);
  const backend = compiled.get(name);
  if (backend !== undefined) backend.numThreads = isShared ? numThreads : 1;
  setCurrentBackend(keeper, { holdsTensors: false, mayRunAhead: isShared });
  return {
    tensorflow: installation.manifest.tensorflow,
    librarySha256: libraryDigest(installation.manifest),
    variables: nativeVariables(setting, process.env),
    tensorflowCpu: version,
  };
}

async function activate(name: BackendName): Promise<void> {
  const isActive = await setBackend(name).catch((error: unknown) => {
    throw new ExpError("environment", `The backend ${name} does not start.`, { cause: error });
  });
  await ready();
  // Without this, TensorFlow.js falls back to another backend, with other bits, and only warns.
  if (!isActive || getBackend() !== name) {
    throw new ExpError("environment", `The backend ${name} does not start.`, {
      hint: "Install the dependencies again, or choose another with backend=cpu.",
    });
  }
}

async function loadCpu(): Promise<typeof cpuPackage> {
  const name = "@tensorflow/tfjs-backend-cpu";
  try {
    const loaded = await import("@tensorflow/tfjs-backend-cpu");
    registerCorrectedKernels();
    return loaded;
  } catch (error) {
    throw new ExpError("environment", `The package ${name} cannot be loaded.`, {
      hint: "Install the dependencies again: it is one of Lockstep's own.",
      cause: error,
    });
  }
}
