import { createRequire } from "node:module";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { thrownCode } from "./thrown.ts";

/**
 * A module of ours, loaded when it is first needed. The command line transforms modules synchronously, through
 * `require`, where `import()` would reach Node's own loader: that knows no TypeScript, and in the packed package it
 * would load a second copy of everything. Without the command line (tests, a user's own script) `load` does it.
 * @param from - `import.meta.url` of the caller.
 * @param name - Relative name without its ending: `./run-training`.
 * @param load - `() => import("./run-training.ts")`: gives the type, and is what bundlers follow.
 */
export async function loadLater<Module>(
  from: string,
  name: string,
  load: () => Promise<Module>,
): Promise<Module> {
  if (Symbol.for("lockstep.requires/1") in globalThis) return required(from, name);
  try {
    return await load();
  } catch (error) {
    // Under a test runner that has a loader of its own, experiments and what they import come through `require`.
    if (thrownCode(error) === "ERR_UNKNOWN_FILE_EXTENSION") return required(from, name);
    throw error;
  }
}

function required<Module>(from: string, name: string): Module {
  const loaded: unknown = createRequire(from)(`${name}${extname(fileURLToPath(from))}`);
  return loaded as Module; // the same file that `load` names
}
