import { expect, test } from "vitest";
import { choice, range } from "../../../src/config/axes.ts";
import { append } from "../../../src/config/changes.ts";
import { layerData } from "../../../src/config/definition.ts";
import { markerData } from "../../../src/config/markers.ts";
import {
  concat,
  filter,
  product,
  repeat,
  variants,
  when,
  zip,
} from "../../../src/config/spaces.ts";
import { misuseOf, sum, untyped } from "./sum-task.ts";

test("combinators record their layers, in order, and where they were called", () => {
  const layer = layerData(
    product(untyped({ seed: 1 }), zip(untyped({ seed: choice(1, 2), a: range(0, 2) }))),
  );
  expect(layer).toMatchObject({
    kind: "space",
    call: { file: import.meta.filename },
    space: {
      form: "product",
      layers: [
        { kind: "patch", label: "product", literal: { argument: 0 } },
        { kind: "space", space: { form: "zip", layer: { label: "zip" } } },
      ],
    },
  });
});

test("variants keep names, the labels of what they are, and the axis' name", () => {
  const tiny = sum.fragment(untyped({ a: 1 }));
  const data = layerData(variants("size", untyped({ small: { a: 2 }, tiny })));
  expect(data).toMatchObject({
    space: {
      axis: "size",
      alternatives: [
        {
          name: "small",
          layer: { label: 'variants "small"', literal: { argument: 1, keys: ["small"] } },
        },
        { name: "tiny", layer: { label: 'variants "tiny": fragment' } },
      ],
    },
  });
});

test("what was handed over is a copy: later changes of a shared literal reach nothing", () => {
  const shared = { a: { b: 1 } };
  const data = layerData(variants(untyped({ x: shared })));
  shared.a.b = 2;
  expect(data).toMatchObject({
    space: { alternatives: [{ layer: { patch: { a: { b: 1 } } } }] },
  });
});

test("repeat counts seeds from 0, or takes them", () => {
  const seedsOf = (layer: symbol): unknown => {
    const data = layerData(layer);
    const space = data?.kind === "space" ? data.space : undefined;
    const [patch] = space?.form === "product" ? space.layers : [];
    return patch?.kind === "patch" ? markerData((patch.patch as { seed: unknown }).seed) : patch;
  };
  expect(seedsOf(repeat(3))).toMatchObject({ kind: "choice", values: [0, 1, 2], from: "repeat" });
  expect(seedsOf(repeat([7, 3]))).toMatchObject({ values: [7, 3] });
});

test.each([
  [() => zip(untyped({ a: 1 })), "zip() found no axis inside."],
  [
    () => zip(untyped({ a: { b: choice(1, 2, 3) }, seed: range(0, 2) })),
    "zip() takes axes with equally many values: a.b has 3, seed has 2.",
  ],
  [
    () => zip(untyped({ a: append({ b: choice(1, 2, 3) }), c: [range(0, 2)] })),
    "zip() takes axes with equally many values: a[0].b has 3, c[0] has 2.",
  ],
  [() => zip(untyped(sum)), "the argument is a task, which no config can hold."],
  [() => variants({}), "variants() takes an object of named changes, found an empty object."],
  [
    () => variants(untyped("size")),
    "variants() takes an object of named changes, found undefined.",
  ],
  [() => variants(untyped({ 1: {} })), 'variants(): "1" cannot be the name of a variant.'],
  [() => variants("a b", untyped({ a: {} })), 'variants(): "a b" cannot be the name of an axis.'],
  [() => variants(untyped({ a: 3 })), 'variants(): "a" is 3, expected an object of changes.'],
  [() => product(), "product() needs at least one layer."],
  [() => concat(), "concat() needs at least one layer."],
  [() => when(() => true), "when() needs at least one layer."],
  [() => when(untyped({}), {}), "when() takes a function, found an object."],
  [() => filter(untyped(1)), "filter() takes a function, found 1."],
  [() => zip(untyped({ a: choice(1) })).filter(untyped(1)), "filter() takes a function, found 1."],
  [() => repeat([]), "repeat() takes a number of seeds or a list of seeds, found an empty list."],
  [() => repeat([1, 0.5]), "repeat(): a seed is an integer from 0, found 0.5."],
  [() => repeat(2.5), "repeat() takes a number of seeds from 1 to 1000000, found 2.5."],
])("%s is refused where it is called", (body, message) => {
  const error = misuseOf(body);
  expect(error).toMatch(/^spaces\.test\.ts:\d+:\d+: /);
  expect(error).toContain(message);
});
