/** Evaluating an experiment twice must give the same bytes; what does not is told with the line that wrote it. */
import { setTimeout } from "node:timers/promises";
import { canonicalJson } from "../core/canonical-json.ts";
import { formatOrigin } from "../core/errors.ts";
import { isPlainObject, type JsonValue } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { sealAmbient } from "../random/seal.ts";
import { createOrigins, type Origins } from "../resolve/origins.ts";
import {
  resolveExperiment,
  type Resolution,
  type ResolvedRun,
  type ResolveRequest,
} from "../resolve/resolve.ts";

/** One value as one of the two evaluations gave it. */
export interface EvaluatedValue {
  /** Absent where the evaluation gave none. */
  readonly value?: JsonValue;
  /** `experiments/bert-lr.ts:12:5`. */
  readonly origin: string;
}

/** A place that differs between two evaluations of one experiment. */
export interface Impurity {
  /** Path in the config; empty where the number of runs differs. */
  readonly path: string;
  /** Position of the first run that has it, from 0. */
  readonly run: number;
  readonly first: EvaluatedValue;
  readonly second: EvaluatedValue;
}

/** Longer than any clock's tick. */
const pauseMs = 25;

/**
 * Evaluates an experiment two times, each with all its modules anew, and compares the configs of all runs. Between the
 * two some time passes, and in the second one the time zone is another, folders list their files the other way round to
 * packages, and every function of `derived(…)` was called for each run before, the last run first: what hangs on any of
 * this, or on the other runs of the plan, shows.
 * @returns Every place that differs, once; empty for an experiment that always gives the same.
 * @throws {ExpError} as `resolveExperiment`, from either evaluation.
 */
export async function compareEvaluations(
  request: Omit<ResolveRequest, "seal" | "rehearse">,
): Promise<readonly Impurity[]> {
  const first = await resolveExperiment({ ...request, seal: sealAmbient });
  await setTimeout(pauseMs);
  const reversed: ResolveRequest["seal"] = (scope) =>
    sealAmbient({ ...scope, reverseListings: true });
  const second = await elsewhere(() =>
    resolveExperiment({ ...request, seal: reversed, rehearse: true }),
  );
  const isSame =
    first.runs.length === second.runs.length &&
    first.runs.every(
      ({ config }, run) => canonicalJson(config) === canonicalJson(second.runs[run]?.config),
    );
  return isSame ? [] : describeAll(first, second);
}

/** In a time zone at the other side of the world: Kiritimati, and Niue where the process is there already. */
async function elsewhere<Result>(work: () => Promise<Result>): Promise<Result> {
  const { TZ } = process.env;
  process.env["TZ"] = TZ === "Pacific/Kiritimati" ? "Pacific/Niue" : "Pacific/Kiritimati";
  try {
    return await work();
  } finally {
    if (TZ === undefined) delete process.env["TZ"];
    else process.env["TZ"] = TZ;
  }
}

async function describeAll(first: Resolution, second: Resolution): Promise<readonly Impurity[]> {
  const origins = [await createOrigins(first), await createOrigins(second)] as const;
  const found = new Map<string, Impurity>();
  const [numFirst, numSecond] = [first.runs.length, second.runs.length];
  if (numFirst !== numSecond) {
    found.set("", {
      path: "",
      run: 0,
      first: { value: numFirst, origin: `${numFirst} runs` },
      second: { value: numSecond, origin: `${numSecond} runs` },
    });
  }
  for (const [run, one] of first.runs.entries()) {
    const other = second.runs[run];
    if (other === undefined) break;
    for (const path of differingPaths(one.config, other.config, [])) {
      const name = formatPath(path);
      if (found.has(name)) continue;
      found.set(name, {
        path: name,
        run,
        first: evaluated(one, path, origins[0]),
        second: evaluated(other, path, origins[1]),
      });
    }
  }
  return [...found.values()];
}

function evaluated(
  { config, assignments }: ResolvedRun,
  path: Path,
  origins: Origins,
): EvaluatedValue {
  const origin = formatOrigin(origins.ofPlace({ kind: "setter", path, below: true }, assignments));
  let value: JsonValue | undefined = config;
  for (const part of path) value = childOf(value, part);
  return value === undefined ? { origin } : { value, origin };
}

function childOf(value: JsonValue | undefined, part: string | number): JsonValue | undefined {
  if (Array.isArray(value)) return (value as readonly JsonValue[])[Number(part)];
  return isPlainObject(value) && Object.hasOwn(value, part) ? value[part] : undefined;
}

/** Objects are gone into; lists are told as a whole. */
function differingPaths(
  first: JsonValue | undefined,
  second: JsonValue | undefined,
  path: Path,
): readonly Path[] {
  if (isPlainObject(first) && isPlainObject(second)) {
    const keys = new Set([...Object.keys(first), ...Object.keys(second)]);
    return [...keys].flatMap((key) =>
      differingPaths(childOf(first, key), childOf(second, key), [...path, key]),
    );
  }
  const text = (value: JsonValue | undefined): string =>
    value === undefined ? "" : canonicalJson(value);
  return text(first) === text(second) ? [] : [path];
}
