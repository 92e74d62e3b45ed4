/** Errors for callers whom the type checker did not stop: plain JavaScript, casts, values read from elsewhere. */
import { ExpError } from "../core/errors.ts";
import { scrub } from "../core/secrets.ts";
import { formatPlace } from "../core/stack-frames.ts";
import type { CallSite } from "./call-site.ts";
import { layerData, definitionData, taskData } from "./definition.ts";
import { markerData } from "./markers.ts";

/**
 * The error of a wrong call: place first, then what was found and expected.
 * @param call - Where the call stands.
 * @param message - One sentence.
 * @param hint - What to do instead.
 */
export function misuse(call: CallSite, message: string, hint?: string): ExpError {
  const text = `${formatPlace(call)}: ${message}`;
  return new ExpError("config", text, hint === undefined ? {} : { hint });
}

/** What a value is, for "found …": `the string "abc"`, `a list`, `the marker choice()`, `an object of class Date`. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return `the string ${shortText(value)}`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return describeObject(value);
}

/** Tells whether a value can be called, for arguments that types promise to be functions. */
export function isFunction(value: unknown): value is (...parameters: unknown[]) => unknown {
  return typeof value === "function";
}

function describeObject(value: object): string {
  const marker = markerData(value);
  if (marker) return `the marker ${marker.kind}()`;
  if (definitionData(value)) return "a definition";
  const layer = layerData(value);
  if (layer?.kind === "patch") return "a fragment";
  if (layer) {
    const name = layer.kind === "space" ? layer.space.form : layer.kind;
    return `what ${name}() gave back`;
  }
  if (taskData(value)) return "a task";
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const name = prototype?.constructor?.name;
  if (prototype === null || prototype === Object.prototype || typeof name !== "string") {
    return "an object";
  }
  return `an object of class ${name}`;
}

function shortText(whole: string): string {
  const text = scrub(whole); // before it is cut
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
