import * as fc from "fast-check";
import { expect, test } from "vitest";
import { markerData } from "../../../src/config/markers.ts";
import { parseOverride } from "../../../src/config/override.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

/** The value of an override as plain data: markers show what they hold. */
function valueOf(text: string): unknown {
  const { value } = parseOverride(`key=${text}`, 0);
  const marker = markerData(value);
  if (!marker) return value;
  const { call: _call, ...meaning } = marker;
  return meaning;
}

/** The whole message of the error that a text causes. */
function errorOf(text: string, index = 0): string {
  try {
    parseOverride(text, index);
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  return "no error";
}

test.each([
  ["seed=7", "set", ["seed"]],
  ["+training.note=7", "add", ["training", "note"]],
  ["++training.note=7", "forceAdd", ["training", "note"]],
  ["layers[0].size=7", "set", ["layers", 0, "size"]],
  ['data["a b"].c=7', "set", ["data", "a b", "c"]],
  ["data['it\\'s'].c=7", "set", ["data", "it's", "c"]],
  ['data["\\u0041\\n"]=7', "set", ["data", "A\n"]],
  ["größe.λ-1.$x=7", "set", ["größe", "λ-1", "$x"]],
  ["layers.0.size=7", "set", ["layers", 0, "size"]],
  ["model/head=7", "set", ["model", "head"]],
  ["tags+=7", "append", ["tags"]],
  ["tags-=7", "subtract", ["tags"]],
  ["tags--=7", "subtract", ["tags-"]],
  ['["tags-"]=7', "set", ["tags-"]],
  ["a-b.c:=7", "replace", ["a-b", "c"]],
  ["~optimizer.momentum=7", "remove", ["optimizer", "momentum"]],
])("the operation and path of %s", (text, operation, key) => {
  expect(parseOverride(text, 3)).toMatchObject({ text, index: 3, operation, key, value: 7 });
});

test("~path has no value, ~path= has the empty text", () => {
  expect(parseOverride("~a.b", 0)).toMatchObject({ operation: "remove", hasValue: false });
  expect(parseOverride("~a.b", 0).value).toBeUndefined();
  expect(parseOverride("~a.b=", 0)).toMatchObject({ hasValue: true, value: "" });
});

test.each([
  ["7", 7],
  ["+7", 7],
  ["-7", -7],
  ["1_000", 1000],
  ["0", 0],
  ["-0", 0],
  ["1e-3", 0.001],
  ["3e-4", 0.0003],
  [".5", 0.5],
  ["1.", 1],
  ["1_0.5", 10.5],
  ["-1E+2", -100],
  ["1.e3", 1000],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["5e-324", 5e-324],
  ["0e-999", 0],
])("%s is the number %d", (text, value) => {
  expect(valueOf(text)).toBe(value);
});

test.each([
  "007",
  "0x10",
  "1__0",
  "1_",
  "_1",
  "1e",
  "1.2.3",
  "--1",
  "1-2",
  "1e1.5",
  "+",
  ".",
  "1 2",
])("%s is no number but a text", (text) => {
  expect(valueOf(text)).toBe(text);
});

test.each([
  ["null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["FALSE", false],
  ["None", "None"],
  ["yes", "yes"],
  ["on", "on"],
  ["nulls", "nulls"],
  ["", ""],
  [" \t ", ""],
])("the word %j", (text, value) => {
  expect(valueOf(text)).toBe(value);
});

test.each([
  ["../shared/data/sst2", "../shared/data/sst2"],
  [" a b\tc ", "a b\tc"],
  ["a=b", "a=b"],
  ["C:\\x\\y", "C:\\x\\y"],
  ["x\\,y\\]", "x,y]"],
  ["a\\ ", "a "],
  ["\\ a", " a"],
  ["\\\\", "\\"],
  ["1\\ ", "1 "],
  ["héllo wörld-日本語.😀", "héllo wörld-日本語.😀"],
  ["user@host:22/%*?|$+", "user@host:22/%*?|$+"],
  ["'a b'", "a b"],
  ["'1'", "1"],
  ["'null'", "null"],
  ["''", ""],
  ["'it\\'s'", "it's"],
  ['"say \\"hi\\""', 'say "hi"'],
  ["'a\\\\'", "a\\"],
  ["'C:\\new'", "C:\\new"],
  ["'${x} [1,2] # & ;'", "${x} [1,2] # & ;"],
  ["'two\nlines'", "two\nlines"],
])("the text %j", (text, value) => {
  expect(valueOf(text)).toBe(value);
});

test.each([
  ["[]", []],
  ["[1,[2,],'x y', ]", [1, [2], "x y"]],
  ["[a:b,c=d]", ["a:b", "c=d"]],
  ["{}", {}],
  ["{a:1,b:{c:'d'},'q r':null,}", { a: 1, b: { c: "d" }, "q r": null }],
  ["{a:b:c, 1:x, null:y}", { a: "b:c", "1": "x", null: "y" }],
  ["{a\\:b:1}", { "a:b": 1 }],
  ["{toString:1}", { toString: 1 }],
])("the value %s", (text, value) => {
  expect(valueOf(text)).toEqual(value);
});

test.each([
  ["1e-4,3e-4", { kind: "choice", values: [0.0001, 0.0003] }],
  ["a , 'b,c' , [1,2]", { kind: "choice", values: ["a", "b,c", [1, 2]] }],
  ["choice(1,2,)", { kind: "choice", values: [1, 2] }],
  ["choice (a)", { kind: "choice", values: ["a"] }],
  ["range(1,4)", { kind: "range", start: 1, stop: 4, step: 1 }],
  ["range(4)", { kind: "range", start: 0, stop: 4, step: 1 }],
  ["range( 0, 1, 0.1 )", { kind: "range", start: 0, stop: 1, step: 0.1 }],
  ["range(start=8, stop=2, step=-2)", { kind: "range", start: 8, stop: 2, step: -2 }],
  ["range(stop=3)", { kind: "range", start: 0, stop: 3, step: 1 }],
  ["range(1, stop=3)", { kind: "range", start: 1, stop: 3, step: 1 }],
])("the sweep %s", (text, meaning) => {
  expect(valueOf(text)).toEqual(meaning);
});

test("a sweep knows that it was written on the command line", () => {
  const { value } = parseOverride("seed=1,2", 4);
  expect(markerData(value)?.call).toEqual({ file: "command line", line: 5, column: 6 });
});

test("values are frozen, all the way down", () => {
  const { value } = parseOverride("a={b:[1,{c:2}]}", 0) as { value: { b: [number, object] } };
  expect([value, value.b, value.b[1]].every(Object.isFrozen)).toBe(true);
});

test("an error says which override, the column, and what was expected, with a caret", () => {
  expect(errorOf("optimizer.learningRate=[1,2", 1)).toMatchInlineSnapshot(`
    "usage: override 2, column 24: this bracket has no end: expected "]".
      optimizer.learningRate=[1,2
                             ^"
  `);
  expect(errorOf("a=[1;2]")).toMatchInlineSnapshot(`
    "usage: override 1, column 5: ";" cannot stand in a text without quotes.
      a=[1;2]
          ^
    Quote the whole value, and protect the quotes from the shell: 'data.path="a & b"'."
  `);
  expect(errorOf("a=chioce(1,2)")).toMatchInlineSnapshot(`
    "usage: override 1, column 3: there is no function chioce(); known are choice() and range(). Did you mean choice()?
      a=chioce(1,2)
        ^
    Quote the value if it is a text with brackets."
  `);
  expect(errorOf("😀".repeat(3))).toMatchInlineSnapshot(`
    "usage: override 1, column 1: expected the path of a value, such as optimizer.learningRate, found "😀".
      😀😀😀
      ^"
  `);
  expect(errorOf(`a=${"x".repeat(200)}#${"y".repeat(200)}`)).toMatchInlineSnapshot(`
    "usage: override 1, column 203: "#" cannot stand in a text without quotes.
      …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx#yyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
                                                                   ^
    Quote the whole value, and protect the quotes from the shell: 'data.path="a & b"'."
  `);
  expect(errorOf("a='\n\u0007'b")).toMatchInlineSnapshot(`
    "usage: override 1, column 7: a quoted text is a whole value, but "b" follows it.
      a='··'b
            ^
    Put everything inside the quotes."
  `);
});

test.each([
  ["", 1, "expected the path"],
  ["=1", 1, "expected the path"],
  ["seed", 5, 'expected "="'],
  ["seed 1", 5, 'expected "="'],
  ["a..b=1", 3, "a key or a list index behind the dot"],
  ["a.=1", 3, "a key or a list index behind the dot"],
  ["a[=1", 3, "expected a list index"],
  ["a[-1]=1", 3, "expected a list index"],
  ["a[01]=1", 3, "expected a list index"],
  ["a[b]=1", 3, "expected a list index"],
  ["a[1=1", 4, 'expected "]"'],
  ["a[1]b=1", 5, 'expected "="'],
  ["a@b=1", 2, 'expected "="'],
  ["a/b.c=1", 4, 'expected "="'],
  ["a.b/c=1", 4, 'expected "="'],
  ["$a/b=1", 3, 'expected "="'],
  ["a/=1", 3, "a key behind the slash"],
  ["a.01=1", 3, "a key or a list index behind the dot"],
  ["a.1b=1", 3, "a key or a list index behind the dot"],
  ["a:1", 2, 'expected "="'],
  ["+a", 3, 'expected "="'],
  ["~a b", 4, 'expected "="'],
  ["+a+=1", 3, "contradict each other"],
  ["~a:=1", 3, "contradict each other"],
  ["a=\ud800", 3, "not well-formed"],
  ['a["\\ud800"]=1', 3, "not well-formed"],
  ["__proto__=1", 1, "cannot be the key"],
  ["a.constructor=1", 3, "cannot be the key"],
  ['a["prototype"]=1', 3, "cannot be the key"],
  ["a={__proto__:1}", 4, "cannot be the key"],
  ["a={'constructor':1}", 4, "cannot be the key"],
  ["a={b:1,b:2}", 8, "stands here twice"],
  ["a={b}", 5, 'expected ":"'],
  ["a={:1}", 4, "expected a key"],
  ["a={b:}", 6, "expected a value"],
  ["a={b:1", 3, "has no end"],
  ["a=[1,2]]", 8, "expected a comma or the end"],
  ["a=[,]", 4, "expected a value"],
  ["a=1,", 5, "expected a value"],
  ["a=,1", 3, "expected a value"],
  ["a=1,,2", 5, "expected a value"],
  ["a=x]", 4, "expected a comma or the end"],
  ["a=(x", 3, "cannot stand in a text without quotes"],
  ["a=x(y", 3, "there is no function x()"],
  ["a='x", 3, "has no end"],
  ["a='x\\'", 3, "has no end"],
  ["a='x'y", 6, "a quoted text is a whole value"],
  ["a=x'y'", 4, "cannot stand in a text without quotes"],
  ["a=x#y", 4, "cannot stand in a text without quotes"],
  ["a=~/x", 3, "cannot stand in a text without quotes"],
  ["a=“x”", 3, "cannot stand in a text without quotes"],
  ["a=x\u00a0y", 4, "U+00A0"],
  ["a=x\ny", 4, "U+000A"],
  ["a=inf", 3, "inf is not a value"],
  ["a=-Inf", 3, "-Inf is not a value"],
  ["a=NaN", 3, "NaN is not a value"],
  ["a=[1,nan]", 6, "nan is not a value"],
  ["a=9007199254740993", 3, "64-bit floats"],
  ["a=1e999", 3, "64-bit floats"],
  ["a=1e-999", 3, "64-bit floats"],
  ["a=${b}", 3, "references (${…}) are not known"],
  ["a=x${b}", 4, "references (${…}) are not known"],
  ["a=interval(0,1)", 3, "interval() is not known here"],
  ["a=glob(*)", 3, "glob() is not known here"],
  ["a=sort(2,1)", 3, "sort() is not known here"],
  ["a=shuffle(2,1)", 3, "shuffle() is not known here"],
  ["a=tag(x,1)", 3, "tag() is not known here"],
  ["a=int(choice(1))", 3, "int() is not known here"],
  ["a=choice()", 3, "at least one value"],
  ["a=choice(x=1)", 10, "no argument named x"],
  ["a=choice(1,2),3", 3, "has to be the whole value"],
  ["a=1,range(3)", 5, "has to be the whole value"],
  ["a=choice(choice(1))", 10, "has to be the whole value"],
  ["a=[choice(1)]", 4, "has to be the whole value"],
  ["a={b:range(2)}", 6, "has to be the whole value"],
  ["a=range()", 3, "needs a stop"],
  ["a=range(1,2,3,4)", 15, "no more"],
  ["a=range(1,4,stop=3)", 13, "got stop twice"],
  ["a=range(end=4)", 9, "no argument named end"],
  ["a=range('1')", 9, "takes numbers"],
  ["a=range(1,1)", 3, "has no values"],
  ["a=range(0,1,0)", 3, "step must not be 0"],
  ["a=range(0,1,1e-9)", 3, "at most 1000000"],
])("%j is refused at column %d", (text, column, message) => {
  const error = errorOf(text);
  expect(error).toContain(`usage: override 1, column ${column}: `);
  expect(error).toContain(message);
});

test("nesting is limited, so that the parser cannot run out of stack", () => {
  const nested = (depth: number): string => `a=${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(errorOf(nested(100))).toBe("no error");
  expect(errorOf(nested(10_000))).toContain("nested 100 deep at most");
  expect(errorOf(`a=${"{b:".repeat(10_000)}`)).toContain("nested 100 deep at most");
  expect(errorOf(`a=${"choice(".repeat(10_000)}`)).toContain("nested 100 deep at most");
});

// A text costs 5 to 60 ms on an idle core, half a million numbers 150; anything quadratic takes minutes.
test.each([
  ["x".repeat(1e6)],
  [" ".repeat(1e6)],
  ["\\,".repeat(5e5)],
  [`'${"\\'".repeat(5e5)}'`],
  [`'${"\\".repeat(1e6)}'`],
  [`[${"1,".repeat(5e5)}]`],
  ["1_".repeat(5e5)],
  ["(".repeat(1e6)],
])("a megabyte is read in one pass (case %#)", (text) => {
  const start = performance.now();
  errorOf(`a=${text}`);
  expect(performance.now() - start).toBeLessThan(2000);
});

const signs = fc.constantFrom(
  ..."ab1._-+ \t,:=[](){}'\"\\$%~#@/é😀\u0000".split(""),
  "range(",
  "choice(",
  "${",
  "__proto__",
  "1e",
  "null",
);

test("no text makes the parser throw anything but an ExpError, or touch prototypes", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  fc.assert(
    fc.property(
      fc.array(signs, { maxLength: 30 }),
      fc.string({ unit: "binary" }),
      (parts, other) => {
        errorOf(`a=${parts.join("")}`); // rethrows what is no ExpError
        errorOf(parts.join(""));
        errorOf(other);
        errorOf(`a=${other}`);
      },
    ),
    { numRuns: 600, seed: 1 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
});
