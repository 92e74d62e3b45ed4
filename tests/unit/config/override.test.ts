import { expect, test } from "vitest";
import { markerData } from "../../../src/config/markers.ts";
import { numberProblem } from "../../../src/config/override-value.ts";
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
  ["inf", "inf is not a value"],
  ["-Inf", "-Inf is not a value"],
  ["NaN", "NaN is not a value"],
  ["9007199254740993", "64-bit floats"],
  ["12345678901234567890", "64-bit floats"],
  ["1e999", "64-bit floats"],
  ["1e-999", "64-bit floats"],
])("%s is a number that no config holds, and so its text", (text, problem) => {
  expect(valueOf(text)).toBe(text);
  expect(parseOverride(`key=[1,${text}]`, 0)).toMatchObject({
    value: [1, text],
    written: ["1", text],
  });
  expect(numberProblem(text)).toContain(problem);
});

test.each(["1e3", "0e-999", "-0", "5e-324", "9007199254740991", "x", "007", ""])(
  "a config can hold %j",
  (text) => expect(numberProblem(text)).toBeUndefined(),
);

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
  ["'$x [1,2] # & ;'", "$x [1,2] # & ;"],
  ["'\\${x} \\\\\\${y}'", "${x} \\${y}"],
  ["$\\{x\\}", "${x}"],
  ['"\\${it\'s}"', "${it's}"],
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

test.each([
  ["${a.b[0].1}", [{ path: ["a", "b", 0, 1] }]],
  ["${.a}/${..b.c}", [{ path: ["a"], up: 1 }, "/", { path: ["b", "c"], up: 2 }]],
  ["'${a}'", [{ path: ["a"] }]],
  ["str(${a})", ["", { path: ["a"] }]],
  ["x-${a}-\\${b}\\, ", ["x-", { path: ["a"] }, "-${b},"]],
  ["'${ [\"a b\"] }, \\${x}'", [{ path: ["a b"] }, ", ${x}"]],
])("the reference %s", (text, parts) => {
  expect(valueOf(text)).toMatchObject({ kind: "reference", parts });
});

test("references stand in lists, dicts and sweeps", () => {
  expect(valueOf("[${a},1]")).toEqual([expect.anything(), 1]);
  const values = [expect.anything(), { b: expect.anything() }];
  expect(valueOf("${a},{b:${c}}")).toEqual({ kind: "choice", values });
});

test("a text that was quoted or cast is no name of a preset: nothing is written for it", () => {
  const writtenFor = (text: string): unknown => parseOverride(`model=${text}`, 0).written;
  expect(writtenFor("bert-tiny")).toBe("bert-tiny");
  expect(writtenFor("'bert-tiny'")).toBeUndefined();
  expect(writtenFor("str(bert-tiny)")).toBeUndefined();
  expect(writtenFor("choice('a',b)")).toEqual([undefined, "b"]);
  expect(writtenFor("sort(b,a)")).toEqual(["a", "b"]);
  expect(writtenFor("[1.50,{a:0x1}]")).toEqual(["1.50", new Map([["a", "0x1"]])]);
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
    "usage: override 1, column 3: there is no function chioce(); known are choice, range, linspace, logRange, interval, glob, tag, sort, shuffle, int, float, str, bool. Did you mean choice()?
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
  ["~a,b", 3, "Write an argument for each path: ~one ~other."],
  ["~a[0],b[1]", 6, 'found ","'],
  ["~a]", 3, 'found "]"'],
  ["~a }", 4, 'found "}"'],
  ["~a,)(", 3, 'found ","'],
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
  ["a=range(1,inf)", 11, "inf is not a value"],
  ["a=range(9007199254740993)", 9, "64-bit floats"],
  ["a=interval(0,1e999)", 14, "inf is not a value"],
  ["a=${b", 3, "this reference has no end"],
  ["a=${}", 3, "this reference has no end"],
  ["a=x${a.${b}}", 4, "this reference has no end"],
  ["a=x${..}", 6, "the path of a value"],
  ["a=${env:HOME}", 5, "There are no functions in references"],
  ["a=${__proto__}", 5, "cannot be the key"],
  ["a='x ${a.${b}}'", 3, "cannot hold another one"],
  ["a='x ${a'", 3, "a } is missing"],
  ["a={${b}:1}", 4, "cannot hold a reference"],
  ["a=1,range(3)", 5, "has to be the whole value"],
  ["a=[choice(1)]", 4, "has to be the whole value"],
  ["a={b:range(2)}", 6, "has to be the whole value"],
])("%j is refused at column %d", (text, column, message) => {
  const error = errorOf(text);
  expect(error).toContain(`usage: override 1, column ${column}: `);
  expect(error).toContain(message);
});
