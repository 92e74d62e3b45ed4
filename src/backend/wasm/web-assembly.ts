/** The part of the WebAssembly API that is used here; Node has it, the type libraries in use do not. */

/** A memory that threads share. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
  /** By pages of 64 KiB. @throws {RangeError} when the system refuses. */
  readonly grow: (numPages: number) => number;
}

/** A compiled module; it can be posted to a thread. */
export type WasmModule = object;

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (
    module: WasmModule,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown };
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => WasmMemory;
  readonly validate: (bytes: Uint8Array) => boolean;
};

/** A shared memory of that many pages of 64 KiB. @throws {RangeError} when the system refuses. */
export function createMemory(limits: {
  readonly initial: number;
  readonly maximum: number;
}): WasmMemory {
  return new WebAssembly.Memory({ ...limits, shared: true });
}

/** Compiles a module. */
export function compileModule(bytes: Uint8Array): WasmModule {
  return new WebAssembly.Module(bytes);
}

/** The exports of a new instance on that memory; what they are, the caller knows from the module's source. */
export function instantiate(module: WasmModule, memory: WasmMemory): unknown {
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}

/** Whether this engine can run the module: false where it lacks an extension that the module uses. */
export function isSupported(bytes: Uint8Array): boolean {
  return WebAssembly.validate(bytes);
}
