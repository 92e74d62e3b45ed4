/** Figures of a run and what of them a server has. MLflow only ever adds: what is sent twice is there twice. */
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { jsonNumber } from "../../core/number-text.ts";
import type { TrackedRow } from "../metric-rows.ts";
import { batchesOf } from "./batches.ts";
import { failure, type MlflowClient } from "./client.ts";
import { mlflowKey } from "./names.ts";

/** One figure, as MLflow keeps it. */
export interface Figure {
  readonly key: string;
  readonly step: number;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/** Where figures go. */
export interface FiguresPlace {
  readonly client: MlflowClient;
  readonly runId: string;
  /** The sentence that says how what is missing gets there. */
  readonly hint: string;
}

/** Metrics of one request. */
const maxFigures = 1000;

/** Figures of one page of a history. */
const pageSize = 20_000;

/** The figures of rows. */
export function figuresOf(
  rows: readonly TrackedRow[],
  timeOf: (step: number) => number,
): readonly Figure[] {
  return rows.flatMap(({ step, values }) =>
    Array.from(values, ([name, value]) => figureOf(name, step, { value, timeMs: timeOf(step) })),
  );
}

/** One figure. */
export function figureOf(
  name: string,
  step: number,
  { value, timeMs }: { readonly value: number; readonly timeMs: number },
): Figure {
  return {
    key: mlflowKey(name),
    step: Math.trunc(step),
    value,
    timestamp: Math.max(0, Math.round(timeMs)),
  };
}

/** What a server had of a run when it was asked first. */
export interface History {
  /** The figures that it had not. */
  missing(figures: readonly Figure[]): Promise<readonly Figure[]>;
}

/** Asks about each metric once, when it is needed. */
export function createHistory(place: FiguresPlace): History {
  const known = new Map<string, ReadonlySet<string>>();
  return {
    missing: async (figures) => {
      for (const key of new Set(figures.map((figure) => figure.key))) {
        if (!known.has(key)) known.set(key, await stepsThere(place, key));
      }
      return figures.filter((figure) => known.get(figure.key)?.has(markOf(figure)) !== true);
    },
  };
}

/**
 * Sends figures, each once.
 * @param history - Where some of them may be there already.
 * @returns Those that were not there.
 * @throws {ExpError} `environment` where they do not arrive.
 */
export async function sendFigures(
  place: FiguresPlace,
  figures: readonly Figure[],
  history?: History,
): Promise<readonly Figure[]> {
  const missing = history === undefined ? figures : await history.missing(figures);
  for (const batch of batchesOf(missing, maxFigures)) await sendBatch(place, batch);
  return missing;
}

async function sendBatch(place: FiguresPlace, batch: readonly Figure[]): Promise<void> {
  const { client, runId } = place;
  const patience = client.patience();
  let missing = batch;
  while (missing.length > 0) {
    const metrics = missing.map(metricOf);
    const answer = await client.attempt({
      method: "POST",
      path: "/api/2.0/mlflow/runs/log-batch",
      body: { run_id: runId, metrics },
    });
    if (answer.kind === "done") return;
    if (answer.kind === "refused") {
      throw failure(`MLflow at ${client.url} refuses figures: ${answer.message}`, place);
    }
    await patience.wait(answer);
    missing = await createHistory(place).missing(missing);
  }
}

function metricOf({ key, step, value, timestamp }: Figure): JsonObject {
  return { key, step, timestamp, value: jsonNumber(value) };
}

async function stepsThere(place: FiguresPlace, key: string): Promise<ReadonlySet<string>> {
  const { client, runId } = place;
  const marks = new Set<string>();
  let page: string | undefined;
  do {
    const query = new URLSearchParams({ run_id: runId, metric_key: key });
    query.set("max_results", String(pageSize));
    if (page !== undefined) query.set("page_token", page);
    const path = `/api/2.0/mlflow/metrics/get-history?${query.toString()}`;
    const answer = await client.ask({ method: "GET", path });
    if (answer.kind === "refused") {
      throw failure(`MLflow at ${client.url} does not say what it has: ${answer.message}`, place);
    }
    const { metrics, next_page_token: next } = answer.body;
    for (const metric of Array.isArray(metrics) ? metrics : []) {
      if (isPlainObject(metric)) marks.add(storedMark(metric));
    }
    page = typeof next === "string" && next !== "" && next !== page ? next : undefined;
  } while (page !== undefined);
  return marks;
}

/** Step and value as a server gives them back; those on SQL keep infinities as the largest number. */
function markOf({ step, value }: Pick<Figure, "step" | "value">): string {
  const stored = Math.min(Math.max(value, -Number.MAX_VALUE), Number.MAX_VALUE);
  return `${step} ${stored + 0}`;
}

function storedMark({ step, value }: Readonly<Record<string, unknown>>): string {
  return markOf({ step: Number(step ?? 0), value: Number(value ?? 0) });
}
