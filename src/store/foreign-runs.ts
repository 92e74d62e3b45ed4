/**
 * Runs of other tools in `.foreign/<source>/<16 digits>/`: figures to be looked at beside one's own. They have no code, data
 * or environment of ours, so nothing executes them. Each is put there whole by one rename and never changed afterwards.
 */
import { basename, join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { sha256 } from "../core/hash.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject } from "./json-file.ts";
import { fileDigest } from "./manifest.ts";
import { isRunName, isSha256, runFiles } from "./run-layout.ts";

/** Where runs were taken from. */
export interface ForeignSource {
  /** The tool: `csv`, `tensorboard`, `mlflow`. */
  readonly kind: string;
  /** The file, folder or address, always the same text for the same one. */
  readonly place: string;
}

/** What is known of a run whatever its tool; what the tool does not say is absent. */
export interface ForeignFacts {
  readonly source: ForeignSource;
  /** As the source calls the run; once in a source. */
  readonly id: string;
  /** What the source shows people in place of the id. */
  readonly name?: string;
  readonly experiment: string;
  /** In the words of the tool. */
  readonly status?: string;
  /** ISO 8601. */
  readonly started?: string;
  readonly ended?: string;
  readonly tags: readonly string[];
}

/** Figures of a step. */
export interface ForeignRow {
  readonly step: number;
  readonly epoch?: number;
  /** By the names of the metrics; NaN and infinities are values like any other. */
  readonly values: ReadonlyMap<string, number>;
}

/** A run of another tool, whole. */
export interface ForeignRun extends ForeignFacts {
  readonly config: JsonObject;
  /** By ascending steps. */
  readonly rows: readonly ForeignRow[];
  /** What came out in the end, as the source sums it up. */
  readonly results: ReadonlyMap<string, number>;
}

/** A run of another tool as it lies in the store. */
export interface ForeignRecord extends ForeignFacts {
  /** SHA-256 of source and id. */
  readonly runKey: string;
  /** When it was imported: ISO 8601, UTC. */
  readonly imported: string;
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
}

/** Of `foreign.json`. */
export const foreignFormat = "lockstep/foreign/1";

/** The file that says what a foreign run is. */
export const foreignFile = "foreign.json";

const ownFiles = [runFiles.config, runFiles.metricsLog, runFiles.metrics] as const;

/** The folder of all foreign runs. */
export function foreignRoot(store: string): string {
  return join(store, ".foreign");
}

/** Tells whether a name in `.foreign/` is that of a source. */
export function isSourceName(name: string): boolean {
  return /^[a-z]{1,20}-[0-9a-f]{12}$/u.test(name);
}

/** The key by which a foreign run is found. */
export function foreignKey({ source, id }: Pick<ForeignFacts, "source" | "id">): string {
  return sha256(
    canonicalJson({ format: foreignFormat, kind: source.kind, place: source.place, id }),
  );
}

/** Folders of all foreign runs relative to the store, with forward slashes, by their names; links are left out. */
export function foreignDirectories(files: FileSystem, store: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const root = foreignRoot(store);
  if (files.status(root)?.kind !== "directory") return found;
  for (const source of files.list(root).filter(isSourceName)) {
    if (files.status(join(root, source))?.kind !== "directory") continue;
    for (const name of files.list(join(root, source)).filter(isRunName)) {
      found.set(name, `.foreign/${source}/${name}`);
    }
  }
  return found;
}

/** What a folder of `.foreign/` says of its run, or a sentence that says why it is none. */
export function readForeign(files: FileSystem, directory: string): ForeignRecord | string {
  if (files.status(directory)?.kind !== "directory") return "it is a link or a file";
  const path = join(directory, foreignFile);
  const text = files.status(path)?.kind === "file" ? files.readText(path) : undefined;
  const record = parseRecord(parseObject(text ?? "") ?? {});
  if (record === undefined) return `${foreignFile} cannot be read`;
  return record.runKey.startsWith(basename(directory)) && record.runKey === foreignKey(record)
    ? record
    : `it belongs to run key ${record.runKey}`;
}

/** The files of a foreign run whose bytes are not those that were imported. */
export function damagedForeignFiles(
  files: FileSystem,
  directory: string,
  record: ForeignRecord,
): readonly string[] {
  return ownFiles.filter(
    (path) =>
      fileDigest(files, join(directory, path)) !==
      record.files.find((file) => file.path === path)?.sha256,
  );
}

/** A text that changes with a foreign run; `-` where it cannot be told. */
export function foreignStamp(files: FileSystem, directory: string): string {
  const found = files.status(join(directory, foreignFile));
  return found === undefined ? "-" : `${found.changedMs}:${found.numBytes}`;
}

function parseRecord(fields: Record<string, unknown>): ForeignRecord | undefined {
  const { runKey, source, id, experiment, imported, files, tags } = fields;
  if (fields["format"] !== foreignFormat || !isSha256(runKey) || !isPlainObject(source))
    return undefined;
  const { kind, place } = source;
  const texts = [kind, place, id, experiment, imported];
  if (!texts.every((text) => typeof text === "string")) return undefined;
  if (!Array.isArray(files) || !Array.isArray(tags)) return undefined;
  return {
    runKey,
    source: { kind: String(kind), place: String(place) },
    id: String(id),
    experiment: String(experiment),
    imported: String(imported),
    tags: tags.filter((tag) => typeof tag === "string"),
    files: files.flatMap((file: unknown) => {
      const { path, sha256: digest } = isPlainObject(file) ? file : {};
      return typeof path === "string" && isSha256(digest) ? [{ path, sha256: digest }] : [];
    }),
    ...Object.fromEntries(
      ["name", "status", "started", "ended"].flatMap((name) =>
        typeof fields[name] === "string" ? [[name, fields[name]]] : [],
      ),
    ),
  };
}
