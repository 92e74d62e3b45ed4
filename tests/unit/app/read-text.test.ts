import { expect, test } from "vitest";
import { readError, readText } from "../../../src/app/read-text.ts";
import { isExpError } from "../../../src/core/errors.ts";

const asValue = { isArgument: false, name: "value" };
const asArgument = { isArgument: true, name: "line 7" };

function failure(text: string, request = asValue): unknown {
  try {
    readText(text, request);
  } catch (error) {
    return readError(error);
  }
  return "no error";
}

test("JSON keeps apart what JSON has one form for", () => {
  const { tagged } = readText("[1,1.0,-inf,a,'b',\"c\",{1:x,null:y,true:z,1.0:w,'1':v}]", asValue);
  expect(tagged).toEqual([
    1,
    { $float: "1.0" },
    { $float: "-inf" },
    "a",
    { $quoted: "b", quote: "single" },
    { $quoted: "c", quote: "double" },
    {
      $dict: [
        [1, "x"],
        [null, "y"],
        [true, "z"],
        [{ $float: "1.0" }, "w"],
        [{ $quoted: "1", quote: "single" }, "v"],
      ],
    },
  ]);
  expect(readText("12345678901234567890", asValue).tagged).toEqual({
    $integer: "12345678901234567890",
  });
});

test.each([
  ["a,b", { $choice: ["a", "b"], simple: true, shuffle: false, tags: [] }],
  ["tag(x,range(3))", { $range: [0, 3, 1], shuffle: false, tags: ["x"] }],
  ["shuffle(1,2,seed=3)", { $choice: [1, 2], simple: true, shuffle: true, seed: 3, tags: [] }],
  ["int(interval(0,9))", { $interval: [0, 9], tags: [] }],
  ["glob(a*,b*)", { $glob: { include: ["a*"], exclude: ["b*"] } }],
  [
    "linspace(0,1,2)",
    {
      $choice: [{ $float: "0.0" }, { $float: "1.0" }],
      simple: false,
      shuffle: false,
      tags: [],
      from: { linspace: [0, 1, 2] },
    },
  ],
])("the sweep %s as JSON", (text, tagged) => {
  expect(readText(text, asValue).tagged).toEqual(tagged);
});

test("people read what a value is, how to write it, and what a config makes of it", () => {
  const text = (value: string): string => readText(value, asValue).lines.join("\n");
  expect(text("[1,'a b',{k:1.50}]")).toMatchInlineSnapshot(`
    "list of 3
      integer 1
      text "a b", quoted
      dict of 1
        text "k": float 1.50

    written back  [1,'a b',{k:1.50}]
    in a config   [1,"a b",{"k":1.5}]"
  `);
  expect(text("shuffle(range(1,20),seed=4)")).toMatchInlineSnapshot(`
    "range from 1 up to, without, 20, in steps of 1, shuffled by seed 4

    written back  shuffle(range(1,20,1),seed=4)
    in a config   19 runs: 10  5  6  15  4  17  2  7  8  16  19  1  …"
  `);
  expect(text("x${a}")).toMatchInlineSnapshot(`
    "reference "x\${a}"

    written back  x\${a}
    in a config   known when the config is resolved"
  `);
  expect(text("1e999")).toMatchInlineSnapshot(`
    "float 1e999

    written back  1e999
    in a config   "1e999", where a text may stand: as a number 1e999 is refused"
  `);
  expect(text("int(interval(0,1))")).toContain("needs a search");
  expect(text("glob(bert-*)")).toContain("an axis over the presets");
  expect(text(`[${"1,".repeat(200)}]`)).toContain("… and 100 more");
});

test("whole arguments: what is done to which path, and combinators", () => {
  const read = readText("a.b-=x", asArgument);
  expect(read.tagged).toEqual({
    $override: { type: "SUBTRACT", key: "a.b", package: null, value_type: "ELEMENT", value: "x" },
  });
  expect(read.lines[0]).toBe("takes items out of a.b");
  expect(readText("~a", asArgument).tagged).toMatchObject({ $override: { value_type: null } });
  const call = readText("concat(a=1,variants(x={b:1.0}),when(c>1,d=[2]),repeat(2))", asArgument);
  expect(call.lines).toMatchInlineSnapshot(`
    [
      "concat",
      "  sets a=1",
      "  variants",
      "    x={b:1.0}",
      "  when",
      "    where c>1",
      "    sets d=[2]",
      "  repeat",
      "    2",
    ]
  `);
  expect(call.tagged).toMatchInlineSnapshot(`
    {
      "$combinator": {
        "kind": "concat",
        "parts": [
          {
            "$override": {
              "key": "a",
              "package": null,
              "type": "CHANGE",
              "value": 1,
              "value_type": "ELEMENT",
            },
          },
          {
            "$combinator": {
              "kind": "variants",
              "parts": [
                {
                  "$variant": {
                    "name": "x",
                    "value": {
                      "$dict": [
                        [
                          "b",
                          {
                            "$float": "1.0",
                          },
                        ],
                      ],
                    },
                  },
                },
              ],
            },
          },
          {
            "$combinator": {
              "kind": "when",
              "parts": [
                {
                  "$comparison": {
                    "key": "c",
                    "operator": ">",
                    "value": 1,
                  },
                },
                {
                  "$override": {
                    "key": "d",
                    "package": null,
                    "type": "CHANGE",
                    "value": [
                      2,
                    ],
                    "value_type": "ELEMENT",
                  },
                },
              ],
            },
          },
          {
            "$combinator": {
              "kind": "repeat",
              "parts": [
                2,
              ],
            },
          },
        ],
      },
    }
  `);
});

test("an error has its position, in JSON too", () => {
  expect(failure("[1,2")).toEqual({
    code: "usage",
    message: 'this bracket has no end: expected "]".',
    position: 0,
    column: 1,
  });
  expect(failure("😀#")).toMatchObject({ position: 2, column: 2 });
  expect(failure("")).toMatchObject({ message: "expected a value, found the end." });
  expect(() => readText("a.=1", asArgument)).toThrow("line 7, column 3: expected a key");
  expect(() => readError(new TypeError("ours"))).toThrow("ours");
  expect(isExpError(new TypeError("ours"))).toBe(false);
});

test("tagged JSON tells a reference from the same characters", () => {
  const tagged = (text: string): unknown => readText(text, asValue).tagged;
  expect(tagged("${a}")).toBe("${a}");
  expect(tagged("x ${a}")).toBe("x ${a}");
  expect(tagged("\\${a}")).toEqual({ $literal: "${a}" });
  expect(tagged("$\\{a\\}")).toEqual({ $literal: "${a}" });
  expect(tagged("\\${a} ${b}")).toEqual({ $joined: [{ $literal: "${a} " }, "${b}"] });
  expect(tagged("[\\${a},${a}]")).toEqual([{ $literal: "${a}" }, "${a}"]);
  expect(tagged("'\\${a}'")).toEqual({ $quoted: "\\${a}", quote: "single" });
  expect(tagged("'${a}'")).toEqual({ $quoted: "${a}", quote: "single" });
});
