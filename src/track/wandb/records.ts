/**
 * A run as the records of a `.wandb` file.
 * @see wandb, `wandb/proto/wandb_internal.proto`
 */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { TrackedRow } from "../metric-rows.ts";
import type { RunView } from "../run-view.ts";
import { bytesField, message, wholeField, type Message } from "../tensorboard/protobuf.ts";

/** Makes the records of one file, in their order. */
export interface RunRecords {
  /** What the file begins with: its version, and the run with its config. */
  start(): readonly Message[];
  /** What was measured at a step. */
  row(row: TrackedRow): Message;
  summary(): Message;
  /** What the summary says: last figures, and those of the whole run as `result/…`. */
  figures(): JsonObject;
  /** How the run ended. */
  end(): Message;
}

/** What a run is called over there. */
export interface RunNames {
  readonly id: string;
  readonly project: string;
  readonly entity: string | undefined;
}

/** The version whose records these are, and the oldest one that can read them. */
const versions = { producer: "0.31.0+lockstep", oldestReader: "0.70.0" } as const;

/**
 * The records of a run.
 * @param timeOf - Milliseconds since 1970 of a step; the log has no times.
 */
export function createRunRecords(
  view: RunView,
  names: RunNames,
  timeOf: (step: number) => number,
): RunRecords {
  let number = 0;
  const latest = new Map<string, JsonValue>();
  const record = (field: number, body: Message): Message => {
    number++;
    return message(wholeField(1, number), bytesField(field, body));
  };
  const startMs = timeOf(0);
  return {
    start: () => [record(21, headerOf()), record(17, runOf(view, names, startMs))],
    row: ({ step, epoch, values }) => {
      const timeMs = timeOf(step);
      const figures = new Map<string, JsonValue>([
        ["epoch", epoch],
        ...Array.from(values, ([name, value]) => [name, wandbNumber(value)] as const),
        ["_step", step],
        ["_timestamp", timeMs / 1000],
        ["_runtime", (timeMs - startMs) / 1000],
      ]);
      for (const [name, value] of figures) latest.set(name, value);
      return record(2, message(itemsOf(1, figures), bytesField(2, wholeField(1, step))));
    },
    summary: () => record(3, itemsOf(1, summaryOf(view, latest))),
    figures: () => Object.fromEntries(summaryOf(view, latest)),
    end: () => record(18, endOf(view, startMs)),
  };
}

function summaryOf(
  { results }: RunView,
  latest: ReadonlyMap<string, JsonValue>,
): ReadonlyMap<string, JsonValue> {
  const figures = Object.entries(results?.metrics ?? {});
  return new Map([
    ...latest,
    ...figures.map(([name, value]) => [`result/${name}`, wandbNumber(value)] as const),
  ]);
}

/** The config with all hashes under `lockstep`. */
export function wandbConfig({ config, identities, git, experiment }: RunView): JsonObject {
  const commit = git.commit === undefined ? {} : { commit: git.commit, isDirty: git.isDirty };
  return { ...config, lockstep: { ...identities, ...commit, experiment } };
}

/** As W&B writes what JSON cannot say: its name. */
function wandbNumber(value: number): JsonValue {
  return Number.isFinite(value) ? value : String(value);
}

function headerOf(): Message {
  const { producer, oldestReader } = versions;
  return bytesField(1, message(bytesField(1, producer), bytesField(2, oldestReader)));
}

function runOf(view: RunView, { id, project, entity }: RunNames, startMs: number): Message {
  const { identities, title, description, tags, git } = view;
  const text = (field: number, value: string | undefined): Message =>
    value === undefined || value === "" ? message() : bytesField(field, value);
  const config = itemsOf(1, new Map(Object.entries(wandbConfig(view))));
  const commit = message(text(1, git.remote), text(2, git.commit));
  return message(
    text(1, id),
    text(2, entity),
    text(3, project),
    bytesField(4, config),
    text(6, identities.groupHash),
    text(8, `${title} ${view.name.slice(0, 8)}`),
    text(9, description),
    ...tags.map((tag) => text(10, tag)),
    bytesField(17, timestampOf(startMs)),
    commit.length === 0 ? commit : bytesField(21, commit),
  );
}

function endOf({ status, endedMs }: RunView, startMs: number): Message {
  const seconds = Math.max(0, Math.round(((endedMs ?? startMs) - startMs) / 1000));
  return message(wholeField(1, status === "finished" ? 0 : 1), wholeField(2, seconds));
}

/** Items `{ key, value_json }`, one field each. */
function itemsOf(field: number, values: ReadonlyMap<string, JsonValue>): Message {
  const items = Array.from(values, ([key, value]) =>
    bytesField(field, message(bytesField(1, key), bytesField(16, JSON.stringify(value)))),
  );
  return message(...items);
}

function timestampOf(timeMs: number): Message {
  const seconds = Math.floor(timeMs / 1000);
  return message(
    wholeField(1, seconds),
    wholeField(2, Math.round((timeMs - seconds * 1000) * 1e6)),
  );
}
