/** Frames of the call stack, and the places in source files that they stand for. */
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** A place in a file. */
export interface Place {
  /** Absolute path, or what the engine calls the script where there is no file. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number;
}

/** Any function, of whatever parameters: only its identity counts here. */
export type Callable = (...parameters: never[]) => unknown;

/** What the process says about its stacks. `prepareStackTrace` is absent unless somebody set it. */
interface StackSettings {
  stackTraceLimit: number;
  prepareStackTrace?: ((error: Error, frames: NodeJS.CallSite[]) => unknown) | undefined;
}

const settings: StackSettings = Error;

/**
 * The frames that called `above`, innermost first. They are structured: writing a stack as text, to read it again,
 * would cost many times more.
 * @param above - It and everything that it called are left out.
 * @param limit - Most frames to give back.
 */
export function framesAbove(above: Callable, limit: number): readonly NodeJS.CallSite[] {
  const holder: { stack?: unknown } = {};
  const frames = readFrames(() => {
    settings.stackTraceLimit = limit;
    Error.captureStackTrace(holder, above);
    return holder.stack;
  });
  return frames ?? [];
}

/** The frames of an error, innermost first; `undefined` where its stack was read before, and so is text for good. */
export function framesOf(error: Error): readonly NodeJS.CallSite[] | undefined {
  try {
    return readFrames(() => error.stack);
  } catch {
    return undefined; // somebody put a getter there that throws
  }
}

/** The engine makes a stack into what `prepareStackTrace` says when it is first read. */
function readFrames(readStack: () => unknown): readonly NodeJS.CallSite[] | undefined {
  const { prepareStackTrace, stackTraceLimit } = settings;
  try {
    settings.prepareStackTrace = (_error, frames) => frames;
    const stack = readStack();
    return Array.isArray(stack) ? (stack as NodeJS.CallSite[]) : undefined;
  } finally {
    settings.prepareStackTrace = prepareStackTrace;
    settings.stackTraceLimit = stackTraceLimit;
  }
}

/** What the host of the process (a test runner, say) makes of a frame in the text of a stack; `undefined` without one. */
export function hostText(frame: NodeJS.CallSite): unknown {
  return settings.prepareStackTrace?.(new Error("call site"), [frame]);
}

/** Where a frame stands in the text that the engine runs; `undefined` for native and nameless code. */
export function compiledPlace(frame: NodeJS.CallSite): Place | undefined {
  const name = scriptName(frame);
  return name ? { file: filePath(name), ...positionOf(frame) } : undefined;
}

/**
 * Where a frame stands in the text that its author wrote; `undefined` where no source map of it is registered
 * (`process.setSourceMapsEnabled(true)` before the module was loaded).
 */
export function sourcePlace(frame: NodeJS.CallSite): Place | undefined {
  const name = scriptName(frame);
  if (!name) return undefined;
  const { line, column } = positionOf(frame);
  const entry = findSourceMap(name)?.findEntry(line - 1, column - 1);
  if (!entry || !("originalSource" in entry) || !entry.originalSource) return undefined;
  const { originalSource, originalLine, originalColumn } = entry;
  return { file: filePath(originalSource), line: originalLine + 1, column: originalColumn + 1 };
}

/** The text of a place: `/home/ada/lab/experiments/wide.ts:12:3`. Terminals make a link of it. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** The path of a file that the engine names by path or by URL. */
export function filePath(nameOrUrl: string): string {
  return nameOrUrl.startsWith("file:") ? fileURLToPath(nameOrUrl) : nameOrUrl;
}

function scriptName(frame: NodeJS.CallSite): string | null {
  return frame.getFileName() ?? frame.getScriptNameOrSourceURL();
}

function positionOf(frame: NodeJS.CallSite): Pick<Place, "line" | "column"> {
  return { line: frame.getLineNumber() ?? 1, column: frame.getColumnNumber() ?? 1 };
}
