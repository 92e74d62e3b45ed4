/**
 * What the records of a `.wandb` file say.
 * @see wandb, `wandb/proto/wandb_internal.proto`
 */
import { isPlainObject, parseJson, type JsonValue } from "../../core/json.ts";
import { figureOf } from "./text-values.ts";
import { messageIn, textIn, wholeIn, wireFields, type WireField } from "./wire-fields.ts";

/** A value and where it belongs: `["optimizer", "lr"]`. */
export interface WandbItem {
  readonly path: readonly string[];
  /** The value as JSON, in which NaN and infinities stand as Python writes them. */
  readonly json: string;
}

/** What a record says, as far as it is of use here. */
export type WandbRecord =
  | {
      readonly kind: "run";
      readonly id: string;
      readonly project: string | undefined;
      readonly name: string | undefined;
      readonly tags: readonly string[];
      readonly startedMs: number | undefined;
      readonly config: readonly WandbItem[];
    }
  | { readonly kind: "history"; readonly step: number; readonly items: readonly WandbItem[] }
  | { readonly kind: "exit"; readonly code: number; readonly seconds: number | undefined }
  | {
      readonly kind: "config" | "summary";
      readonly update: readonly WandbItem[];
      readonly remove: readonly (readonly string[])[];
    };

/** What a record says; `undefined` for any other kind of record, and for bytes that are none. */
export function readWandbRecord(bytes: Uint8Array): WandbRecord | undefined {
  const fields = wireFields(bytes);
  const body = (number: number): readonly WireField[] | undefined =>
    fields?.some((field) => field.number === number) === true
      ? messageIn(fields, number)
      : undefined;
  const run = body(17);
  if (run !== undefined) return runOf(run);
  const history = body(2);
  if (history !== undefined) return historyOf(history);
  const exit = body(18);
  if (exit !== undefined)
    return { kind: "exit", code: wholeIn(exit, 1) ?? 0, seconds: wholeIn(exit, 2) };
  const [summary, config] = [body(3), body(5)];
  const change = summary ?? config;
  if (change === undefined) return undefined;
  return {
    kind: summary === undefined ? "config" : "summary",
    update: itemsIn(change, 1),
    remove: itemsIn(change, 2).map(({ path }) => path),
  };
}

function runOf(run: readonly WireField[]): WandbRecord {
  const time = messageIn(run, 17);
  const seconds = wholeIn(time, 1);
  return {
    kind: "run",
    id: textIn(run, 1) ?? "",
    project: textIn(run, 3),
    name: textIn(run, 8),
    tags: textsIn(run, 10),
    startedMs: seconds === undefined ? undefined : seconds * 1000 + (wholeIn(time, 2) ?? 0) / 1e6,
    config: itemsIn(messageIn(run, 4), 1),
  };
}

function historyOf(history: readonly WireField[]): WandbRecord {
  const items = itemsIn(history, 1);
  const named = items.find(({ path }) => path.join(".") === "_step")?.json;
  const step = named === undefined ? undefined : figureOf(named);
  const isPlace = step !== undefined && Number.isFinite(step);
  return {
    kind: "history",
    step: isPlace ? step : (wholeIn(messageIn(history, 2), 1) ?? 0),
    items,
  };
}

/** `{ key, nested_key, value_json }`. */
function itemsIn(message: readonly WireField[], number: number): readonly WandbItem[] {
  return message.flatMap((field) => {
    if (field.number !== number || typeof field.value === "bigint") return [];
    const item = wireFields(field.value) ?? [];
    const nested = textsIn(item, 2);
    const path = nested.length > 0 ? nested : [textIn(item, 1) ?? ""];
    return [{ path, json: textIn(item, 16) ?? "" }];
  });
}

function textsIn(message: readonly WireField[], number: number): readonly string[] {
  return message.flatMap(({ number: found, value }) =>
    found === number && typeof value !== "bigint" ? [Buffer.from(value).toString("utf8")] : [],
  );
}

/** A value of a config; what JSON does not know (a NaN) stays the text that stands there. */
export function wandbValue(json: string): JsonValue {
  const value = parseJson(json);
  return value === undefined ? json : (value as JsonValue); // parsed JSON
}

/**
 * The figures in an item by their names, `nest.x` for those of objects. Pictures, histograms and tables, which say their
 * `_type`, and texts have none.
 */
export function wandbFigures({ path, json }: WandbItem): readonly (readonly [string, number])[] {
  const bare = figureOf(json);
  return bare === undefined
    ? figuresIn(path.join("."), wandbValue(json))
    : [[path.join("."), bare]];
}

function figuresIn(name: string, value: JsonValue): readonly (readonly [string, number])[] {
  if (typeof value === "number") return [[name, value]];
  if (typeof value === "string") {
    return /^(?:NaN|-?Infinity)$/u.test(value) ? [[name, Number(value)]] : [];
  }
  if (!isPlainObject(value) || "_type" in value) return [];
  return Object.entries(value).flatMap(([key, child]) => figuresIn(`${name}.${key}`, child));
}
