/** Runs of MLflow, wherever they were read: in its folders, its database or from its server. */
import type { JsonValue } from "../../core/json.ts";
import type { ForeignRow } from "../../store/foreign-runs.ts";
import { createFigureLimit, isoTime, type FoundRun, type FoundRuns } from "./found-runs.ts";
import { configValueOf, nestedConfig } from "./text-values.ts";

/** One figure. */
export interface MlflowFigure {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
}

/** A run as MLflow keeps it. */
export interface MlflowRun {
  readonly id: string;
  readonly name?: string | undefined;
  readonly experiment: string;
  readonly status?: string | undefined;
  /** Milliseconds since 1970. */
  readonly startedMs?: number | undefined;
  readonly endedMs?: number | undefined;
  readonly params: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  readonly figures: readonly MlflowFigure[];
}

/** An experiment that runs are read of. */
export interface MlflowExperiment {
  readonly id: string;
  readonly name: string;
}

/** Somewhere runs of MLflow are. A sentence in place of a run says what could not be read. */
export type MlflowReader = AsyncIterable<MlflowRun | string> | Iterable<MlflowRun | string>;

/**
 * All runs of a reader, with what is to be told of them.
 * @throws {ExpError} as the reader; `data` where there are too many figures.
 */
export async function collectMlflow(reader: MlflowReader): Promise<FoundRuns> {
  const runs: FoundRun[] = [];
  const warnings: string[] = [];
  const numbered = new Set<string>();
  const count = createFigureLimit("Name one experiment with --experiment NAME.");
  for await (const run of reader) {
    if (typeof run === "string") {
      warnings.push(run);
      continue;
    }
    count(run.figures.length);
    runs.push(foundRun(run, numbered));
  }
  if (numbered.size > 0) {
    const names = [...numbered].slice(0, 5).join(", ");
    const more = numbered.size > 5 ? `, and ${numbered.size - 5} more metrics` : "";
    warnings.push(
      `${names}${more}: logged without a step; their values are numbered by their times`,
    );
  }
  return { runs, warnings };
}

/** Where a database of MLflow keeps an infinity. */
const infinityInStead = 1.7976931348623157e308;

/** The figure that a store of MLflow means: its databases hold no infinities. */
export function mlflowFigure(value: number, isNan: boolean): number {
  if (isNan) return Number.NaN;
  return Math.abs(value) === infinityInStead ? Math.sign(value) * Infinity : value;
}

/** Status codes of the folders. */
const statuses: ReadonlyMap<string, string> = new Map([
  ["1", "RUNNING"],
  ["2", "SCHEDULED"],
  ["3", "FINISHED"],
  ["4", "FAILED"],
  ["5", "KILLED"],
]);

/** The word of a status, which the folders have as a number. */
function mlflowStatus(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (statuses.get(text) ?? text);
}

const ownTag = "lockstep.tag.";
const ownResult = "result/";

/** `exp export --to mlflow` wrote it: then experiment, status, tags and results are those of the run. */
function isOwn({ tags }: MlflowRun): boolean {
  return tags.has("lockstep.runKey");
}

function foundRun(run: MlflowRun, numbered: Set<string>): FoundRun {
  const { id, name, experiment, startedMs, endedMs, params, tags, figures } = run;
  const own = isOwn(run);
  const status = (own ? tags.get("lockstep.status") : undefined) ?? mlflowStatus(run.status);
  const [started, ended] = [isoTime(startedMs), isoTime(endedMs)];
  const finals = figures.filter(({ key }) => own && key.startsWith(ownResult));
  const curves = finals.length === 0 ? figures : figures.filter((one) => !finals.includes(one));
  const leaves = Array.from(params, ([key, text]): [string, JsonValue] => [
    key,
    own && text === "null" ? null : configValueOf(text),
  ]);
  const shown = name ?? tags.get("mlflow.runName");
  return {
    id,
    ...(shown !== undefined && shown !== "" && { name: shown }),
    experiment: (own ? tags.get("lockstep.experiment") : undefined) ?? experiment,
    ...(status !== undefined && { status }),
    ...(started !== undefined && { started }),
    ...(ended !== undefined && { ended }),
    tags: tagsOf(tags, own),
    config: nestedConfig(new Map(leaves)),
    rows: rowsOf(curves, numbered),
    results: latestOf(finals.length === 0 ? curves : finals),
  };
}

/** Tags of people, as `name` or `name=value`; those that MLflow and Lockstep set are left out. */
function tagsOf(tags: ReadonlyMap<string, string>, own: boolean): readonly string[] {
  return [...tags].flatMap(([name, value]) => {
    if (own && name.startsWith(ownTag)) return [name.slice(ownTag.length)];
    if (/^(?:mlflow|lockstep)\./u.test(name)) return [];
    return [value === "" || value === "true" ? name : `${name}=${value}`];
  });
}

/** As MLflow takes the last one: by step, then time, then value. */
function compareFigures(a: MlflowFigure, b: MlflowFigure): number {
  return a.step - b.step || a.timeMs - b.timeMs;
}

function latestOf(figures: readonly MlflowFigure[]): ReadonlyMap<string, number> {
  const latest = new Map<string, MlflowFigure>();
  for (const figure of figures) {
    const before = latest.get(figure.key);
    if (before === undefined || compareFigures(before, figure) <= 0) latest.set(figure.key, figure);
  }
  return new Map(
    Array.from(latest.values(), ({ key, value }) => [
      key.startsWith(ownResult) ? key.slice(ownResult.length) : key,
      value,
    ]),
  );
}

/** Several values of a metric at one step make several rows; without any step they are numbered. */
function rowsOf(figures: readonly MlflowFigure[], numbered: Set<string>): readonly ForeignRow[] {
  const byKey = new Map<string, MlflowFigure[]>();
  for (const figure of figures) {
    const known = byKey.get(figure.key);
    if (known === undefined) byKey.set(figure.key, [figure]);
    else known.push(figure);
  }
  const rows = new Map<number, Map<string, number>[]>();
  for (const [key, values] of byKey) {
    const sorted = values.toSorted(compareFigures);
    const isNumbered = sorted.length > 1 && sorted.every(({ step }) => step === 0);
    if (isNumbered) numbered.add(key);
    for (const [index, { step, value }] of sorted.entries()) {
      addFigure(rows, isNumbered ? index : step, { key, value });
    }
  }
  return [...rows]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([step, all]) => all.map((row) => rowAt(step, row)));
}

function addFigure(
  rows: Map<number, Map<string, number>[]>,
  step: number,
  { key, value }: Pick<MlflowFigure, "key" | "value">,
): void {
  const there = rows.get(step) ?? [];
  rows.set(step, there);
  const free = there.find((row) => !row.has(key));
  if (free === undefined) there.push(new Map([[key, value]]));
  else free.set(key, value);
}

/** A metric `epoch`, as Lightning logs it, says where a row stands. */
function rowAt(step: number, values: Map<string, number>): ForeignRow {
  const epoch = values.get("epoch");
  if (epoch === undefined || !Number.isFinite(epoch)) return { step, values };
  values.delete("epoch");
  return { step, epoch, values };
}
