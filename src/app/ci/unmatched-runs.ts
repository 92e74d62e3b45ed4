/** Finished runs whose config is no longer what their experiment gives. */
import { basename, extname } from "node:path";
import { isExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import type { CiDocument, CiRun } from "../../diff/document/ci-document.ts";
import { redacted } from "../../store/redact.ts";
import { numKeyDigits, runFiles } from "../../store/run-layout.ts";
import type { Evaluation, Sides } from "../diff/evaluate-trees.ts";
import { readRunObject } from "../run-files.ts";

/** What each experiment gave without overrides, by its file relative to the project; absent on a side that has it not. */
export type HashesByFile = ReadonlyMap<string, Evaluated>;

interface Evaluated {
  readonly before?: Evaluation;
  readonly after?: Evaluation;
}

/** What of a finished run is looked at. */
export interface FinishedRun {
  /** Absolute. */
  readonly directory: string;
  readonly runKey: string;
  readonly manifest: { readonly identities: { readonly configHash: string } };
}

export interface RunsRequest {
  /** What a store lists. */
  readonly finished: {
    readonly runs: readonly FinishedRun[];
    readonly damaged: readonly unknown[];
  };
  readonly hashes: HashesByFile;
  readonly sides: Sides;
}

/** Looks at every finished run: its experiment is resolved with the overrides that the run was asked for with. */
export async function unmatchedRuns(request: RunsRequest): Promise<CiDocument["runs"]> {
  const { runs, damaged } = request.finished;
  const lookUp = createLookUp(request);
  const unmatched: CiRun[] = [];
  for (const run of runs) {
    const found = await matchRun(run, request.hashes, lookUp);
    if (found !== undefined) unmatched.push(found);
  }
  return { numChecked: runs.length, numDamaged: damaged.length, unmatched };
}

type LookUp = (file: string, overrides: readonly string[]) => Promise<Evaluated>;

/** Many runs of a sweep were asked for by one command. */
function createLookUp({ hashes, sides }: RunsRequest): LookUp {
  const known = new Map<string, Promise<Evaluated>>();
  const evaluate = async (file: string, overrides: readonly string[]): Promise<Evaluated> => {
    const plain = hashes.get(file) ?? {};
    if (overrides.length === 0) return plain;
    const [old, now] = sides;
    const [before, after] = await Promise.all([
      plain.before && old.evaluator.evaluate(file, overrides),
      plain.after && now.evaluator.evaluate(file, overrides),
    ]);
    return { ...(before && { before }), ...(after && { after }) };
  };
  return (file, overrides) => {
    const key = JSON.stringify([file, overrides]);
    const answer = known.get(key) ?? evaluate(file, overrides);
    known.set(key, answer);
    return answer;
  };
}

async function matchRun(
  { directory, runKey, manifest }: FinishedRun,
  hashes: HashesByFile,
  lookUp: LookUp,
): Promise<CiRun | undefined> {
  const asked = readAsked(directory);
  const facts = {
    run: runKey.slice(0, numKeyDigits),
    experiment: asked.experiment,
    overrides: asked.overrides,
  };
  if (asked.problem !== undefined) return { ...facts, status: "unknown", reason: asked.problem };
  const files = filesOf(asked, hashes);
  const [file, other] = files;
  if (file === undefined) return { ...facts, status: "gone" };
  if (other !== undefined) {
    const reason = `several experiments are called so: ${files.join(", ")}`;
    return { ...facts, status: "unknown", reason };
  }
  const { before, after } = await lookUp(file, asked.overrides);
  const { configHash } = manifest.identities;
  if (asks(after, configHash)) return undefined;
  if (after === undefined) return { ...facts, status: "gone" };
  if ("problem" in after) return { ...facts, status: "unknown", reason: after.problem };
  if (asks(before, configHash)) return { ...facts, status: "changed" };
  if (asked.isNamed) return { ...facts, status: "earlier" };
  const reason =
    "its command line names no experiment, and its values from the command line alone do not make it";
  return { ...facts, status: "unknown", reason };
}

function asks(side: Evaluation | undefined, configHash: string): boolean {
  if (side === undefined || "problem" in side) return false;
  return side.runs.some((run) => run.configHash === configHash);
}

interface Asked {
  readonly experiment: string;
  readonly argv: readonly string[];
  readonly overrides: readonly string[];
  /** The command line says what was asked for: not `exp resume RUN`, `exp run PLAN` and the like, nor a script. */
  readonly isNamed: boolean;
  readonly problem?: string;
}

/** What a run was asked for with, from its `attempt.json` and `provenance.json`, which may be damaged. */
function readAsked(directory: string): Asked {
  try {
    const { experiment, argv } = readRunObject(directory, runFiles.attempt);
    const words = Array.isArray(argv) ? argv.filter((word) => typeof word === "string") : [];
    const isNamed = /\.[cm]?[jt]sx?$/u.test(words[1] ?? "");
    const given = isNamed ? words.slice(1).filter(isOverride) : undefined;
    const overrides = given ?? argumentsOf(readRunObject(directory, runFiles.provenance));
    const isMasked = overrides.some((word) => word.includes(redacted));
    return {
      experiment: typeof experiment === "string" ? experiment : "",
      argv: words,
      overrides,
      isNamed,
      ...(isMasked && { problem: "a secret among its overrides was masked" }),
    };
  } catch (error) {
    if (!isExpError(error)) throw error;
    return { experiment: "", argv: [], overrides: [], isNamed: false, problem: error.message };
  }
}

/** The arguments that set a value, each once. One that took a value away set none, and is not among them. */
function argumentsOf({ values }: JsonObject): readonly string[] {
  const layers = Object.values(isPlainObject(values) ? values : {}).flat();
  const given = layers.flatMap((one) =>
    isPlainObject(one) && typeof one["argument"] === "string" ? [one["argument"]] : [],
  );
  return [...new Set(given)];
}

/** `path=value`, `~path`, `repeat(3)`; `--path=value` of those who know it so is rare, and told as another config. */
function isOverride(word: string): boolean {
  return !word.startsWith("-") && (/[=(]/u.test(word) || word.startsWith("~"));
}

/** Experiments with the name of a run's; of several, the one that the command line named. */
function filesOf({ experiment, argv }: Asked, hashes: HashesByFile): readonly string[] {
  const files = [...hashes.keys()].filter((file) => basename(file, extname(file)) === experiment);
  const named = files.filter((file) => argv.some((word) => word.endsWith(file)));
  return files.length > 1 && named.length > 0 ? named : files;
}
