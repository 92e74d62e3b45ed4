/** Event files read back without TensorBoard, which has a test of its own: frames, checksums, and fields by their numbers. */
import { expect } from "vitest";
import { maskedCrc32c } from "../../../../src/track/tensorboard/crc32c.ts";

/** A scalar of an event file. */
export interface ReadScalar {
  readonly tag: string;
  readonly step: number;
  readonly value: number;
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly hasMetadata: boolean;
}

/** What an event file holds. */
export interface ReadEvents {
  readonly scalars: readonly ReadScalar[];
  /** Tags of the HParams plugin, with what their metadata hold as text. */
  readonly plugins: readonly { readonly tag: string; readonly text: string }[];
  readonly versions: readonly string[];
}

type Field = readonly [number: number, value: number | Buffer];

/** The events of a file; half a record at its end is passed over as TensorBoard does. */
export function readEvents(bytes: Uint8Array): ReadEvents {
  const scalars: ReadScalar[] = [];
  const plugins: { tag: string; text: string }[] = [];
  const versions: string[] = [];
  for (const record of framesOf(Buffer.from(bytes))) {
    const event = new Map(fieldsOf(record));
    const version = event.get(3);
    if (version instanceof Buffer) versions.push(version.toString("utf8"));
    const summary = event.get(5);
    if (!(summary instanceof Buffer)) continue;
    for (const [, value] of fieldsOf(summary)) {
      const fields = new Map(fieldsOf(value as Buffer));
      const tag = String(fields.get(1));
      const metadata = fields.get(9) as Buffer | undefined;
      const tensor = new Map(fieldsOf(fields.get(8) as Buffer));
      const packed = tensor.get(5) as Buffer | undefined;
      if (packed === undefined) plugins.push({ tag, text: String(metadata) });
      else {
        const [step, wallTime] = [Number(event.get(2)), Number(event.get(1))];
        const hasMetadata = metadata !== undefined;
        scalars.push({ tag, step, wallTime, value: packed.readFloatLE(), hasMetadata });
      }
    }
  }
  return { scalars, plugins, versions };
}

function* framesOf(bytes: Buffer): Generator<Buffer> {
  let at = 0;
  while (at + 12 <= bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(maskedCrc32c(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(maskedCrc32c(data));
    yield data;
    at += length + 16;
  }
}

function fieldsOf(bytes: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes.readUInt8(at++);
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    if (tag % 8 === 0) fields.push([number, varint()]);
    else if (tag % 8 === 1) {
      fields.push([number, bytes.readDoubleLE(at)]);
      at += 8;
    } else {
      const length = varint();
      fields.push([number, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return fields;
}
