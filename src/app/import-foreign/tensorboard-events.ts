/**
 * What an event of TensorBoard says: scalars of both generations, and what its HParams plugin wrote.
 * @see TensorFlow, `core/util/event.proto`, `core/framework/{summary,tensor}.proto`; TensorBoard, `plugins/hparams/*.proto`.
 */
import type { JsonValue } from "../../core/json.ts";
import {
  bytesIn,
  doubleIn,
  messageIn,
  textIn,
  wholeIn,
  wireFields,
  type WireField,
} from "./wire-fields.ts";

/** One event of a file. */
export interface RunEvent {
  readonly step: number;
  /** Milliseconds since 1970; whatever was written. */
  readonly timeMs: number;
  readonly scalars: ReadonlyMap<string, number>;
  /** Hyperparameters, in the event that says them. */
  readonly settings: ReadonlyMap<string, JsonValue>;
  /** How the run ended, in the event that says it. */
  readonly status: string | undefined;
}

/**
 * Reads a record; `undefined` where it is no event.
 * @param plugins - Of which plugin a tag is: only the first event of a tag says so, and it is noted here.
 */
export function readEvent(record: Uint8Array, plugins: Map<string, string>): RunEvent | undefined {
  const event = wireFields(record);
  if (event === undefined) return undefined;
  const scalars = new Map<string, number>();
  const settings = new Map<string, JsonValue>();
  let status: string | undefined;
  for (const field of messageIn(event, 5)) {
    if (field.number !== 1 || typeof field.value === "bigint") continue;
    const value = wireFields(field.value) ?? [];
    const tag = textIn(value, 1) ?? "";
    const plugin = messageIn(messageIn(value, 9), 1);
    const name = textIn(plugin, 1);
    if (name !== undefined && !plugins.has(tag)) plugins.set(tag, name);
    if (name === "hparams") {
      const content = messageIn(plugin, 2);
      for (const [key, setting] of settingsIn(messageIn(content, 3))) settings.set(key, setting);
      status = statuses.get(wholeIn(messageIn(content, 4), 1) ?? 0) ?? status;
    }
    if ((plugins.get(tag) ?? "scalars") !== "scalars") continue;
    const scalar = scalarIn(value);
    if (scalar !== undefined && tag !== "") scalars.set(tag, scalar);
  }
  const timeMs = (doubleIn(event, 1) ?? 0) * 1000;
  return { step: wholeIn(event, 2) ?? 0, timeMs, scalars, settings, status };
}

/** `tensorboard.hparams.Status`. */
const statuses: ReadonlyMap<number, string> = new Map([
  [1, "success"],
  [2, "failure"],
  [3, "running"],
]);

function settingsIn(start: readonly WireField[]): readonly (readonly [string, JsonValue])[] {
  return start.flatMap(({ number, value }) => {
    if (number !== 1 || typeof value === "bigint") return [];
    const entry = wireFields(value) ?? [];
    const name = textIn(entry, 1);
    const held = messageIn(entry, 2);
    const setting = doubleIn(held, 2) ?? textIn(held, 3) ?? truthOf(wholeIn(held, 4));
    if (name === undefined || setting === undefined) return [];
    const isNumber = typeof setting !== "number" || Number.isFinite(setting);
    return [[name, isNumber ? setting : String(setting)]];
  });
}

function truthOf(value: number | undefined): boolean | undefined {
  return value === undefined ? undefined : value !== 0;
}

/** The old `simple_value`, or a tensor of one number. */
function scalarIn(value: readonly WireField[]): number | undefined {
  const simple = bytesIn(value, 2);
  if (simple?.length === 4) return Buffer.from(simple).readFloatLE();
  const tensor = messageIn(value, 8);
  const read = readers.get(wholeIn(tensor, 1) ?? 0);
  if (read === undefined) return undefined;
  const { width, field, number } = read;
  const content = bytesIn(tensor, 4) ?? (field < 7 ? bytesIn(tensor, field) : undefined);
  if (content?.length === width) return number(Buffer.from(content));
  return field < 7 ? undefined : (wholeIn(tensor, field) ?? packedWhole(tensor, field));
}

/** By `tensorflow.DataType`. */
const readers: ReadonlyMap<
  number,
  { readonly width: number; readonly field: number; readonly number: (bytes: Buffer) => number }
> = new Map([
  [1, { width: 4, field: 5, number: (bytes: Buffer): number => bytes.readFloatLE() }],
  [2, { width: 8, field: 6, number: (bytes: Buffer): number => bytes.readDoubleLE() }],
  [3, { width: 4, field: 7, number: (bytes: Buffer): number => bytes.readInt32LE() }],
  [9, { width: 8, field: 10, number: (bytes: Buffer): number => Number(bytes.readBigInt64LE()) }],
]);

/** One varint in a packed list is a message's field without its tag. */
function packedWhole(tensor: readonly WireField[], field: number): number | undefined {
  const packed = bytesIn(tensor, field);
  if (packed === undefined) return undefined;
  return wholeIn(wireFields(Uint8Array.from([8, ...packed])) ?? [], 1);
}
