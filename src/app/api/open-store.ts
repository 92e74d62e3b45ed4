/** `openStore()`: looking at runs, for scripts and tests. */
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Metrics } from "../../core/run-events.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { loadUseCase } from "./load-use-case.ts";
import type { StoreQueries } from "./store-queries.ts";

/** A finished run. Its files never change; each function reads them when it is called. */
export interface StoredRun extends PublishedRun {
  /** Name of the experiment that it was a run of. */
  readonly experiment: string;
  /** The resolved config. */
  config(): JsonObject;
  /** Figures of the result: those of the best checkpoint. */
  metrics(): Metrics;
  /** What else the result says: confusion matrices, figures of each class. */
  details(): JsonObject;
  /** Rows of `logs/metrics.jsonl`: one for each evaluation. */
  history(): readonly JsonObject[];
  /** Rows of `results/predictions.jsonl`; none where the run predicted nothing. */
  predictions(): readonly JsonObject[];
  /** Text of `logs/train.log`. */
  log(): string;
}

/** The runs of a folder, to look at. Nothing of the runs is ever written; look-ups keep an index beside them. */
export interface RunStore extends StoreQueries {
  /** Absolute. */
  readonly directory: string;
  /** All finished runs, in the order of their keys. */
  list(): readonly StoredRun[];
  /** Folders that bear a run's name and cannot be read, with the reason. */
  damaged(): readonly { readonly directory: string; readonly reason: string }[];
  /**
   * The finished run whose key begins so: 8 to 64 hex digits. Throws `ExpError("usage")` where none or several do, and
   * `store` where its folder is damaged.
   */
  run(prefix: string): StoredRun;
}

/**
 * Opens the runs of a folder.
 * @param directory - Relative to the working directory, or absolute. Default: `LOCKSTEP_RUNS`, else `runs` beside the
 *   nearest package.json, which need not exist yet. A config's own `runsDirectory` is not known here.
 * @throws {ExpError} `usage` for anything but a text, and for a folder that does not exist.
 * @example
 * const store = await openStore();
 * const [ranking] = store.best("experiment = bert-lr");
 * const wide = store.runs("model.hiddenSize >= 256", { sort: "-validation.accuracy", limit: 10 });
 */
export async function openStore(directory?: string): Promise<RunStore> {
  if (directory !== undefined && typeof directory !== "string") {
    const found =
      directory === null
        ? "null"
        : `${typeof directory === "object" ? "an" : "a"} ${typeof directory}`;
    throw new ExpError("usage", `openStore() takes a folder as a text, found ${found}.`, {
      hint: 'For example: openStore("runs").',
    });
  }
  const { openRunStore } = await loadUseCase("run-store");
  return openRunStore(directory);
}
