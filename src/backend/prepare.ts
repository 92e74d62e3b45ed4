/**
 * Loads a backend and makes it the one that all tensors live on. The packages are imported when a run starts and not
 * before, so that planning and the look-ups stay fast.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import {
  enableProdMode,
  env,
  getBackend,
  ready,
  setBackend,
  version_core,
} from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { BackendName } from "./choose.ts";
import { registerMatMul } from "./matmul.ts";
import { chooseThreads } from "./threads.ts";
import { refuseWrongKernels } from "./wrong-kernels.ts";
import { registerKernels } from "./registry.ts";

const wasmPackage = "@tensorflow/tfjs-backend-wasm";
const simdBinary = `${wasmPackage}/dist/tfjs-backend-wasm-simd.wasm`;

/** How a backend computes; results do not depend on it. */
export interface BackendOptions {
  /** From 1; without it `chooseThreads` decides. */
  readonly threads?: number | undefined;
}

/**
 * Makes the backend ready for the operations of this folder. Calling it again is cheap and changes nothing.
 * @returns Facts for `environment.json`: versions, and the SHA-256 of the binary that computes.
 * @throws {ExpError} `environment` when the backend cannot be loaded, or this machine lacks WebAssembly SIMD.
 */
export async function prepareBackend(
  name: BackendName,
  { threads }: BackendOptions = {},
): Promise<JsonObject> {
  const numThreads = name === "cpu" ? 1 : chooseThreads(threads); // refused before anything is loaded
  enableProdMode(); // no validation of every tensor, and no advice on the console
  const facts = await withoutNewListeners(async () => {
    const loaded = await (name === "wasm" ? loadWasm() : loadCpu());
    await activate(name);
    return loaded;
  });
  registerKernels(name);
  registerMatMul(name);
  refuseWrongKernels(name);
  return { backend: name, threads: numThreads, tensorflowCore: version_core, ...facts };
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

async function loadWasm(): Promise<JsonObject> {
  const { version_wasm: version } = await load(
    wasmPackage,
    () => import("@tensorflow/tfjs-backend-wasm"),
  );
  const hasSimd = await env().getAsync("WASM_HAS_SIMD_SUPPORT");
  if (hasSimd !== true) {
    throw new ExpError(
      "environment",
      "This Node has no WebAssembly SIMD, which the backend wasm needs.",
      {
        hint: "Use Node 20.19 or newer on a processor of the last ten years, or choose backend=cpu.",
      },
    );
  }
  // With threads another binary would be loaded, whose sums depend on the number of threads.
  if ((await env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT")) === true) {
    throw new InternalError(
      "TensorFlow.js chose its threaded binary, which this version does not use",
    );
  }
  const bytes = await readFile(createRequire(import.meta.url).resolve(simdBinary));
  return { tensorflowWasm: version, wasmSha256: createHash("sha256").update(bytes).digest("hex") };
}

async function loadCpu(): Promise<JsonObject> {
  const name = "@tensorflow/tfjs-backend-cpu";
  const { version_cpu: version } = await load(name, () => import("@tensorflow/tfjs-backend-cpu"));
  return { tensorflowCpu: version };
}

async function load<Module>(name: string, importModule: () => Promise<Module>): Promise<Module> {
  try {
    return await importModule();
  } catch (error) {
    throw new ExpError("environment", `The package ${name} cannot be loaded.`, {
      hint: "Install the dependencies again: it is one of Lockstep's own.",
      cause: error,
    });
  }
}

/**
 * The wasm package hangs listeners on the process that throw every unhandled error again, from its own bundle, with a
 * stack: they would take error handling away from the command line. Those that came with loading are taken off.
 */
async function withoutNewListeners<Result>(body: () => Promise<Result>): Promise<Result> {
  const before = processListeners();
  try {
    return await body();
  } finally {
    const known = new Set(before.map(({ listener }) => listener));
    for (const { event, listener } of processListeners()) {
      if (!known.has(listener)) process.removeListener(event, listener);
    }
  }
}

function processListeners(): readonly { event: string; listener: () => void }[] {
  return ["uncaughtException", "unhandledRejection"].flatMap((event) =>
    process.rawListeners(event).map((listener) => ({ event, listener: listener as () => void })),
  );
}
