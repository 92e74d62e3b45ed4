/** All that the documents of a run are written from: plain data, put together by whoever ran it. */
import type { JsonObject } from "../core/json.ts";
import type { Metrics } from "../core/run-events.ts";
import type { GitFacts } from "../store/environment-git.ts";
import type { MachineFacts } from "../store/environment.ts";
import type { Manifest } from "../store/manifest.ts";

export interface RunFacts {
  /** Name of the experiment. */
  readonly experiment: string;
  /** Its module, relative to the project, with forward slashes. */
  readonly file: string;
  /** Overrides of the command line, as they are typed in the project's folder. Not yet quoted. */
  readonly overrides: readonly string[];
  /** Location of the trained model that was evaluated or that predicted, relative to the project. */
  readonly checkpoint?: string;
  /** From the config; for humans, so anything may stand in them. */
  readonly labels: {
    readonly name?: string;
    readonly description?: string;
    readonly tags: readonly string[];
  };
  /** The resolved config. */
  readonly config: JsonObject;
  /** Of the finished attempt: task, identities, digests of the deterministic files. */
  readonly manifest: Manifest;
  /** The last optimizer step; of a trained model, the one after which it was saved. */
  readonly step: number;
  /** `validation.*` of the best checkpoint and `test.*`. */
  readonly metrics: Metrics;
  /** Details of the result event: confusion matrix, figures of each class. */
  readonly details: JsonObject;
  /** Absent for a task that trains nothing. */
  readonly numParameters?: number;
  /** Facts of the ready event: kind and sizes of the data, digests. */
  readonly dataFacts: JsonObject;
  /** How far metrics may lie apart in an execution again, by the larger of 1 and the run's own; as the task says. */
  readonly tolerance?: number;
  /** Whether the store has code that the run can be executed from. */
  readonly hasStoredCode: boolean;
  readonly selection?: { readonly metric: string; readonly direction: "max" | "min" };
  readonly machine: MachineFacts;
  readonly git: GitFacts;
  readonly commands: RunCommands;
  /** Folder of the runs as commands in the project's folder name it, relative; `runs` for one outside the project. */
  readonly runsDirectory: string;
  /** Environment variables that the config was made from, with their texts. */
  readonly variables: readonly { readonly name: string; readonly text: string }[];
  /** Files and folders that the data source reads and git does not bring, relative to the project. */
  readonly dataLocations: readonly string[];
}

/** How to install the project and how to start an experiment, as typed in the project's folder. */
export interface RunCommands {
  /** `make setup` here, `pnpm install --frozen-lockfile` or `npm ci` where Lockstep is installed as a package. */
  readonly install: string;
  /** `pnpm exp` here, `pnpm exec exp` or `npx exp` where Lockstep is installed as a package. */
  readonly exp: string;
}
