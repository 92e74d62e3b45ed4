/**
 * The data identity of each run of a plan. Runs that read the same files share one look at them: what a task's listing
 * reads of the config is watched, and a config that is equal in all of that has the same files.
 */
import type { JsonObject } from "../core/json.ts";
import type { ListDataFiles } from "../core/task.ts";
import { dataIdentity, type DataIdentity } from "../resolve/data-identity.ts";
import type { Resolution } from "../resolve/resolve.ts";
import type { Store } from "../store/store.ts";
import { checkpointFiles, checkpointOf } from "./checkpoint-place.ts";

export interface DataHasher {
  /** The data hash of a config, for planning. */
  plannedHash(config: JsonObject): Promise<string>;
  /** The same from the files as they are now, with the digest of each of the files, and its place. */
  currentFiles(config: JsonObject): Promise<Pick<DataIdentity, "dataHash" | "files" | "paths">>;
}

/** Hashes seen so far, by the names of the fields that the listing read and then by their values. */
type Known = Map<
  string,
  { readonly fields: readonly string[]; readonly hashes: Map<string, string> }
>;

/** What the hashes are made of: what the task's listing names, and the files of the checkpoint that a config names. */
export type DataHasherSource = Pick<Resolution, "task" | "projectDirectory"> & {
  /** Where a run that is named as a checkpoint is looked up. */
  readonly store: Store;
};

/**
 * @param cacheFile - Where digests of files are kept, absolute.
 * @throws {ExpError} `data`, from both functions, where a file is missing or cannot be read.
 */
export function createDataHasher(
  { task, projectDirectory, store }: DataHasherSource,
  cacheFile: string,
): DataHasher {
  const list = task.listDataFiles as ListDataFiles<JsonObject> | undefined; // for this task's configs
  const known: Known = new Map();
  const identityNow = async (config: JsonObject): Promise<DataIdentity> => {
    const read = (await list?.(config, projectDirectory)) ?? [];
    const checkpoint = checkpointOf(config, { store, projectDirectory });
    const files = checkpoint === undefined ? read : [...read, ...checkpointFiles(checkpoint)];
    return dataIdentity(files, cacheFile);
  };
  return {
    currentFiles: identityNow,
    plannedHash: async (config) => {
      const earlier = lookUp(known, config);
      if (earlier !== undefined) return earlier;
      const watched = watchReads(config);
      const { dataHash: hash } = await identityNow(watched.config);
      remember(known, { config, fields: watched.fields(), hash });
      return hash;
    },
  };
}

function lookUp(known: Known, config: JsonObject): string | undefined {
  for (const { fields, hashes } of known.values()) {
    const hash = hashes.get(valuesOf(config, fields));
    if (hash !== undefined) return hash;
  }
  return undefined;
}

interface Finding {
  readonly config: JsonObject;
  readonly fields: readonly string[];
  readonly hash: string;
}

function remember(known: Known, { config, fields, hash }: Finding): void {
  const name = JSON.stringify(fields);
  const entry = known.get(name) ?? { fields, hashes: new Map<string, string>() };
  entry.hashes.set(valuesOf(config, fields), hash);
  known.set(name, entry);
}

function valuesOf(config: JsonObject, fields: readonly string[]): string {
  return JSON.stringify(fields.map((field) => [config[field]]));
}

/** The config behind a proxy that notes which of its top-level fields are read. */
function watchReads(config: JsonObject): {
  readonly config: JsonObject;
  readonly fields: () => readonly string[];
} {
  const read = new Set<string>();
  const note = (key: string | symbol): void => {
    if (typeof key === "string") read.add(key);
  };
  const proxy = new Proxy(config, {
    get: (target, key) => {
      note(key);
      return Reflect.get(target, key) as unknown;
    },
    has: (target, key) => {
      note(key);
      return Reflect.has(target, key);
    },
    getOwnPropertyDescriptor: (target, key) => {
      note(key);
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
    ownKeys: (target) => {
      for (const key of Object.keys(target)) read.add(key);
      return Reflect.ownKeys(target);
    },
  });
  return { config: proxy, fields: () => [...read].toSorted() };
}
