/** The WebAssembly module of this folder, made when it is first needed: planning and printing need no randomness. */
import { wasmBase64 } from "./wasm-bytes.ts";

/** Functions of `Math` with the same bits everywhere. */
export interface ElementaryFunctions {
  readonly acos: (x: number) => number;
  readonly acosh: (x: number) => number;
  readonly asin: (x: number) => number;
  readonly asinh: (x: number) => number;
  readonly atan: (x: number) => number;
  readonly atan2: (y: number, x: number) => number;
  readonly atanh: (x: number) => number;
  readonly cos: (x: number) => number;
  readonly cosh: (x: number) => number;
  readonly exp: (x: number) => number;
  readonly expm1: (x: number) => number;
  readonly log: (x: number) => number;
  readonly log10: (x: number) => number;
  readonly log1p: (x: number) => number;
  readonly log2: (x: number) => number;
  readonly pow: (x: number, y: number) => number;
  readonly sin: (x: number) => number;
  readonly sinh: (x: number) => number;
  readonly tan: (x: number) => number;
  readonly tanh: (x: number) => number;
}

/** What `assembly/*.ts` exports. */
export interface WasmExports extends ElementaryFunctions {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Byte offset of the buffer that samples are written to, and the number of floats that fit it. */
  readonly buffer: { readonly value: number };
  readonly capacity: { readonly value: number };
  readonly select: (counter2: number, counter3: number, ...key: readonly [number, number]) => void;
  readonly fillUniform: (...rows: Rows) => void;
  readonly fillNormal: (...rowsAndLimit: readonly [...rows: Rows, limit: number]) => void;
}

type Rows = readonly [firstBlock: number, firstPosition: number, numRows: number, length: number];

/** The part of the WebAssembly API that is used here; Node has it, the type libraries in use do not. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

let instance: WasmExports | undefined;

/** The exports of the one instance of this process. Compiling it the first time takes 1-2 ms. */
export function wasmExports(): WasmExports {
  instance ??= instantiate();
  return instance;
}

function instantiate(): WasmExports {
  const module = new WebAssembly.Module(Buffer.from(wasmBase64, "base64"));
  // The cast holds because a test compiles the sources again and compares the bytes.
  return new WebAssembly.Instance(module, {}).exports as WasmExports;
}
