/** What went wrong while a module was loaded, as an error that names the user's own line and never shows a stack. */
import { readdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { ExpError, InternalError, isExpError } from "../core/errors.ts";
import {
  compiledPlace,
  filePath,
  formatPlace,
  framesOf,
  sourcePlace,
  type Place,
} from "../core/stack-frames.ts";
import { isThrown, thrownStack, thrownText } from "../core/thrown.ts";
import { nearest } from "../core/suggest.ts";
import { isUserFile } from "../core/user-files.ts";
import { importLoop } from "./import-loop.ts";
import { missingExport } from "./missing-export.ts";
import { projectLocation } from "./locations.ts";

/** The error to be thrown in place of what loading `file` threw. */
export function moduleError(error: unknown, file: string, projectDirectory: string): Error {
  const show = (path: string): string => projectLocation(path, projectDirectory);
  if (isExpError(error)) return withLoop(relativeError(error, projectDirectory), file, show);
  if (isThrown(error, InternalError)) return error;
  if (!isReadableError(error)) {
    return new ExpError("module", `${show(file)}: the module threw ${thrownText(error)}.`, {
      hint: "Throw an Error, which says where it was made.",
    });
  }
  return (
    syntaxError(error, show) ??
    notFoundError(error, show) ??
    unknownExport(error, show) ??
    withLoop(
      new ExpError("module", `${placeOf(error, file, show)}: ${error.name}: ${error.message}`, {
        hint: "The module could not be evaluated.",
        cause: error,
      }),
      file,
      show,
    )
  );
}

/** Getters and traps of a thrown object may throw themselves; nothing of such a one is looked at. */
function isReadableError(error: unknown): error is Error {
  try {
    return (
      error instanceof Error &&
      [error.name, error.message].every((text) => typeof text === "string")
    );
  } catch {
    return false;
  }
}

/** Where modules import each other, that is the likeliest reason for something that is not there. */
function withLoop(error: ExpError, file: string, show: Show): ExpError {
  if (!/undefined|before initialization|is not a function/.test(error.message)) return error;
  const loop = importLoop(file);
  if (loop === undefined) return error;
  const { code, message, issues, cause } = error;
  const hint = `These modules import each other, so one finds the other empty: ${loop.map(show).join(" → ")}. Move what both need into a third.`;
  return new ExpError(code, message, { issues, hint, cause });
}

type Show = (path: string) => string;

function placeOf(error: Error, file: string, show: Show): string {
  const frame = userFrame(error);
  return frame === undefined ? show(file) : formatPlace({ ...frame, file: show(frame.file) });
}

/** esbuild writes one line an error, with columns counted from 0. */
const syntaxLine = /^(.+):(\d+):(\d+): ERROR: (.+)$/gm;

function syntaxError(error: Error, show: Show): ExpError | undefined {
  const lines = [...error.message.matchAll(syntaxLine)].map(
    ([, file = "", line, column, text]) => `${show(file)}:${line}:${Number(column) + 1}: ${text}`,
  );
  if (lines.length === 0) return undefined;
  return new ExpError("module", lines.join("\n"), {
    hint: "The module is not valid TypeScript.",
    cause: error,
  });
}

function notFoundError(error: Error, show: Show): ExpError | undefined {
  const code = "code" in error ? error.code : undefined;
  if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED") {
    return new ExpError("module", error.message, { cause: error });
  }
  if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND") return undefined;
  const [, wanted = ""] = /Cannot find (?:module|package) '([^']+)'/.exec(error.message) ?? [];
  const importer = importerOf(error);
  const where = importer === undefined ? "" : `${show(importer)}: `;
  if (/^\.{0,2}\//.test(wanted) || wanted.startsWith("file:")) {
    const missing = missingFile(wanted, importer);
    const suggestion = nearest(basename(missing), namesIn(dirname(missing)));
    const message = `${where}imports ${wanted}, which does not exist.`;
    const hint = suggestion === undefined ? undefined : `Did you mean ${suggestion}?`;
    return new ExpError("module", message, { cause: error, ...(hint && { hint }) });
  }
  return new ExpError("module", `${where}imports the package ${wanted}, which is not installed.`, {
    hint: "Install it in the project, or correct its name.",
    cause: error,
  });
}

function unknownExport(error: Error, show: Show): ExpError | undefined {
  const frame = error instanceof TypeError ? userFrame(error) : undefined;
  const missing = frame && missingExport(frame);
  if (frame === undefined || missing === undefined) return undefined;
  const { name, from, suggestion } = missing;
  const where = formatPlace({ ...frame, file: show(frame.file) });
  const message = `${where}: ${name} is imported from ${JSON.stringify(from)}, which does not export it.`;
  const hint = suggestion === undefined ? "Correct its name." : `Did you mean ${suggestion}?`;
  return new ExpError("module", message, { hint, cause: error });
}

/** Calls are known by absolute paths; what is shown is relative to the project. */
function relativeError(error: ExpError, projectDirectory: string): ExpError {
  const start = `${projectDirectory}/`;
  if (!error.message.includes(start)) return error;
  const { code, message, issues, hint, cause } = error;
  const facts = { issues, cause, ...(hint === undefined ? {} : { hint }) };
  return new ExpError(code, message.replaceAll(start, ""), facts);
}

function missingFile(wanted: string, importer: string | undefined): string {
  return resolve(importer === undefined ? "." : dirname(importer), filePath(wanted));
}

function importerOf(error: Error): string | undefined {
  const stack: unknown = "requireStack" in error ? error.requireStack : undefined;
  if (Array.isArray(stack) && typeof stack[0] === "string") return stack[0];
  const [, importer] = /imported from (\S.*?)(?:$|\n)/.exec(error.message) ?? [];
  return importer === undefined ? undefined : filePath(importer);
}

/** The names in a folder; none where it does not exist. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** The innermost frame of users' own code, source-mapped; `undefined` where the error never passed through any. */
function userFrame(error: Error): Place | undefined {
  const frames = framesOf(error);
  if (!frames) return (thrownStack(error) ?? "").split("\n").map(parseFrame).find(isUsers);
  const frame = frames.find((candidate) => isUsers(compiledPlace(candidate)));
  return frame && (sourcePlace(frame) ?? compiledPlace(frame));
}

function isUsers(place: Place | undefined): place is Place {
  return place !== undefined && isUserFile(place.file);
}

function parseFrame(text: string): Place | undefined {
  const match = /^\s+at (?:.*\()?((?:file:\/\/)?\/.+):(\d+):(\d+)\)?$/.exec(text);
  if (match === null) return undefined;
  const [, name = "", line, column] = match;
  return { file: filePath(name), line: Number(line), column: Number(column) };
}
