/** What `exp` and a process that evaluates experiments for it say to each other; answers are trusted with nothing. */
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import type { Path } from "../../core/path.ts";
import type { ConfigRun } from "../../diff/configs.ts";
import { parseObject } from "../../store/json-file.ts";

/** What is evaluated. */
export type EvaluationJob =
  | { readonly kind: "resolve"; readonly file: string; readonly overrides: readonly string[] }
  /** Of the experiment that was resolved last: the place that set a value of one of its runs. */
  | { readonly kind: "origin"; readonly run: number; readonly path: Path };

/** What all jobs of a process share; a type, so that it is plain data. */
export type EvaluationSetting = {
  /** Absolute: where experiments are, relative to which they are named. */
  readonly folder: string;
};

/** The answer to a job, as JSON: objects of another kind have no way through. */
export type EvaluationResult = { readonly text: string };

/** A run of an experiment, as it was resolved in another process. */
export interface EvaluatedRun extends ConfigRun {
  readonly configHash: string;
}

/** An experiment as it was resolved in another process. */
export interface Evaluated {
  readonly experiment: string;
  readonly task: { readonly name: string; readonly version: number };
  readonly runs: readonly EvaluatedRun[];
}

/** An answer that says what is wrong, or what is no answer at all. */
export interface EvaluationProblem {
  readonly problem: string;
  /** All that is wrong: values that `required()` leaves to the command line. */
  readonly wantsValues?: true;
}

/** An answer's JSON object; a problem where it is none, which only code that was evaluated can have sent. */
export function answerIn(result: unknown): JsonObject {
  const text = isPlainObject(result) ? result["text"] : undefined;
  const answer = typeof text === "string" ? parseObject(text) : undefined;
  return (answer ?? { problem: noAnswer }) as JsonObject; // parsed JSON
}

const noAnswer = "its process gave an answer that is none: code that it evaluated sent it";

/** What became of an experiment. */
export function readEvaluated(answer: JsonObject): Evaluated | EvaluationProblem {
  const { problem, wantsValues, experiment, task, runs } = answer;
  if (typeof problem === "string") return { problem, ...(wantsValues === true && { wantsValues }) };
  const isTask =
    isPlainObject(task) && typeof task["name"] === "string" && typeof task["version"] === "number";
  const isWhole = typeof experiment === "string" && isTask && Array.isArray(runs);
  if (!isWhole || runs.length === 0 || !runs.every(isRun)) return { problem: noAnswer };
  return { experiment, task: task as Evaluated["task"], runs };
}

function isRun(run: unknown): run is EvaluatedRun {
  if (!isPlainObject(run)) return false;
  const parts = [run["config"], run["identity"], run["axisValues"]];
  return parts.every(isPlainObject) && /^[0-9a-f]{64}$/u.test(String(run["configHash"]));
}

/** The place that set a value, where it is known. */
export function readOrigin({ origin }: JsonObject): string | undefined {
  return typeof origin === "string" ? origin : undefined;
}
