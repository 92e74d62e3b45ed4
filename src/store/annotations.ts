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
import { requireRealFolders } from "./real-folders.ts";
import { annotationsOf, annotationsRoot, isSha256 } from "./run-layout.ts";
import { millisecondAfter } from "./times.ts";

/** Something that was said about a run. */
export interface Annotation {
  readonly runKey: string;
  /** Lower-case words with hyphens. The store's own: `duplicate` and `conflict`, from another attempt at the run. */
  readonly kind: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly facts: JsonObject;
}

/** Something that was said, and where it is kept. */
interface KeptAnnotation extends Annotation {
  /** Name in the folder of the run's annotations. */
  readonly file: string;
}

/** What was said about a run, the oldest first, and the files among it that cannot be read. */
export interface AnnotationList {
  readonly annotations: readonly KeptAnnotation[];
  /** Absolute. */
  readonly damaged: readonly string[];
}

const kindPattern = /^[a-z][a-z0-9-]{0,39}$/;
const namePattern = /^[0-9]{8}T[0-9]{9}Z-[a-z][a-z0-9-]*\.json$/;

/**
 * Says something about a run, durably. The file is moved into its folder from the folder above: one step changes both, so
 * whoever keeps what was said in an index sees by `.annotations/` alone that something is new.
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
  const name = `${stampOf(time)}-${kind}-${randomUUID().slice(0, 8)}.json`;
  const [temporary, path] = [join(annotationsRoot(store), `.new-${name}`), join(folder, name)];
  const document = { format: "lockstep/annotation/1", runKey, kind, time, facts };
  files.writeFile(temporary, prettyJson(scrubValue(document)), "bytes");
  // Who removes the run meanwhile takes the folder along: what is said then is beside what may be put back.
  while (files.claim(temporary, path) === "no-parent") files.ensureDirectory(folder);
  files.syncUp(folder, store);
  return path;
}

/** About which run something is said, and when by our clock. */
export interface NextSaying {
  readonly runKey: string;
  readonly now: Date;
}

/**
 * A time for what is said about a run now: after all that was said before, also where the clock of whoever said it was
 * ahead of ours. Of a tag that is added and taken away, the later word counts.
 */
export function nextTime(files: FileSystem, store: string, saying: NextSaying): string {
  const { runKey, now } = saying;
  const last = files
    .list(annotationsOf(store, runKey))
    .findLast((name) => namePattern.test(name))
    ?.slice(0, stampLength);
  const time = now.toISOString();
  if (last === undefined || last < stampOf(time)) return time;
  return millisecondAfter(last.replace(stampParts, "$1-$2-$3T$4:$5:$6.$7Z")) ?? time;
}

const stampParts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z$/;
const stampLength = "20260102T030405678Z".length;

/** An ISO time as the names of files begin with it: equal orders. */
function stampOf(time: string): string {
  return time.replace(/[-:.]/g, "");
}

/** Everything that was said about a run. */
export function listAnnotations(files: FileSystem, store: string, runKey: string): AnnotationList {
  const folder = annotationsOf(store, runKey);
  requireRealFolders(files, store, folder);
  const annotations: KeptAnnotation[] = [];
  const damaged: string[] = [];
  for (const name of files.list(folder).filter((file) => namePattern.test(file))) {
    const annotation = readAnnotation(files, join(folder, name));
    if (annotation?.runKey === runKey) annotations.push({ ...annotation, file: name });
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
