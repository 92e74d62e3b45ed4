import oracle from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, canonicalJsonPieces } from "../../../src/core/canonical-json.ts";
import { ExpError } from "../../../src/core/errors.ts";
import { formatPath } from "../../../src/core/path.ts";

/** JSON data without what our printer refuses: the key `__proto__` and lone surrogates. */
const key = fc.string({ unit: "binary", maxLength: 6 }).filter((name) => name !== "__proto__");
const jsonData = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary" }),
    fc.array(tie("tree"), { maxLength: 5 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 5, noNullPrototype: false }),
  ),
})).tree;

function refusal(value: unknown): { path: string; message: string; found: string | undefined } {
  try {
    canonicalJson(value);
  } catch (error) {
    if (!(error instanceof ExpError) || error.code !== "config") throw error;
    const [issue, second] = error.issues;
    if (issue === undefined || second !== undefined) throw error;
    return { path: formatPath(issue.path), message: issue.message, found: issue.value };
  }
  throw new Error("nothing was refused");
}

describe("RFC 8785", () => {
  test("the example of section 3.2.2 prints as section 3.2.3 says", () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(text))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test("keys are ordered by UTF-16 code unit, not by code point", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\u{1f600}", "\u0080", "\u00f6"];
    const value = Object.fromEntries(keys.map((name, index) => [name, index]));
    const printed = canonicalJson(value);
    expect([...printed.matchAll(/:(\d)/g)].map((match) => keys[Number(match[1])])).toEqual([
      "\r",
      "1",
      "\u0080",
      "\u00f6",
      "\u20ac",
      "\u{1f600}", // its first half is d83d, which comes before fb33
      "\ufb33",
    ]);
  });

  // Appendix B: bits of a float64 and its text.
  test.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("the float64 %s prints as %s", (bits, text) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(`0x${bits}`));
    expect(canonicalJson(view.getFloat64(0))).toBe(text);
  });

  test("a text escapes only what JSON must escape", () => {
    const text = '\b\t\n\f\r\u000b\u001f\u007f\u2028\u2029/"\\é😀';
    expect(canonicalJson(text)).toBe(
      String.raw`"\b\t\n\f\r\u000b\u001f` + "\u007f\u2028\u2029/" + String.raw`\"\\é😀"`,
    );
  });
});

describe("laws", () => {
  test("an independent implementation prints the same", () => {
    fc.assert(
      fc.property(jsonData, (value) => {
        expect(canonicalJson(value)).toBe(oracle(value));
      }),
      { numRuns: 500 },
    );
  });

  test("the text parses back to an equal value, and prints the same again", () => {
    fc.assert(
      fc.property(jsonData, (value) => {
        const printed = canonicalJson(value);
        // JSON.stringify turns -0 into 0, as the canonical text does.
        expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(printed))).toBe(printed);
      }),
    );
  });

  test("the order in which keys were added is irrelevant", () => {
    const shuffled = fc
      .dictionary(key, jsonData, { noNullPrototype: false })
      .chain((value) =>
        fc.tuple(
          fc.constant(value),
          fc.shuffledSubarray(Object.keys(value), { minLength: Object.keys(value).length }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([value, keys]) => {
        const reordered = Object.fromEntries(keys.map((name) => [name, value[name]]));
        expect(canonicalJson(reordered)).toBe(canonicalJson(value));
      }),
    );
  });

  test("values that differ print differently", () => {
    fc.assert(
      fc.property(jsonData, jsonData, (a, b) => {
        const [plainA, plainB] = [a, b].map(
          (value) => JSON.parse(JSON.stringify(value)) as unknown,
        );
        fc.pre(!isEqual(plainA, plainB));
        expect(canonicalJson(a)).not.toBe(canonicalJson(b));
      }),
    );
  });
});

/** Equality of JSON data by its own recursion, so that the law above does not lean on the printer. */
function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    left.size === right.size &&
    [...left].every(([name, value]) => right.has(name) && isEqual(value, right.get(name)))
  );
}

describe("what JSON cannot say is refused with its path", () => {
  class Box {
    readonly size = 1;
  }
  class Row extends Array<number> {}
  const nested = (levels: number): unknown => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = [value];
    return value;
  };
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  const hidden = Object.defineProperty({}, "hidden", { value: 1, enumerable: false });
  const lazyList = Object.defineProperty([1], 0, { get: () => 1, enumerable: true });

  test.each<[string, unknown, string, string]>([
    ["undefined", { a: [undefined] }, "a[0]", "is not JSON data"],
    ["a function", { a: { f() {} } }, "a.f", "is not JSON data"],
    ["a symbol", [Symbol("s")], "[0]", "is not JSON data"],
    ["a bigint", { n: 1n }, "n", "is not JSON data"],
    ["NaN", { x: NaN }, "x", "is not a finite number, which JSON cannot say"],
    ["Infinity", [1, -Infinity], "[1]", "is not a finite number, which JSON cannot say"],
    // oxlint-disable-next-line no-sparse-arrays
    ["a hole in a list", { a: [, 1] }, "a[0]", "is missing: the list has a hole here"],
    ["a Map", { a: new Map() }, "a", "is an instance of a class, not a plain object"],
    ["a Set", [new Set()], "[0]", "is an instance of a class, not a plain object"],
    ["a Date", { at: new Date(0) }, "at", "is an instance of a class, not a plain object"],
    ["a boxed number", [Object(1)], "[0]", "is an instance of a class, not a plain object"],
    [
      "a typed array",
      { a: new Float32Array(1) },
      "a",
      "is an instance of a class, not a plain object",
    ],
    [
      "an instance of a class",
      { a: new Box() },
      "a",
      "is an instance of a class, not a plain object",
    ],
    [
      "an instance of a class of lists",
      { a: new Row() },
      "a",
      "is an instance of a class, not a plain list",
    ],
    [
      "a getter",
      {
        get a() {
          return 1;
        },
      },
      "a",
      "is a getter or setter, not a value",
    ],
    ["a getter in a list", lazyList, "[0]", "is a getter or setter, not a value"],
    ["a hidden key", hidden, "hidden", "is not enumerable, so other programs would not see it"],
    ["a symbol as key", { a: { [Symbol("s")]: 1 } }, "a", "has a symbol as key"],
    [
      "a list with a name",
      { a: Object.assign([1], { note: "x" }) },
      "a",
      "is a list with keys beside its items",
    ],
    [
      "the key __proto__",
      JSON.parse('{"a":{"__proto__":1}}'),
      "a.__proto__",
      "is not allowed as a key: many programs take it for the prototype",
    ],
    [
      "half a pair in a text",
      { a: "x\ud800" },
      "a",
      "holds half of a surrogate pair, which has no UTF-8 form",
    ],
    [
      "half a pair in a key",
      { "\udc00": 1 },
      String.raw`["\udc00"]`,
      "holds half of a surrogate pair, which has no UTF-8 form",
    ],
    ["a toJSON method", { a: { toJSON: () => 1 } }, "a.toJSON", "is not JSON data"],
  ])("%s", (...[, value, path, message]) => {
    expect(refusal(value)).toMatchObject({ path, message });
  });

  test("more than 200 levels, and data that contains itself", () => {
    expect(canonicalJson(nested(200))).toHaveLength(401);
    const { path, message } = refusal(nested(201));
    expect(path).toBe("[0]".repeat(200));
    expect(message).toBe("is nested more than 200 levels deep, or contains itself");
    expect(refusal(cyclic).message).toBe(message);
  });

  test("the whole message names place, kind of value and way out", () => {
    expect(() => canonicalJson({ model: { size: 10n } })).toThrowError(
      expect.objectContaining({
        message: "model.size cannot be written as canonical JSON.",
        issues: [{ path: ["model", "size"], message: "is not JSON data", value: "10n" }],
        hint: "Use only null, booleans, finite numbers, strings, lists and plain objects.",
      }),
    );
    expect(refusal(new Box()).found).toBe("Box");
    expect(refusal(() => 1).found).toBe("a function");
    expect(refusal(`\ud800${"x".repeat(200)}`).found).toHaveLength(80);
  });

  test("no getter runs while printing", () => {
    let calls = 0;
    const value = {
      get a(): number {
        calls++;
        return 1;
      },
    };
    expect(() => canonicalJson(value)).toThrowError(ExpError);
    expect(calls).toBe(0);
  });
});

test("an object without a prototype prints like any other", () => {
  const value: unknown = Object.assign(Object.create(null), { b: 1, a: -0 });
  expect(canonicalJson(value)).toBe('{"a":0,"b":1}');
});

describe("in pieces", () => {
  test("they are together the text of the whole", () => {
    const document = fc.dictionary(key, jsonData, { noNullPrototype: false });
    fc.assert(
      fc.property(document, (value) => {
        expect([...canonicalJsonPieces(value)].join("")).toBe(canonicalJson(value));
      }),
    );
  });

  test("each item of a list comes alone", () => {
    const pieces = [...canonicalJsonPieces({ runs: [{ b: 1, a: 2 }, [3]], name: "x" })];
    expect(pieces).toEqual(['{"name":', '"x"', ',"runs":', '[{"a":2,"b":1}', ",[3]", "]", "}"]);
  });

  test("what JSON cannot say is refused with its whole path", () => {
    const list = [1, { rate: NaN }];
    expect(() => [...canonicalJsonPieces({ runs: list })]).toThrow(
      expect.objectContaining({
        issues: [expect.objectContaining({ path: ["runs", 1, "rate"] })],
      }),
    );
    const holes: unknown[] = [1];
    holes[2] = 3;
    expect(() => [...canonicalJsonPieces({ runs: holes })]).toThrow("canonical JSON");
    expect(() => [...canonicalJsonPieces({ ["__proto__"]: 1 })]).toThrow("canonical JSON");
  });
});
