/** The part of the WebAssembly API that is used here; Node has it, the type libraries in use do not. */
import { InternalError } from "../../core/errors.ts";

/** A memory; its buffer is another one after it grew, and where it is not shared, views of the one before are empty. */
export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
  /** By pages of 64 KiB. @throws {RangeError} when the system refuses. */
  readonly grow: (numPages: number) => number;
}

/** A compiled module; it can be posted to a thread. */
export type WasmModule = object;

/** Computes a piece of a product, or of products of many matrices, whose arguments lie at that address. */
export type PieceFunction = (args: number, piece: number, isMatrices: number) => void;

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: {
      readonly env: { readonly memory: WasmMemory; readonly multiplyPiece: PieceFunction };
    },
  ) => { readonly exports: unknown };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => WasmMemory;
  readonly validate: (bytes: Uint8Array) => boolean;
};

/** A memory of that many pages of 64 KiB, for threads to share or not. @throws {RangeError} when the system refuses. */
export function createMemory(limits: {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}): WasmMemory {
  return new WebAssembly.Memory(limits);
}

/** Whether this process can have memory that threads share: not where it was started without. */
export function canShareMemory(): boolean {
  try {
    return createMemory({ initial: 1, maximum: 1, shared: true }).buffer.byteLength > 0;
  } catch {
    return false;
  }
}

/** Compiles a module. */
export function compileModule(bytes: Uint8Array): WasmModule {
  return new WebAssembly.Module(bytes);
}

/**
 * The exports of a new instance on that memory; what they are, the caller knows from the module's source.
 * @param multiplyPiece - What computes products of a library outside (`assembly/library.ts`), where there is one.
 */
export function instantiate(
  module: WasmModule,
  memory: WasmMemory,
  multiplyPiece: PieceFunction = withoutLibrary,
): unknown {
  return new WebAssembly.Instance(module, { env: { memory, multiplyPiece } }).exports;
}

function withoutLibrary(): void {
  throw new InternalError("these threads know no library");
}

/** Whether this engine can run the module: false where it lacks an extension that the module uses. */
export function isSupported(bytes: Uint8Array): boolean {
  return WebAssembly.validate(bytes);
}

/** A module with one function, whose result is a vector. */
const vectorModule = "AGFzbQEAAAABBQFgAAF7AwIBAAoKAQgAQQD9D/1iCw==";

/** Whether this engine, on this processor, computes with vectors of 128 bits. */
export function hasVectors(): boolean {
  return WebAssembly.validate(Buffer.from(vectorModule, "base64"));
}
