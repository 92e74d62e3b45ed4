/** The plan: the frozen list of runs of one invocation. What is executed is the plan, never the source again. */
import type { JsonObject } from "../core/json.ts";

/** One run of a plan. */
export interface PlannedRun {
  /** Position in the plan, from 0. */
  readonly index: number;
  /** The experiment's name. */
  readonly name: string;
  /** The value of each axis, by its path; empty without a sweep. */
  readonly axisValues: JsonObject;
  readonly config: JsonObject;
  /** The bytes of `identity.json`. */
  readonly identityText: string;
  readonly configHash: string;
  readonly groupHash: string;
  readonly codeHash: string;
  readonly dataHash: string;
  readonly environmentClass: string;
  /** The backend that `auto` stands for. */
  readonly backend: string;
  readonly runKey: string;
}

export interface Plan {
  readonly format: "lockstep/plan/1";
  readonly experiment: string;
  readonly task: { readonly name: string; readonly version: number };
  /** In the order in which they are executed. */
  readonly runs: readonly PlannedRun[];
}
