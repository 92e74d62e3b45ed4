/** A library outside of WebAssembly that every thread of the pool loads for itself, the main thread among them. */
import { createRequire } from "node:module";
import { runInThisContext } from "node:vm";
import type { PieceFunction, WasmMemory } from "./web-assembly.ts";

/** What a thread needs to have one. */
export interface ThreadLibrary {
  /** What `require` loads: an absolute path. */
  readonly file: string;
  /**
   * Plain JavaScript: a function of `require`, the memory and `file` that gives what computes a piece of `libraryProduct`
   * (`assembly/library.ts`). It is text because a thread starts without a loader.
   */
  readonly source: string;
}

type Opening = (
  require: NodeJS.Require,
  memory: WasmMemory,
  file: ThreadLibrary["file"],
) => PieceFunction;

/**
 * What computes pieces in this thread.
 * @throws {Error} What loading the library throws.
 */
export function pieceFunction({ file, source }: ThreadLibrary, memory: WasmMemory): PieceFunction {
  const open = runInThisContext(source) as Opening; // the same text as in the other threads
  return open(createRequire(file), memory, file);
}
