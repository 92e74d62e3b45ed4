/**
 * Where in the source a function of the configuration language was called. Every marker, layer and definition records
 * it, so that an error, `explain` and the provenance of a run can name file, line and column.
 */
import {
  compiledPlace,
  framesAbove,
  hostText,
  sourcePlace,
  type Callable,
  type Place,
} from "../core/stack-frames.ts";

/** A place in a source file as its author sees it: TypeScript, not what was compiled from it. */
export type CallSite = Place;

/** Where callers without a name (evaluated strings) are said to be. */
const unknownPlace: CallSite = { file: "<unknown>", line: 1, column: 1 };

/**
 * The place from which `above` was called, source-mapped.
 * @param above - The function whose caller is asked for; it and everything that it called are left out.
 * @returns Exact line and column where a source map is registered (`process.setSourceMapsEnabled(true)` before the
 *   module was loaded), where the host maps stacks itself (vitest), or where none is needed; else the place in the
 *   compiled text.
 */
export function callSite(above: Callable): CallSite {
  const [frame] = framesAbove(above, 1);
  const compiled = frame && compiledPlace(frame);
  if (!compiled) return unknownPlace;
  return sourcePlace(frame) ?? mappedByHost(frame, compiled.file) ?? compiled;
}

/**
 * A test runner that evaluates modules itself keeps its source maps to itself, but formats stacks with them. It says
 * the same file as the frame does, so only line and column are read: a path may hold any character.
 */
function mappedByHost(frame: NodeJS.CallSite, file: string): CallSite | undefined {
  const text = hostText(frame);
  const match = typeof text === "string" ? /:(\d+):(\d+)\)?$/m.exec(text) : null;
  return match ? { file, line: Number(match[1]), column: Number(match[2]) } : undefined;
}
