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
  ["sort(3,1,2)", { kind: "choice", values: [1, 2, 3] }],
  ["sort(b,'a',c,reverse=true)", { kind: "choice", values: ["c", "b", "a"] }],
  ["sort(😀,ﬁ,a)", { kind: "choice", values: ["a", "ﬁ", "😀"] }],
  ["sort(range(0,1,0.3),reverse=true)", { kind: "range", start: 0.9, stop: -0.15, step: -0.3 }],
  ["sort(range(9,0,-2))", { kind: "range", start: 1, stop: 11, step: 2 }],
  ["shuffle(1,2,3,4,5)", { kind: "choice", values: [4, 5, 2, 1, 3] }],
  ["shuffle(range(1,6))", { kind: "choice", values: [4, 5, 2, 1, 3] }],
  ["shuffle(range(1,6),seed=1)", { kind: "choice", values: [5, 3, 2, 1, 4] }],
  ["tag(b,a,choice(1))", { kind: "choice", values: [1], tags: ["a", "b"] }],
  ["tag(a,range(2))", { kind: "range", start: 0, stop: 2, step: 1, tags: ["a"] }],
  ["interval(0,1)", { kind: "interval", start: 0, stop: 1, isInteger: false }],
  [
    "int(tag(log,interval(1.5,9)))",
    {
      kind: "interval",
      start: 1,
      stop: 9,
      isInteger: true,
      tags: ["log"],
    },
  ],
  [
    "glob(bert-*, exclude=[*-large, x])",
    {
      kind: "glob",
      include: ["bert-*"],
      exclude: ["*-large", "x"],
    },
  ],
  ["linspace(0,0.3,4)", { kind: "choice", values: [0, 0.1, 0.2, 0.3], from: "linspace" }],
  ["logRange(1,100,3)", { kind: "choice", values: [1, 10, 100], from: "logRange" }],
  ["int(linspace(0,3,4))", { kind: "choice", values: [0, 1, 2, 3] }],
  ["str(1,1.0,true)", { kind: "choice", values: ["1", "1.0", "true"] }],
])("the sweep %s, made by functions", (text, meaning) => {
  expect(valueOf(text)).toEqual(meaning);
});

test.each([
  ["int('1_0')", 10],
  ["int(-1.9)", -1],
  ["int(true)", 1],
  ["float('1e3')", 1000],
  ["bool(0.0)", false],
  ["bool('TRUE')", true],
  ["str(1e-5)", "1e-05"],
  ["str(1e16)", "1e+16"],
  ["str(null)", "null"],
  ["str([1,{a:'x'}])", ["1", { a: "x" }]],
  ["sort([b,a])", ["a", "b"]],
  ["shuffle([1,2,3,4,5])", [4, 5, 2, 1, 3]],
  ["[int('1'),str(2)]", [1, "2"]],
  ["sort(7)", 7],
])("the value %s, made by functions", (text, value) => {
  expect(valueOf(text)).toEqual(value);
});

test.each([
  ["a=interval(0)", 3, "needs two ends"],
  ["a=interval(1,1)", 3, "is empty"],
  ["a=interval(1,x)", 14, 'end is the text "x"'],
  ["a=glob()", 3, "needs a pattern"],
  ["a=glob(1)", 8, "takes texts"],
  ["a=glob(x,y,z)", 12, "no more"],
  ["a=sort()", 3, "at least one value"],
  ["a=sort(2,a)", 10, "no common order"],
  ["a=sort([1,nan])", 11, "nan has no order"],
  ["a=sort([[1]])", 9, "a list has no order"],
  ["a=sort(${b},1)", 8, "has no order"],
  ["a=sort(interval(0,1))", 8, "no order to change"],
  ["a=sort(1,2,reverse=1)", 20, "reverse is true or false"],
  ["a=sort(list=1)", 13, "list has to be a list"],
  ["a=sort(sweep=1)", 14, "sweep has to be one"],
  ["a=sort(1,list=[1])", 3, "one of them"],
  ["a=sort(range(0,inf),reverse=true)", 8, "not finite"],
  ["a=shuffle(1,2,seed=-1)", 20, "seed is an integer"],
  ["a=shuffle(1,2,sed=1)", 15, "Did you mean seed?"],
  ["a=shuffle(glob(x))", 11, "no order to change"],
  ["a=shuffle(range(1,1))", 11, "has no values"],
  ["a=tag(x,1)", 9, "the last argument of tag()"],
  ["a=tag()", 3, "the last argument of tag()"],
  ["a=tag(1,choice(2))", 7, "tags are texts"],
  ["a=int(x)", 7, 'the text "x" is not an integer'],
  ["a=int(1,nan)", 9, "nan is not an integer"],
  ["a=int(null)", 7, "null is not an integer"],
  ["a=int([1,{b:1.5x}])", 13, 'the text "1.5x" is not an integer'],
  ["a=float(x)", 9, "is not a number"],
  ["a=bool(yes)", 8, "is not true or false"],
  ["a=bool(${b})", 8, "known only later"],
  ["a=str(range(3))", 7, "holds numbers"],
  ["a=bool(interval(0,1))", 8, "holds numbers"],
  ["a=int(glob(x))", 7, "cannot be cast"],
  ["a=int()", 3, "needs a value"],
  ["a=int(1,value=2)", 15, "got value twice"],
  ["a=range(start=1,4)", 17, "cannot follow one with a name"],
  ["a=json_str(1)", 3, "json_str() is not known here"],
  ["a=extend_list(1)", 3, "Items are appended with +="],
  ["a=linspace(0,1)", 3, "needs two ends and a count"],
  ["a=logRange(0,1,3)", 3, "must both be above 0"],
  ["a=choice()", 3, "at least one value"],
  ["a=choice(x=1)", 10, "no argument named x"],
  ["a=choice(1,2),3", 3, "has to be the whole value"],
  ["a=choice(choice(1))", 10, "has to be the whole value"],
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
