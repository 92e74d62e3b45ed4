/** The laws of value diffs, over any JSON, and how changes are told. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import canonicalize from "canonicalize";
import type { JsonValue } from "../../../../src/core/json.ts";
import { formatPath } from "../../../../src/core/path.ts";
import { applyOperations, invertOperations } from "../../../../src/diff/value/apply.ts";
import { diffValues } from "../../../../src/diff/value/diff.ts";
import { equalJson } from "../../../../src/diff/value/equal.ts";

/** Few keys and values, so that two trees have much in common; with null, hostile keys and lists of named items. */
const { json } = fc.letrec<{ json: JsonValue; leaf: JsonValue; named: JsonValue }>((tie) => ({
  leaf: fc.constantFrom<JsonValue[]>(null, true, 0, 1, "", "a", [], {}),
  named: fc
    .uniqueArray(
      fc.record({ name: fc.constantFrom("a", "b", "c", "d", "e"), value: tie("json") }),
      { selector: ({ name }) => name, maxLength: 5 },
    )
    .map((items): JsonValue => items as JsonValue),
  json: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    tie("leaf"),
    tie("leaf"),
    fc.array(tie("json"), { maxLength: 4 }),
    tie("named"),
    fc
      .uniqueArray(
        fc.tuple(fc.constantFrom("a", "b", "0", "__proto__", "constructor", "x y"), tie("json")),
        { selector: ([key]) => key, maxLength: 4 },
      )
      .map((entries): JsonValue => Object.fromEntries(entries)),
  ),
}));

/** One text for each value; written by other code than the differ reads values with. */
const text = (value: unknown): string => canonicalize(value) ?? "";

describe("laws", () => {
  test("a diff applied to the old value gives the new one", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(text(applyOperations(diffValues(a, b), a))).toBe(text(b));
      }),
      { numRuns: 2000 },
    );
  });

  test("of any JSON, too", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const after = applyOperations(diffValues(a as JsonValue, b as JsonValue), a as JsonValue);
        expect(equalJson(after, b as JsonValue)).toBe(true);
      }),
    );
  });

  test("equal values have no difference, and different ones have some", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(diffValues(a, JSON.parse(JSON.stringify(a)) as JsonValue)).toStrictEqual([]);
        expect(diffValues(a, b).length === 0).toBe(text(a) === text(b));
      }),
    );
  });

  test("turned round, it leads back", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        expect(text(applyOperations(invertOperations(diffValues(a, b)), b))).toBe(text(a));
      }),
      { numRuns: 2000 },
    );
  });

  test("applying changes neither value", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const before = text([a, b]);
        applyOperations(diffValues(a, b), a);
        expect(text([a, b])).toBe(before);
      }),
    );
  });

  test("what is written to a file and read back means the same", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const operations = diffValues(a, b);
        expect(text(JSON.parse(JSON.stringify(operations)))).toBe(text(operations));
      }),
    );
  });
});

const told = (a: JsonValue, b: JsonValue): readonly string[] =>
  diffValues(a, b).map((operation) => {
    const path = formatPath(operation.path) + (operation.item ? ` (${operation.item.name})` : "");
    switch (operation.kind) {
      case "add":
        return `+ ${path} ${JSON.stringify(operation.value)}`;
      case "remove":
        return `- ${path} ${JSON.stringify(operation.value)}`;
      case "replace":
        return `~ ${path} ${JSON.stringify(operation.before)} → ${JSON.stringify(operation.value)}`;
      case "move":
        return `> ${path} to ${String(operation.to)}`;
    }
  });

describe("changes", () => {
  const cases: readonly [name: string, a: JsonValue, b: JsonValue, expected: readonly string[]][] =
    [
      ["a value", { a: { b: 1 } }, { a: { b: 2 } }, ["~ a.b 1 → 2"]],
      ["an order of fields, which is none", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
      ["minus zero, which canonical JSON has not", { a: 0 }, { a: -0 }, []],
      ["a field that comes and one that goes", { a: 1 }, { b: 1 }, ["- a 1", "+ b 1"]],
      ["null is a value", { a: null }, {}, ["- a null"]],
      ["null becomes an object", { a: null }, { a: {} }, ["~ a null → {}"]],
      ["a leaf becomes an object", { a: 1 }, { a: { b: 1 } }, ['~ a 1 → {"b":1}']],
      ["an object becomes a list", { a: { 0: 1 } }, { a: [1] }, ['~ a {"0":1} → [1]']],
      ["a list of numbers is one thing", { a: [1, 2] }, { a: [1, 3] }, ["~ a [1,2] → [1,3]"]],
      ["the whole value", 1, "1", ['~  1 → "1"']],
      [
        "an item in the middle of a list of objects",
        [{ x: 1 }, { x: 2 }],
        [{ x: 1 }, { x: 3 }, { x: 2 }],
        ['+ [1] {"x":3}'],
      ],
      [
        "items of another length",
        [{ x: 1 }, { x: 2 }],
        [{ x: 9 }],
        ['- [1] {"x":2}', "~ [0].x 1 → 9"],
      ],
      [
        "a named item that changes where another one went",
        { data: [{ name: "a" }, { name: "b", n: 1 }] },
        { data: [{ name: "b", n: 2 }] },
        ['- data[0] (a) {"name":"a"}', "~ data[0].n (b) 1 → 2"],
      ],
      [
        "one move, not three",
        [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }],
        [{ name: "d" }, { name: "a" }, { name: "b" }, { name: "c" }],
        ["> [3] (d) to 0"],
      ],
      [
        "names that are not unique name nothing",
        [
          { name: "a", x: 1 },
          { name: "a", x: 2 },
        ],
        [
          { name: "a", x: 1 },
          { name: "a", x: 3 },
        ],
        ["~ [1].x 2 → 3"],
      ],
      [
        "an id where there is no name",
        [{ id: "p", x: 1 }, { id: "q" }],
        [{ id: "q" }, { id: "p", x: 2 }],
        ["> [0] (p) to 1", "~ [1].x (p) 1 → 2"],
      ],
    ];
  test.each(cases)("%s", (...row) => {
    const [, a, b, expected] = row;
    expect(told(a, b)).toStrictEqual(expected);
  });
});

describe("an operation that does not fit is refused", () => {
  const value = { a: { b: 1 }, list: [{ x: 1 }] };
  test.each([
    [{ kind: "add", path: ["a", "b"], value: 2 }, "a.b is to be added, but 1 is there"],
    [{ kind: "add", path: ["c", "d"], value: 2 }, "c.d is to be added, but nothing is there"],
    [{ kind: "add", path: ["list", 2], value: 2 }, "list[2] is to be added, but nothing is there"],
    [
      { kind: "remove", path: ["a", "b"], value: 2 },
      "a.b is to go, with the value 2, but 1 is there",
    ],
    [
      { kind: "replace", path: ["a", "c"], before: 1, value: 2 },
      "a.c is to be changed from 1, but nothing is there",
    ],
    [{ kind: "replace", path: [], before: 1, value: 2 }, "the whole value is to be changed from 1"],
    [{ kind: "move", path: ["list", 1], to: 0 }, "list[1] is to move to index 0, but nothing"],
    [{ kind: "move", path: ["a", "b"], to: 0 }, "a.b is to move to index 0, but 1 is there"],
    [{ kind: "add", path: ["a", 0], value: 2 }, "a[0] is to be added, but nothing is there"],
    [
      { kind: "replace", path: ["toString"], before: null, value: 2 },
      "toString is to be changed from null, but nothing",
    ],
  ] as const)("%j", (operation, message) => {
    expect(() => applyOperations([operation], value)).toThrow(message);
  });
});

describe("depth", () => {
  const nested = (depth: number, leaf: JsonValue): JsonValue => {
    let value = leaf;
    for (let level = 0; level < depth; level++) value = level % 2 === 0 ? { a: value } : [value];
    return value;
  };

  test("values as deep as is allowed are compared", () => {
    const [a, b] = [nested(500, 1), nested(500, 2)];
    expect(applyOperations(diffValues(a, b), a)).toEqual(b);
  });

  test("deeper ones are refused with a reason, whichever side they are on", () => {
    const deep = nested(100_000, 1);
    const reason = "more than 500 levels inside of each other";
    expect(() => diffValues(deep, nested(100_000, 2))).toThrow(reason);
    expect(() => diffValues(1, deep)).toThrow(reason);
  });
});
