/** The framing of `.wandb` files, read back by the rules of LevelDB. */
import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRecordLog } from "../../../../src/track/wandb/record-log.ts";

function framed(records: readonly Uint8Array[]): Buffer {
  const log = createRecordLog();
  return Buffer.concat([log.start, ...records.map((record) => log.next(record))]);
}

/** As readers do it: chunk by chunk, zeros at the end of a block passed over. */
function readBack(bytes: Buffer): readonly Buffer[] {
  expect(bytes.subarray(0, 7)).toEqual(Buffer.from(":W&B\u00e1\u00be\0", "latin1"));
  const records: Buffer[] = [];
  const zeros: number[] = [];
  let open: Buffer[] | undefined;
  for (let at = 7; at < bytes.length;) {
    const left = 32_768 - (at % 32_768);
    if (left < 7) {
      zeros.push(...bytes.subarray(at, at + left));
      at += left;
      continue;
    }
    const length = bytes.readUInt16LE(at + 4);
    const type = bytes.readUInt8(at + 6);
    const part = bytes.subarray(at + 7, at + 7 + length);
    expect(length).toBeLessThanOrEqual(left - 7);
    expect(bytes.readUInt32LE(at)).toBe(crc32(bytes.subarray(at + 6, at + 7 + length)));
    expect(open === undefined).toBe(type === 1 || type === 2); // begun where none was begun
    open = [...(open ?? []), part];
    if (type === 1 || type === 4) {
      records.push(Buffer.concat(open));
      open = undefined;
    }
    at += 7 + length;
  }
  expect(open).toBeUndefined();
  expect(zeros.every((byte) => byte === 0)).toBe(true);
  return records;
}

test("records of any length come back, wherever blocks end", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 8 });
  const property = fc.property(lengths, fc.integer({ min: 32_730, max: 32_768 }), (list, first) => {
    const records = [first - 14, ...list].map((length, index) => Buffer.alloc(length, index + 1));
    const back = readBack(framed(records));
    expect(back.map(({ length }) => length)).toEqual(records.map(({ length }) => length));
    expect(back.every((record, index) => record.equals(records[index] ?? record))).toBe(true);
  });
  fc.assert(property, { numRuns: 60 });
});

test.each([0, 1, 6, 7, 8])("a block with %i bytes left", (left) => {
  const records = [Buffer.alloc(32_768 - 7 - 7 - left, 1), Buffer.from("next")];
  expect(readBack(framed(records))).toEqual(records);
});
