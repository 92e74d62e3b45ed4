/** Places of problems and assignments as origins: file relative to the project, line and column. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallSite } from "../config/call-site.ts";
import { markerData } from "../config/markers.ts";
import type { Origin } from "../core/errors.ts";
import { startsWith, type Path } from "../core/path.ts";
import type { Assignment, Assignments } from "./assignments.ts";
import { writtenPath } from "./deprecated.ts";
import { createKeyFinder, type KeyFinder } from "./find-key.ts";
import type { Layer } from "./layers.ts";
import { loadParser } from "./load-parser.ts";
import { projectLocation } from "./locations.ts";
import type { SourceFile } from "./module-loader.ts";
import type { Place } from "./problems.ts";

export interface Origins {
  /**
   * The origin of a value that an assignment gave a path; the path may lie below the assignment's own. Of the command line
   * it is the argument as a whole.
   */
  ofAssignment(assignment: Assignment, path: Path): Origin;
  ofPlace(place: Place, assignments: Assignments): Origin;
}

export interface OriginsRequest {
  readonly projectDirectory: string;
  /** Texts as they were evaluated; others are read from disk. */
  readonly sources: readonly SourceFile[];
}

/** Loads the parser; where it cannot run on this machine, calls are the nearest places that are known. */
export async function createOrigins({
  projectDirectory,
  sources,
}: OriginsRequest): Promise<Origins> {
  const texts = new Map(sources.map(({ path, text }) => [join(projectDirectory, path), text]));
  const finder = await loadFinder((file) => texts.get(file) ?? readText(file));
  const source = ({ file, line, column }: CallSite, isKey: boolean): Origin => {
    return { kind: "source", file: projectLocation(file, projectDirectory), line, column, isKey };
  };
  const ofLayer = (layer: Layer, path: Path, call?: CallSite): Origin => {
    if (layer.source.kind === "commandLine")
      return { kind: "commandLine", text: layer.source.text };
    const found = finder?.find(
      layer.source.call,
      layer.source.literal,
      writtenPath(path, layer.moved ?? []),
    );
    if (found?.isKey === true) return source(found, true);
    if (call !== undefined) return source(call, true); // a marker knows its own line
    return found === undefined ? source(layer.source.call, false) : source(found, false);
  };
  const ofAssignment = ({ layer, value, path: own, axis }: Assignment, path: Path): Origin => {
    if (axis?.path !== undefined) return ofLayer(layer, axis.path, axis.marker.call);
    const call = markerData(value)?.call;
    // Where a value stands inside of a list that was changed since, is known only up to what wrote it.
    const isInside = call === undefined && startsWith(path, own);
    return ofLayer(layer, isInside ? path : own, call);
  };
  return {
    ofAssignment: (assignment, path) => {
      const { source } = assignment.layer;
      if (source.kind !== "commandLine") return ofAssignment(assignment, path);
      return { kind: "commandLine", text: source.argument ?? source.text };
    },
    ofPlace(place, assignments) {
      if (place.kind === "call") return source(place.call, true);
      if (place.kind === "layer") return ofLayer(place.layer, place.path);
      const own = place.assignments ?? assignments;
      const setter = place.below === true ? own.lastAround(place.path) : own.setter(place.path);
      if (setter === undefined) return { kind: "default" };
      const isBelow = setter.path.length > place.path.length;
      return ofAssignment(setter, isBelow ? setter.path : place.path);
    },
  };
}

async function loadFinder(
  readText: (file: string) => string | undefined,
): Promise<KeyFinder | undefined> {
  const parser = await loadParser();
  return parser && createKeyFinder(parser, readText);
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
