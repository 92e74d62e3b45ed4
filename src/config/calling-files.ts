/**
 * Through which files a function was called, from its caller up to the module whose evaluation made the call: the code
 * that a task was put together by. A helper in one file may be handed a function that another file imports, so the
 * nearest caller alone would say too little.
 */
import { compiledPlace, framesAbove, sourcePlace, type Callable } from "../core/stack-frames.ts";
import { isUserFile } from "../core/user-files.ts";

/** Node's loaders, of CommonJS and ES modules: above them stand the modules that import, which are not asked for. */
const loaderFolder = "node:internal/modules/";

/**
 * The users' own files through which `above` was called, innermost first, each once; source-mapped.
 * @param above - The function whose callers are asked for.
 * @returns Absolute paths; empty where only packages stand between the call and the loader.
 */
export function callingFiles(above: Callable): readonly string[] {
  const files = new Set<string>();
  for (const frame of framesAbove(above, Infinity)) {
    const compiled = compiledPlace(frame);
    if (compiled?.file.startsWith(loaderFolder) === true) break;
    if (!compiled || !isUserFile(compiled.file)) continue;
    files.add((sourcePlace(frame) ?? compiled).file);
  }
  return [...files];
}
