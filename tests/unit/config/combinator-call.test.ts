import { expect, test } from "vitest";
import {
  isCombinator,
  parseArgument,
  type CombinatorCall,
} from "../../../src/config/combinator-call.ts";
import { markerData } from "../../../src/config/markers.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

function callOf(text: string): CombinatorCall {
  const argument = parseArgument(text, 2);
  if (!isCombinator(argument)) throw new Error(`${text} was read as an override`);
  return argument;
}

function errorOf(text: string): string {
  try {
    parseArgument(text, 0);
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  return "no error";
}

test("changes that advance together", () => {
  const call = callOf("zip( lr=[1e-4,3e-4] , ++training.batchSize=[16,32], ~a )");
  expect(call).toMatchObject({
    kind: "zip",
    index: 2,
    parts: [
      { kind: "override", override: { key: ["lr"], operation: "set", value: [1e-4, 3e-4] } },
      {
        kind: "override",
        override: { operation: "forceAdd", text: "++training.batchSize=[16,32]" },
      },
      { kind: "override", override: { operation: "remove", hasValue: false } },
    ],
  });
});

test("named changes, and the name of their axis", () => {
  expect(callOf("variants(size, small={model:{numLayers:1}}, none={})").parts).toMatchObject([
    { kind: "value", value: "size" },
    { kind: "variant", name: "small", value: { model: { numLayers: 1 } } },
    { kind: "variant", name: "none", value: {} },
  ]);
});

test("conditions come before the changes that they are for", () => {
  const call = callOf("when(optimizer.kind=sgd, model.numLayers >= 2, optimizer.momentum=[0,0.9])");
  expect(call.parts).toMatchObject([
    { comparison: { path: ["optimizer", "kind"], operator: "==", value: "sgd" } },
    { comparison: { path: ["model", "numLayers"], operator: ">=", value: 2 } },
    { override: { key: ["optimizer", "momentum"], value: [0, 0.9] } },
  ]);
  expect(callOf("filter(a>1,b!=x,c<=2,d==[1],e<3)").parts).toMatchObject(
    [">", "!=", "<=", "==", "<"].map((operator) => ({ comparison: { operator } })),
  );
});

test("seeds, and calls in calls", () => {
  expect(callOf("repeat(3)").parts).toMatchObject([{ kind: "value", value: 3 }]);
  const call = callOf("concat(product(a=[1,2],b=choice(x,y)), repeat([4,5]) , c=1)");
  expect(call.parts).toMatchObject([
    { kind: "call", call: { kind: "product", text: "product(a=[1,2],b=choice(x,y))", index: 2 } },
    { kind: "call", call: { kind: "repeat", parts: [{ value: [4, 5] }] } },
    { kind: "override" },
  ]);
  const [product] = call.parts;
  const inner = product?.kind === "call" ? product.call.parts[1] : undefined;
  const value = inner?.kind === "override" ? inner.override.value : undefined;
  expect(markerData(value)).toMatchObject({ kind: "choice", values: ["x", "y"] });
});

test("an override whose path has the name of a combinator stays one", () => {
  expect(parseArgument("repeat=3", 0)).toMatchObject({ key: ["repeat"], value: 3 });
  expect(parseArgument("zip.a=3", 0)).toMatchObject({ key: ["zip", "a"] });
});

test.each([
  ["zip()", 1, "combines nothing"],
  ["zip(a=1", 4, "has no end"],
  ["zip(a=1) b", 10, "expected the end"],
  ["zip(a=1;b=2)", 8, "cannot stand in a text"],
  ["zip(3)", 5, "expected the path"],
  ["zip(a)", 6, 'expected "="'],
  ["variants(a={},3)", 15, "expected a name"],
  ["when(a,b=1)", 7, "expected a comparison"],
  ["filter(filter(a>1))", 8, "filter() takes comparisons"],
  ["filter(repeat(2))", 8, "and no repeat(…)"],
  ["when(when(a=1,b=2),b=1)", 6, "when() takes a comparison first"],
  ["when(repeat(2),b=1)", 6, "and no repeat(…)"],
  ["repeat(repeat(2))", 8, "takes a number of seeds"],
  ["variants(zip(seed=[1,2]))", 10, "variants() takes names"],
  ["variants(a={seed:1}, a={seed:2})", 22, 'two variants "a"'],
  ["filter(a~1)", 9, "expected a comparison"],
  ["filter(a=1)", 9, "expected ==, found =."],
  ["filter(a>1,b.c = x)", 16, "Write == where values are to be equal."],
  ["filter(a>)", 10, "expected a value"],
  ["repeat(\ud800)", 8, "not well-formed"],
])("%j is refused at column %d", (text, column, message) => {
  expect(errorOf(text)).toContain(`usage: override 1, column ${column}: `);
  expect(errorOf(text)).toContain(message);
});

test("nesting is limited", () => {
  expect(errorOf("product(".repeat(10_000))).toContain("column 169: calls may be nested 20 deep");
});
