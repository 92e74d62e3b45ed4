/** The golden file of an experiment: its first config whole, and of each other run what differs from it. */
import { isPlainObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import { sha256 } from "../../core/hash.ts";
import type { ConfigSide } from "../../diff/configs.ts";
import { applyOperations } from "../../diff/value/apply.ts";
import { diffValues } from "../../diff/value/diff.ts";
import type { Operation } from "../../diff/value/operations.ts";
import { parseObject, prettyJson } from "../../store/json-file.ts";
import type { Evaluated, EvaluatedRun } from "../evaluate/messages.ts";

const format = "lockstep/resolved/1";

/** Of longer sweeps the first runs are kept; a digest tells whether all are the same. */
const maxRuns = 100;

/** What a snapshot says. */
export interface Snapshot {
  /** The experiment's file, relative to the project, with slashes. */
  readonly file: string;
  readonly numRuns: number;
  /** SHA-256 over the config hashes of all runs, a line each. */
  readonly digest: string;
  /** The first of them, at most 100. */
  readonly runs: readonly Pick<EvaluatedRun, "config" | "axisValues" | "configHash">[];
}

/** The bytes of the snapshot of an experiment: JSON with one text for one content, that people can read line by line. */
export function snapshotText(file: string, { task, runs }: Evaluated): string {
  const [first] = runs;
  const { name, version } = task;
  return prettyJson({
    format,
    experiment: file,
    task: { name, version },
    numRuns: runs.length,
    digest: digestOf(runs),
    ...(first !== undefined && { config: first.config }),
    runs: runs.slice(0, maxRuns).map((run, index) => runDocument(run, index === 0 ? run : first)),
  });
}

/** A snapshot as `readSnapshotText` would give it back. */
export function snapshotOf(file: string, { runs }: Evaluated): Snapshot {
  const kept = runs.slice(0, maxRuns);
  return { file, numRuns: runs.length, digest: digestOf(runs), runs: kept };
}

function digestOf(runs: readonly EvaluatedRun[]): string {
  return sha256(runs.map(({ configHash }) => `${configHash}\n`).join(""));
}

function runDocument(run: EvaluatedRun, first: EvaluatedRun | undefined): JsonObject {
  const { axisValues, configHash, config } = run;
  const changes = first === undefined ? [] : diffValues(first.config, config);
  return {
    configHash,
    ...(Object.keys(axisValues).length > 0 && { axisValues }),
    ...(changes.length > 0 && { changes: changes.map(operationDocument) }),
  };
}

function operationDocument({ path, item, ...rest }: Operation): JsonObject {
  return {
    ...(rest as Readonly<Record<string, JsonValue>>),
    path,
    ...(item !== undefined && { item: { field: item.field, name: item.name } }),
  };
}

/** What the text of a snapshot says; `undefined` for any other text, also for one that somebody edited by halves. */
export function readSnapshotText(text: string): Snapshot | undefined {
  const fields = parseObject(text);
  if (fields?.["format"] !== format) return undefined;
  const { experiment: file, numRuns, digest, config, runs } = fields;
  const isWhole =
    typeof file === "string" && typeof numRuns === "number" && typeof digest === "string";
  if (!isWhole || !isPlainObject(config) || !Array.isArray(runs)) return undefined;
  try {
    const read = runs.map((run) => readRun(run, config as JsonObject)); // parsed JSON
    return { file, numRuns, digest, runs: read };
  } catch {
    return undefined; // operations that do not fit
  }
}

function readRun(run: unknown, first: JsonObject): Snapshot["runs"][number] {
  const { configHash, axisValues = {}, changes = [] } = isPlainObject(run) ? run : {};
  if (typeof configHash !== "string" || !isPlainObject(axisValues) || !Array.isArray(changes)) {
    throw new TypeError("not a run of a snapshot");
  }
  const config = applyOperations(changes as readonly Operation[], first);
  if (!isPlainObject(config)) throw new TypeError("not a config");
  return { configHash, axisValues: axisValues as JsonObject, config };
}

/**
 * Two snapshots as sides of a comparison. What counts in a hash is not kept: where all hashes are equal, whatever differs
 * changes no result.
 */
export function snapshotSides(
  before: Snapshot,
  after: Snapshot,
): readonly [ConfigSide, ConfigSide] {
  const isEqual = before.digest === after.digest;
  const side = ({ runs }: Snapshot): ConfigSide => ({
    runs: runs.map(({ config, axisValues }) => {
      return { config, axisValues, identity: isEqual ? {} : config };
    }),
  });
  return [side(before), side(after)];
}
