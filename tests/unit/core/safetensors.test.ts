import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import type { HostTensor } from "../../../src/core/run-events.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  safetensorsParts,
} from "../../../src/core/safetensors.ts";

const weights: HostTensor = {
  dtype: "F32",
  shape: [2, 2],
  values: Float32Array.of(1, -0, 0.5, NaN),
};
const ids: HostTensor = { dtype: "I32", shape: [3], values: Int32Array.of(-1, 0, 2_147_483_647) };
const empty: HostTensor = { dtype: "F32", shape: [0, 4], values: new Float32Array(0) };
const scalar: HostTensor = { dtype: "I32", shape: [], values: Int32Array.of(7) };

const tensor = fc
  .tuple(fc.constantFrom("F32" as const, "I32" as const), fc.array(fc.nat(3), { maxLength: 3 }))
  .chain(([dtype, shape]): fc.Arbitrary<HostTensor> => {
    const length = shape.reduce((product, size) => product * size, 1);
    const exactly = { minLength: length, maxLength: length };
    return dtype === "F32"
      ? fc.float32Array(exactly).map((values) => ({ dtype, shape, values }))
      : fc.int32Array(exactly).map((values) => ({ dtype, shape, values }));
  });
const name = fc
  .string({ unit: "grapheme" })
  .filter(
    (text) => text !== "__metadata__" && text !== "__proto__" && !/[\uD800-\uDFFF]/u.test(text),
  );

/** A file with the given header text and that many zero bytes of data. */
function fileOf(header: string, numDataBytes = 0, claimedLength?: bigint): Uint8Array {
  const text = Buffer.from(header);
  const bytes = new Uint8Array(8 + text.length + numDataBytes);
  new DataView(bytes.buffer).setBigUint64(0, claimedLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

function entry(begin: number, end: number, changes: Record<string, unknown> = {}): object {
  return { dtype: "F32", shape: [(end - begin) / 4], data_offsets: [begin, end], ...changes };
}

describe("encoding", () => {
  test("the bytes are pinned: header in name order, padded to 8, data in the same order", () => {
    const bytes = encodeSafetensors(
      new Map([
        ["b", scalar],
        ["a", weights],
      ]),
      { step: "3" },
    );
    const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(Buffer.from(bytes.subarray(8, 8 + length)).toString()).toMatchInlineSnapshot(
      `"{"__metadata__":{"step":"3"},"a":{"data_offsets":[0,16],"dtype":"F32","shape":[2,2]},"b":{"data_offsets":[16,20],"dtype":"I32","shape":[]}}     "`,
    );
    expect(length % 8).toBe(0);
    expect(Buffer.from(bytes.subarray(8 + length)).toString("hex")).toMatchInlineSnapshot(
      `"0000803f000000800000003f0000c07f07000000"`,
    );
  });

  test("the order in the map is irrelevant, also for names that are digits", () => {
    const pairs = [
      ["10", ids],
      ["9", weights],
      ["Z", empty],
      ["a", scalar],
    ] as const;
    const digest = sha256(encodeSafetensors(new Map(pairs)));
    expect(sha256(encodeSafetensors(new Map(pairs.toReversed())))).toBe(digest);
    expect([...decodeSafetensors(encodeSafetensors(new Map(pairs))).tensors.keys()].sort()).toEqual(
      ["10", "9", "Z", "a"],
    );
  });

  test("parts are the same bytes, in which large tensors are their own memory", () => {
    const large: HostTensor = { dtype: "F32", shape: [20_000], values: new Float32Array(20_000) };
    large.values.forEach((_, index) => (large.values[index] = index));
    const tensors = new Map([
      ["a", ids],
      ["b", large],
      ["c", weights],
      ["d", scalar],
      ["e", large],
    ]);
    const parts = safetensorsParts(tensors, { step: "3" });
    expect(Buffer.concat(parts).equals(encodeSafetensors(tensors, { step: "3" }))).toBe(true);
    expect(parts.map(({ buffer }) => buffer === large.values.buffer)).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  test("empty metadata is the same as none", () => {
    expect(encodeSafetensors(new Map(), {})).toEqual(encodeSafetensors(new Map()));
  });

  test.each<[string, string, HostTensor, string]>([
    [
      "too few values",
      "w",
      { ...weights, shape: [5] },
      'Tensor "w" has shape [5] and 4 values; expected as many values as the shape has elements.',
    ],
    [
      "a size that is no count",
      "w",
      { ...weights, shape: [-2, -2] },
      'Tensor "w" has shape [-2, -2] and 4 values; expected as many values as the shape has elements.',
    ],
    [
      "another element type",
      "w",
      { ...ids, dtype: "F32" },
      'Tensor "w" is F32, but its values are a Int32Array.',
    ],
    [
      "a reserved name",
      "__metadata__",
      ids,
      'Tensor "__metadata__" cannot be stored: the name has a meaning of its own.',
    ],
  ])("%s is refused", (...[, key, value, message]) => {
    expect(() => encodeSafetensors(new Map([[key, value]]))).toThrowError(message);
  });
});

describe("decoding gives back what was encoded", () => {
  test("for any names, shapes, values and metadata", () => {
    const tensors = fc
      .array(fc.tuple(name, tensor), { maxLength: 5 })
      .map((pairs) => new Map(pairs));
    const metadata = fc.dictionary(name, name, { maxKeys: 3, noNullPrototype: true });
    fc.assert(
      fc.property(tensors, metadata, (map, facts) => {
        const bytes = encodeSafetensors(map, { ...facts });
        const decoded = decodeSafetensors(bytes);
        expect(decoded.metadata).toEqual({ ...facts });
        expect(new Map(decoded.tensors)).toEqual(map);
        expect(encodeSafetensors(decoded.tensors, decoded.metadata)).toEqual(bytes);
      }),
    );
  });

  test("bit by bit, and in memory of its own even from an odd place in a larger buffer", () => {
    const bytes = encodeSafetensors(new Map([["w", weights]]));
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    const { tensors } = decodeSafetensors(shifted.subarray(1));
    shifted.fill(0xff);
    const values = tensors.get("w")?.values ?? new Float32Array();
    expect(Buffer.from(values.buffer)).toEqual(Buffer.from(weights.values.buffer));
  });

  test("with entries in any order and padding of any length", () => {
    const header = JSON.stringify({ b: entry(4, 12), a: entry(0, 4) });
    expect(decodeSafetensors(fileOf(`${header}   `, 12)).tensors.get("b")?.shape).toEqual([2]);
  });
});

describe("a hostile or broken file is refused before anything is allocated", () => {
  const whole = "This is not a sound safetensors file: ";
  test.each<[string, Uint8Array, string]>([
    [
      "a file without a length",
      new Uint8Array(7),
      "it has 7 bytes; the header's length alone takes 8",
    ],
    [
      "a header longer than the file",
      fileOf("{}", 0, 3n),
      "it says that its header has 3 bytes, but only 2 follow",
    ],
    [
      "a huge header length",
      fileOf("{}", 0, 2n ** 64n - 1n),
      "it says that its header has 18446744073709551615 bytes, more than the limit of 10000000",
    ],
    ["an empty header", fileOf(""), "its header is not JSON in UTF-8"],
    ["text that is not JSON", fileOf("{a}"), "its header is not JSON in UTF-8"],
    [
      "bytes that are not UTF-8",
      Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0xff),
      "its header is not JSON in UTF-8",
    ],
    ["a list as header", fileOf("[]"), "its header does not begin with a JSON object"],
    ["space before the object", fileOf(" {}"), "its header does not begin with a JSON object"],
    [
      "deep nesting",
      fileOf(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`),
      'tensor "a" is not described by exactly dtype, shape and data_offsets',
    ],
    [
      "a name twice",
      fileOf('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"\\u0061" :{}}'),
      'its header has the key "a" twice',
    ],
    [
      "a field twice",
      fileOf('{"a":{"dtype":"F32","dtype":"F32","shape":[0],"data_offsets":[0,0]}}'),
      'its header has the key "dtype" twice',
    ],
    [
      "a missing field",
      fileOf('{"a":{"dtype":"F32","shape":[0]}}'),
      'tensor "a" is not described by exactly dtype, shape and data_offsets',
    ],
    [
      "a spare field",
      fileOf(JSON.stringify({ a: { ...entry(0, 0), x: 1 } })),
      'tensor "a" is not described by exactly dtype, shape and data_offsets',
    ],
    [
      "another dtype",
      fileOf(JSON.stringify({ a: entry(0, 8, { dtype: "F64" }) }), 8),
      'tensor "a" has dtype "F64"; expected F32 or I32',
    ],
    [
      "a negative size",
      fileOf(JSON.stringify({ a: entry(0, 4, { shape: [-1] }) }), 4),
      'tensor "a" has a shape that is no list of counts',
    ],
    [
      "a fractional size",
      fileOf(JSON.stringify({ a: entry(0, 4, { shape: [0.5, 2] }) }), 4),
      'tensor "a" has a shape that is no list of counts',
    ],
    [
      "a product that overflows",
      fileOf(JSON.stringify({ a: entry(0, 0, { shape: [2 ** 32, 2 ** 32] }) })),
      'tensor "a" has shape [4294967296, 4294967296], which does not fill its bytes 0 to 0',
    ],
    [
      "three offsets",
      fileOf(JSON.stringify({ a: entry(0, 4, { data_offsets: [0, 4, 4] }) }), 4),
      'tensor "a" has data_offsets that are no pair of counts',
    ],
    [
      "an end before its begin",
      fileOf(JSON.stringify({ a: entry(0, 4, { data_offsets: [4, 0] }) }), 4),
      'tensor "a" has shape [1], which does not fill its bytes 4 to 0',
    ],
    [
      "a shape that does not fill its bytes",
      fileOf(JSON.stringify({ a: entry(0, 8, { shape: [1] }) }), 8),
      'tensor "a" has shape [1], which does not fill its bytes 0 to 8',
    ],
    [
      "an overlap",
      fileOf(JSON.stringify({ a: entry(0, 8), b: entry(4, 12) }), 12),
      'tensor "b" begins at byte 4 and overlaps the one before, which ends at byte 8',
    ],
    [
      "two tensors in one place",
      fileOf(JSON.stringify({ a: entry(0, 4), b: entry(0, 4) }), 4),
      'tensor "b" begins at byte 0 and overlaps the one before, which ends at byte 4',
    ],
    [
      "an empty tensor inside another",
      fileOf(JSON.stringify({ a: entry(0, 8), b: entry(4, 4) }), 8),
      'tensor "b" begins at byte 4 and overlaps the one before, which ends at byte 8',
    ],
    [
      "a hole",
      fileOf(JSON.stringify({ a: entry(0, 4), b: entry(8, 12) }), 12),
      'tensor "b" begins at byte 8 and leaves a hole from byte 4',
    ],
    [
      "a first byte that no tensor has",
      fileOf(JSON.stringify({ a: entry(4, 8) }), 8),
      'tensor "a" begins at byte 4 and leaves a hole from byte 0',
    ],
    [
      "data that is cut off",
      fileOf(JSON.stringify({ a: entry(0, 8) }), 7),
      "its tensors take 8 bytes, but 7 follow the header",
    ],
    [
      "bytes after the data",
      fileOf(JSON.stringify({ a: entry(0, 8) }), 9),
      "its tensors take 8 bytes, but 9 follow the header",
    ],
    [
      "metadata that is no object",
      fileOf('{"__metadata__":[]}'),
      "its __metadata__ is not an object",
    ],
    [
      "metadata that is no text",
      fileOf('{"__metadata__":{"step":3}}'),
      'its __metadata__ has a value that is no text at "step"',
    ],
    [
      "metadata for the prototype",
      fileOf('{"__metadata__":{"__proto__":"x"}}'),
      "its __metadata__ has the key __proto__",
    ],
  ])("%s", (...[, bytes, message]) => {
    expect(() => decodeSafetensors(bytes)).toThrowError(
      expect.objectContaining({ code: "store", message: `${whole}${message}.` }),
    );
  });

  test("any change of one byte in the header either is refused or leaves sound tensors", () => {
    const bytes = encodeSafetensors(
      new Map([
        ["a", weights],
        ["b", ids],
      ]),
      { step: "1" },
    );
    const headerEnd = bytes.length - 28;
    fc.assert(
      fc.property(fc.nat(headerEnd - 1), fc.nat(255), (place, value) => {
        const changed = bytes.slice();
        changed[place] = value;
        const outcome = decodeOrRefuse(changed);
        expect(outcome === "refused" || outcome === 28).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Bytes of all decoded tensors, or "refused" for an `ExpError`; anything else that is thrown is a bug. */
function decodeOrRefuse(bytes: Uint8Array): number | "refused" {
  try {
    const { tensors } = decodeSafetensors(bytes);
    return [...tensors.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  } catch (error) {
    if (error instanceof Error && error.name === "ExpError") return "refused";
    throw error;
  }
}
