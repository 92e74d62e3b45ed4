/** What stands in `${…}`: the path of another value of the config, from its root or from where the reference stands. */
import { parsePath } from "../core/path.ts";
import type { ReferencePart } from "./markers.ts";
import { overrideError, type Cursor } from "./override-cursor.ts";
import { refuseForbiddenKey } from "./override-key.ts";

/** `a.0.b` means `a[0].b`, as in the path of an override. */
const dottedIndex = /\.(0|[1-9]\d{0,14})(?=[.[]|$)/g;

/**
 * The path of a reference; dots in front of it make it relative: `${.x}` stands beside the value, `${..x}` one above.
 * @throws {ExpError} `usage` for anything else: functions, references in references.
 */
export function referencePath(
  cursor: Cursor,
  { reference, position }: { readonly reference: string; readonly position: number },
): Exclude<ReferencePart, string> {
  const text = reference.trim();
  const up = text.length - text.replace(/^\.+/, "").length;
  const path = parsePath(text.slice(up).replace(dottedIndex, "[$1]"));
  if (path === undefined || path.length === 0) {
    const message = `a reference takes the path of a value, as in \${optimizer.learningRate}.`;
    throw overrideError(cursor, { position, message, hint: hintFor(reference) });
  }
  for (const part of path) refuseForbiddenKey(cursor, String(part), position);
  return Object.freeze({ path: Object.freeze(path), ...(up > 0 && { up }) });
}

function hintFor(reference: string): string {
  if (reference.startsWith("${")) return "It has no end: a } is missing.";
  if (reference.includes("${")) {
    return "A reference cannot hold another one; compute with derived((c) => …) in the experiment.";
  }
  if (/^[\w.]+:/.test(reference)) {
    return "There are no functions in references: env(), external() and derived() stand in the experiment.";
  }
  return "A backslash before the $ makes it literal, in quotes: 'note=\"\\${x}\"'.";
}
