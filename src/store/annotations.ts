/**
 * `.annotations/<run>/`: what is said about a run after it was published, since the run itself never changes. One file a
 * saying, made once and never written to again, so that any number of processes on any number of hosts need no lock.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { InternalError } from "../core/errors.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { scrubValue } from "../core/secrets.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { annotationsOf, annotationsRoot, isSha256 } from "./run-layout.ts";

/** Something that was said about a run. */
export interface Annotation {
  readonly runKey: string;
  /** Lower-case words with hyphens. The store's own: `duplicate` and `conflict`, from another attempt at the run. */
  readonly kind: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly facts: JsonObject;
}

/** What was said about a run, the oldest first, and the files among it that cannot be read. */
export interface AnnotationList {
  readonly annotations: readonly Annotation[];
  /** Absolute. */
  readonly damaged: readonly string[];
}

const kindPattern = /^[a-z][a-z0-9-]{0,39}$/;
const namePattern = /^[0-9]{8}T[0-9]{9}Z-[a-z][a-z0-9-]*\.json$/;

/**
 * Says something about a run, durably.
 * @returns The new file, absolute.
 */
export function addAnnotation(files: FileSystem, store: string, annotation: Annotation): string {
  const { runKey, kind, time, facts } = annotation;
  if (!kindPattern.test(kind)) {
    throw new InternalError(`${JSON.stringify(kind)} is no kind of annotation`);
  }
  const folder = annotationsOf(store, runKey);
  files.ensureRoot(store);
  files.ensureDirectory(annotationsRoot(store));
  files.ensureDirectory(folder);
  const stamp = time.replace(/[-:.]/g, "");
  const path = join(folder, `${stamp}-${kind}-${randomUUID().slice(0, 8)}.json`);
  const document = { format: "lockstep/annotation/1", runKey, kind, time, facts };
  files.writeFile(path, prettyJson(scrubValue(document)), "bytes");
  files.syncUp(folder, store);
  return path;
}

/** Everything that was said about a run. */
export function listAnnotations(files: FileSystem, store: string, runKey: string): AnnotationList {
  const folder = annotationsOf(store, runKey);
  const annotations: Annotation[] = [];
  const damaged: string[] = [];
  for (const name of files.list(folder).filter((file) => namePattern.test(file))) {
    const annotation = readAnnotation(files, join(folder, name));
    if (annotation?.runKey === runKey) annotations.push(annotation);
    else damaged.push(join(folder, name));
  }
  return { annotations, damaged };
}

/** What a file of annotations says, `undefined` where it is damaged. */
export function readAnnotation(files: FileSystem, path: string): Annotation | undefined {
  const text = files.status(path)?.kind === "file" ? files.readText(path) : undefined;
  const { format, runKey, kind, time, facts } = parseObject(text ?? "") ?? {};
  const isWhole =
    format === "lockstep/annotation/1" &&
    isSha256(runKey) &&
    typeof kind === "string" &&
    kindPattern.test(kind) &&
    typeof time === "string" &&
    isPlainObject(facts);
  return isWhole ? { runKey, kind, time, facts: facts as JsonObject } : undefined; // parsed JSON
}
