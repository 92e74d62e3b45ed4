/**
 * Events as TensorBoard reads them: scalars, and what its HParams plugin wants to know of a run.
 * @see TensorFlow, `core/util/event.proto`, `core/framework/summary.proto`; TensorBoard, `plugins/hparams/*.proto`.
 */
import type { FlatValue } from "../run-view.ts";
import { maskedCrc32c } from "./crc32c.ts";
import {
  booleanField,
  bytesField,
  doubleField,
  message,
  packedFloatField,
  wholeField,
  type Message,
} from "./protobuf.ts";

/** A number under its tag. */
export interface Scalar {
  readonly tag: string;
  /** Stored as float32; NaN and infinities too. */
  readonly value: number;
  /** The first of its tag in a file also says what it is. */
  readonly isFirst: boolean;
}

/** How a run ended, in the words of the HParams plugin. */
export type SessionStatus = "success" | "failure";

/** What a run is, for the HParams plugin. */
export interface SessionStart {
  /** Settings; those that are null are left out. */
  readonly settings: ReadonlyMap<string, FlatValue>;
  /** Runs of one group are repeats of one setting. */
  readonly groupName: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
}

/** The first record of every file. */
export function versionEvent(timeMs: number): Uint8Array {
  return record(event(timeMs, [bytesField(eventFields.fileVersion, "brain.Event:2")]));
}

/** Makes the records of numbers. */
export type ScalarsEvents = (
  timeMs: number,
  step: number,
  scalars: readonly Scalar[],
) => Uint8Array;

/** Numbers of one step after the other: of a tag that came before, all but its four bytes are kept. */
export function createScalarsEvents(): ScalarsEvents {
  const known = new Map<string, Buffer>();
  const fieldOf = (scalar: Scalar): Message => {
    const before = scalar.isFirst ? undefined : known.get(scalar.tag);
    const field = before ?? Buffer.from(bytesField(summaryFields.value, scalarValue(scalar)));
    field.writeFloatLE(scalar.value, field.length - 4); // the value is what a scalar ends with
    if (!scalar.isFirst) known.set(scalar.tag, field);
    return field;
  };
  return (timeMs, step, scalars) => {
    const summary = bytesField(eventFields.summary, message(...scalars.map(fieldOf)));
    return record(event(timeMs, [wholeField(eventFields.step, step), summary]));
  };
}

/** What the run is: the first thing that the HParams plugin reads of it. */
export function sessionStartEvent(timeMs: number, start: SessionStart): Uint8Array {
  const entries = [...start.settings].flatMap(([path, value]) => {
    const held = settingValue(value);
    if (held === undefined) return [];
    return [bytesField(1, message(bytesField(1, path), bytesField(2, held)))];
  });
  const info = message(
    ...entries,
    bytesField(4, start.groupName),
    doubleField(5, start.startedMs / 1000),
  );
  return pluginEvent(timeMs, "_hparams_/session_start_info", bytesField(3, info));
}

/** How the run ended. */
export function sessionEndEvent(timeMs: number, status: SessionStatus): Uint8Array {
  const code = status === "success" ? 1 : 2;
  const info = message(wholeField(1, code), doubleField(2, timeMs / 1000));
  return pluginEvent(timeMs, "_hparams_/session_end_info", bytesField(4, info));
}

const eventFields = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const summaryFields = { value: 1 } as const;
const valueFields = { tag: 1, tensor: 8, metadata: 9 } as const;

/** `tensorflow.DT_FLOAT`. */
const float = 1;

function event(timeMs: number, fields: readonly Message[]): Message {
  return message(doubleField(eventFields.wallTime, timeMs / 1000), ...fields);
}

function scalarValue({ tag, value, isFirst }: Scalar): Message {
  const tensor = message(
    wholeField(1, float),
    bytesField(2, message()),
    packedFloatField(5, value),
  );
  return message(
    bytesField(valueFields.tag, tag),
    ...(isFirst ? [bytesField(valueFields.metadata, scalarMetadata)] : []),
    bytesField(valueFields.tensor, tensor),
  );
}

/** The plugin is `scalars`, the class of data 1, a scalar. */
const scalarMetadata = message(bytesField(1, bytesField(1, "scalars")), wholeField(4, 1));

/** A summary of the HParams plugin: all that it says stands in the metadata, and the tensor is empty. */
function pluginEvent(timeMs: number, tag: string, content: Message): Uint8Array {
  const plugin = message(bytesField(1, "hparams"), bytesField(2, content));
  const emptyShape = bytesField(2, message());
  const value = message(
    bytesField(valueFields.tag, tag),
    bytesField(valueFields.metadata, bytesField(1, plugin)),
    bytesField(valueFields.tensor, message(wholeField(1, float), bytesField(2, emptyShape))),
  );
  return record(event(timeMs, [bytesField(eventFields.summary, bytesField(1, value))]));
}

/** Longer texts stand in no table; the whole is in the run's config.json. */
const maxTextLength = 1000;

/** `google.protobuf.Value`. */
function settingValue(value: FlatValue): Message | undefined {
  if (typeof value === "number") return doubleField(2, value);
  if (typeof value === "boolean") return booleanField(4, value);
  if (value === null) return undefined;
  return bytesField(3, value.length > maxTextLength ? `${value.slice(0, maxTextLength)}…` : value);
}

/** A frame of a TFRecord file: length, its checksum, the data, their checksum. */
function record(data: Message): Uint8Array {
  const bytes = Buffer.alloc(data.length + 16);
  bytes.writeBigUInt64LE(BigInt(data.length), 0);
  bytes.writeUInt32LE(maskedCrc32c(bytes.subarray(0, 8)), 8);
  bytes.set(data, 12);
  bytes.writeUInt32LE(maskedCrc32c(data), 12 + data.length);
  return bytes;
}
