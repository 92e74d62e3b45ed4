/**
 * Where in the source a function of the configuration language was called. Every marker, layer and definition records
 * it, so that an error, `explain` and the provenance of a run can name file, line and column.
 */
import { findSourceMap } from "node:module";
import { fileURLToPath } from "node:url";

/** A place in a source file as its author sees it: TypeScript, not what was compiled from it. */
export interface CallSite {
  /** Absolute path, or what the engine calls the script where there is no file. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in UTF-16 code units. */
  readonly column: number;
}

/** Any function, of whatever parameters: only its identity counts here. */
type Callable = (...parameters: never[]) => unknown;

type FormatStack = (error: Error, frames: NodeJS.CallSite[]) => unknown;

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
  const formatStack = Error.prepareStackTrace;
  const frame = callerFrame(above);
  const name = frame?.getFileName() ?? frame?.getScriptNameOrSourceURL();
  if (!frame || !name) return unknownPlace;
  const compiled = {
    file: toPath(name),
    line: frame.getLineNumber() ?? 1,
    column: frame.getColumnNumber() ?? 1,
  };
  return (
    mappedByNode(name, compiled) ?? mappedByHost(formatStack, frame, compiled.file) ?? compiled
  );
}

/** The text of a place: `/home/ada/lab/experiments/wide.ts:12:3`. */
export function formatCallSite(call: CallSite): string {
  return `${call.file}:${call.line}:${call.column}`;
}

/** The frame that called `above`, structured: writing a whole stack as text would cost many times more. */
function callerFrame(above: Callable): NodeJS.CallSite | undefined {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_error, frames) => frames;
    Error.stackTraceLimit = 1;
    Error.captureStackTrace(holder, above);
    const frames = holder.stack; // made on this first read, so it must stand inside `try`
    return Array.isArray(frames) ? (frames[0] as NodeJS.CallSite | undefined) : undefined;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function mappedByNode(name: string, compiled: CallSite): CallSite | undefined {
  const entry = findSourceMap(name)?.findEntry(compiled.line - 1, compiled.column - 1);
  if (!entry || !("originalSource" in entry) || !entry.originalSource) return undefined;
  const { originalSource, originalLine, originalColumn } = entry;
  return { file: toPath(originalSource), line: originalLine + 1, column: originalColumn + 1 };
}

/**
 * A test runner that evaluates modules itself keeps its source maps to itself, but formats stacks with them. It says
 * the same file as the frame does, so only line and column are read: a path may hold any character.
 */
function mappedByHost(
  formatStack: FormatStack | undefined,
  frame: NodeJS.CallSite,
  file: string,
): CallSite | undefined {
  const text = formatStack?.(new Error("call site"), [frame]);
  const match = typeof text === "string" ? /:(\d+):(\d+)\)?$/m.exec(text) : null;
  return match ? { file, line: Number(match[1]), column: Number(match[2]) } : undefined;
}

function toPath(nameOrUrl: string): string {
  return nameOrUrl.startsWith("file:") ? fileURLToPath(nameOrUrl) : nameOrUrl;
}
