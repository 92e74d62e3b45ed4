/**
 * `inputs.lock.json`: external values as they were when somebody looked them up. It lies beside the project's package.json,
 * is committed, and holds nothing that differs between two look-ups of the same value.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { repeatedKey } from "../core/repeated-key.ts";
import { thrownMessage } from "../core/thrown.ts";
import { isPlainObject, type JsonValue } from "../core/json.ts";

/** One pinned value. */
export interface PinnedInput {
  readonly value: JsonValue;
  /** Of the value's canonical JSON: whoever changes the value by hand says so. */
  readonly sha256: string;
  /** The module that asked for it, relative to the project. */
  readonly source: string;
}

/** The pinned values by key. */
export type InputsLock = ReadonlyMap<string, PinnedInput>;

/** The file's name in the project's folder. */
export const lockFileName = "inputs.lock.json";

const format = "lockstep/inputs/1";

/**
 * The pinned values of a project; none where there is no file.
 * @throws {ExpError} `config` for a file that cannot be read or is no lock, with what is wrong with it.
 */
export function readLock(projectDirectory: string): InputsLock {
  const text = readText(join(projectDirectory, lockFileName));
  if (text === undefined) return new Map();
  const root = parse(text);
  if (!isPlainObject(root) || root["format"] !== format) {
    throw damaged(`its "format" is not "${format}"`);
  }
  const { inputs } = root;
  if (!isPlainObject(inputs)) throw damaged('"inputs" is not an object');
  return new Map(Object.entries(inputs).map(([key, entry]) => [key, checkEntry(key, entry)]));
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw damaged(`it cannot be read (${thrownMessage(error)})`);
  }
}

function parse(text: string): unknown {
  refuseConflict(text);
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw damaged(`it is not JSON (${thrownMessage(error)})`);
  }
  const repeated = repeatedKey(text);
  if (repeated === undefined) return root;
  const { key, line } = repeated;
  throw damaged(`the key ${JSON.stringify(key)} stands a second time in line ${line}`);
}

/** What Git leaves in a file that two branches changed. */
const conflictMark = /^(?:<{7}|>{7}|={7})(?: |\r?$)/mu;

function refuseConflict(text: string): void {
  const mark = conflictMark.exec(text);
  if (mark === null) return;
  const line = text.slice(0, mark.index).split("\n").length;
  throw new ExpError("config", `${lockFileName}:${line}: a merge conflict is not resolved.`, {
    hint: `Take either side: git checkout --ours ${lockFileName}, or --theirs; exp inputs update FILE then looks up what that side lacks.`,
  });
}

function checkEntry(key: string, entry: unknown): PinnedInput {
  const place = `the entry ${JSON.stringify(key)}`;
  if (!isPlainObject(entry) || !("value" in entry)) throw damaged(`${place} has no value`);
  const { value, sha256: digest, source } = entry;
  if (typeof digest !== "string") throw damaged(`${place} has no sha256`);
  if (typeof source !== "string") throw damaged(`${place} has no source`);
  return { value: value as JsonValue, sha256: digest, source }; // it was parsed from JSON
}

function damaged(reason: string): ExpError {
  return new ExpError("config", `${lockFileName} is damaged: ${reason}.`, {
    hint: `Take the committed file back, or delete it and run: exp inputs update FILE`,
  });
}

/** The digest that an entry of this value must have. */
export function pinnedDigest(value: JsonValue): string {
  return sha256(canonicalJson(value));
}

/**
 * Writes the lock as a whole, entries by key in code-unit order.
 * @throws {ExpError} `environment` where the file cannot be written.
 */
export function writeLock(projectDirectory: string, lock: InputsLock): void {
  const file = join(projectDirectory, lockFileName);
  const inputs = Object.fromEntries([...lock].map(([key, entry]) => [key, { ...entry }]));
  const text = JSON.stringify(JSON.parse(canonicalJson({ format, inputs })), null, 2);
  const temporary = `${file}.new`;
  try {
    writeFileSync(temporary, `${text}\n`);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = thrownMessage(error);
    throw new ExpError("environment", `${lockFileName} cannot be written: ${reason}.`, {
      cause: error,
    });
  }
}
