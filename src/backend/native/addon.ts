/**
 * The addon of `@tensorflow/tfjs-node-gpu`: TensorFlow's eager operations as functions of Node-API. Only the addon of that
 * package is used; its JavaScript would bring all of TensorFlow.js, and calls what Node.js 23 took away.
 */
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { thrownMessage } from "../../core/thrown.ts";
import type { Installation } from "./installation.ts";
import { productSourceOf } from "./product-source.ts";
import { tryProducts } from "./try-products.ts";
import type { ThreadLibrary } from "../wasm/thread-library.ts";
import { addonPath, productsPath } from "./manifest.ts";
import type { CompiledName } from "./place.ts";

/** An attribute of an operation. */
export interface OperationAttribute {
  readonly name: string;
  /** One of the numbers `TF_ATTR_…` of the addon. */
  readonly type: number;
  readonly value: boolean | number | string | readonly number[];
}

/** A tensor that an operation made. */
export interface TensorFacts {
  readonly id: number;
  readonly shape: number[];
  /** One of the numbers `TF_…` of the addon. */
  readonly dtype: number;
}

export type AddonArray = Float32Array | Int32Array | Uint8Array;

/** What the addon exports, as far as it is used. Tensors are numbers until they are deleted. */
export interface Addon {
  readonly TF_Version: string;
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_BOOL: number;
  readonly TF_ATTR_STRING: number;
  readonly TF_ATTR_INT: number;
  readonly TF_ATTR_FLOAT: number;
  readonly TF_ATTR_BOOL: number;
  readonly TF_ATTR_TYPE: number;
  /** May keep the array's memory instead of copying it. */
  createTensor(shape: readonly number[], dtype: number, values: AddonArray): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): AddonArray;
  /** @throws {Error} with TensorFlow's own text. */
  executeOp(
    name: string,
    attributes: readonly OperationAttribute[],
    inputs: readonly number[],
    numOutputs: number,
  ): readonly TensorFacts[];
  getNumOfTensors(): number;
  isUsingGpuDevice(): boolean;
}

/**
 * Loads an addon with the library behind it, into this process, for good. What the library reads from the environment it
 * reads now.
 * @throws {ExpError} `environment` when it does not load, or is linked to another TensorFlow than its manifest says.
 */
export function loadAddon({ folder, manifest }: Installation): Addon {
  const file = join(folder, addonPath);
  const addon = requireAddon(file, manifest.backend);
  if (addon.TF_Version === manifest.tensorflow || manifest.tensorflow === "") return addon;
  const message = `The addon of the backend ${manifest.backend} was compiled for TensorFlow ${manifest.tensorflow}, and the library is ${addon.TF_Version}.`;
  throw new ExpError("environment", message, { hint: rebuildHint(manifest.backend) });
}

/** Files that were tried in this process: trying takes the memory that they compute in away from whoever has set it. */
const tried = new Set<string>();

/**
 * What every thread of the pool loads: our own products. They are loaded and tried here first, so that what is wrong with them
 * is told once and before anything is computed; the processor may be another than the one that they were compiled on.
 * @throws {ExpError} `environment` when they do not load, or compute other bits than the class of the environment stands for.
 */
export function threadLibrary({ folder, manifest }: Installation): ThreadLibrary {
  const file = join(folder, productsPath);
  requireAddon(file, manifest.backend);
  if (!tried.has(file)) tryProducts(file);
  tried.add(file);
  return { file, source: productSourceOf(0) };
}

function requireAddon(file: string, name: string): Addon {
  try {
    return createRequire(file)(file) as Addon; // its own code; of the addon, the version is looked at next
  } catch (error) {
    const [line = ""] = thrownMessage(error).split("\n");
    throw new ExpError(
      "environment",
      `The backend ${name} does not load (${basename(file)}): ${line}`,
      {
        hint: `${reasonOf(line)} ${rebuildHint(name)}`,
        cause: error,
      },
    );
  }
}

/** What the text of the dynamic linker means. */
function reasonOf(text: string): string {
  if (/undefined symbol|symbol lookup/u.test(text)) {
    return "The addon was compiled for another TensorFlow than the library beside it.";
  }
  if (/NODE_MODULE_VERSION|did not self-register|napi/iu.test(text)) {
    return "The addon was compiled for another Node.js.";
  }
  if (/ELF|file too short|invalid/u.test(text)) return "A file is cut off, or of another machine.";
  if (/GLIBC|CXXABI|GLIBCXX/u.test(text)) return "The addon was compiled with a newer compiler.";
  if (/cannot open shared object/u.test(text)) return "A library is missing.";
  return "";
}

function rebuildHint(name: string): string {
  return `Run \`exp backend install ${name} --rebuild\`.`;
}

/**
 * Multiplies two small matrices and compares with the result known beforehand.
 * @throws {ExpError} `environment` when the library computes something else.
 */
export function tryAddon(addon: Addon): void {
  const id = addon.createTensor([2, 2], addon.TF_FLOAT, new Float32Array([1, 2, 3, 4]));
  const attributes = [
    { name: "transpose_a", type: addon.TF_ATTR_BOOL, value: false },
    { name: "transpose_b", type: addon.TF_ATTR_BOOL, value: false },
    { name: "T", type: addon.TF_ATTR_TYPE, value: addon.TF_FLOAT },
  ];
  const [product] = addon.executeOp("MatMul", attributes, [id, id], 1);
  const found = product === undefined ? [] : [...addon.tensorDataSync(product.id)];
  addon.deleteTensor(id);
  if (product !== undefined) addon.deleteTensor(product.id);
  requireProduct(found);
}

function requireProduct(found: readonly number[]): void {
  if (found.join() === "7,10,15,22") return;
  const message = `The library multiplied [1 2; 3 4] by itself to [${found.join(" ")}]; expected [7 10 15 22].`;
  throw new ExpError("environment", message, { hint: "The library or the machine is broken." });
}

/**
 * Refuses a library for GPUs that found none: it would compute on the CPU, with other bits.
 * @throws {ExpError} `environment`.
 */
export function refuseMissingGpu(addon: Addon, name: CompiledName): void {
  if (name !== "cuda" || addon.isUsingGpuDevice()) return;
  throw new ExpError("environment", "TensorFlow's library finds no GPU on this machine.", {
    hint: "`exp doctor` says what is missing: a device, its driver, or a library of CUDA. Or use backend=native.",
  });
}
