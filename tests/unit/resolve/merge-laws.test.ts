/** The laws of merging, over random patches and command lines. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { append, prepend, remove, replace } from "../../../src/config/changes.ts";
import { formatOverride } from "../../../src/config/format-override.ts";
import { isPlainObject } from "../../../src/core/json.ts";
import { formatPath, valueAt, type Path } from "../../../src/core/path.ts";
import {
  base,
  configOf,
  resolveWith,
  smallTask,
  untyped,
  type SmallConfig,
} from "./support/small-task.ts";

const { extend } = smallTask;

type Plain = Record<string, unknown>;

/** A patch of plain values; objects of it may be partial at any depth. */
const patch: fc.Arbitrary<Plain> = fc.record(
  {
    seed: fc.nat(9),
    name: fc.string({ maxLength: 3 }),
    seeds: fc.dictionary(fc.constantFrom("a", "b", "c d"), fc.nat(9)),
    hiddenSizes: fc.array(fc.nat(9), { maxLength: 3 }),
    training: fc.record(
      {
        batchSize: fc.integer({ min: 1, max: 9 }),
        maxGradNorm: fc.constantFrom(null, 0.5, 1),
      },
      { requiredKeys: [] },
    ),
    optimizer: fc.record(
      {
        learningRate: fc.constantFrom(1e-3, 1e-2),
        beta1: fc.constantFrom(0.5, 0.9),
        weightDecay: fc.constantFrom(0, 0.1),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

const items = fc.array(fc.nat(99), { minLength: 1, maxLength: 3 });

/** The config after layers, which the types refuse because their keys are only known here. */
function after(...layers: readonly unknown[]): SmallConfig {
  return configOf(extend(base, ...(layers as never[])));
}

/** What merging two plain patches must be the same as: objects by key, anything else as it is. */
function mergePlain(lower: unknown, upper: unknown): unknown {
  if (!isPlainObject(lower) || !isPlainObject(upper)) return upper;
  const merged: Plain = { ...lower };
  for (const [key, value] of Object.entries(upper)) {
    merged[key] = Object.hasOwn(lower, key) ? mergePlain(lower[key], value) : value;
  }
  return merged;
}

/** Path and value of all that a patch writes. */
function leaves(value: unknown, path: Path = []): readonly (readonly [Path, unknown])[] {
  if (!isPlainObject(value) || Object.keys(value).length === 0) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]));
}

function check<T>(arbitrary: fc.Arbitrary<T>, law: (value: T) => void): void {
  fc.assert(fc.property(arbitrary, law), { numRuns: 40 });
}

test("nothing is the identity on both sides", () => {
  check(patch, (change) => {
    const expected = after(change);
    expect(after({}, change)).toEqual(expected);
    expect(after(change, {})).toEqual(expected);
  });
});

test("merging is associative: two patches in a row are their own merger", () => {
  check(fc.tuple(patch, patch, patch), ([first, second, third]) => {
    const expected = after(first, second, third);
    expect(after(mergePlain(first, second), third)).toEqual(expected);
    expect(after(first, mergePlain(second, third))).toEqual(expected);
  });
});

test("merging twice is merging once, also with something between that is overwritten", () => {
  check(fc.tuple(patch, patch), ([change, other]) => {
    expect(after(change, change)).toEqual(after(change));
    expect(after(other, change, change)).toEqual(after(other, change));
  });
});

test("the last layer wins, and no layer touches what it does not write", () => {
  check(fc.tuple(patch, patch), ([first, second]) => {
    const config = after(first, second);
    const written = leaves(second).filter(([, value]) => !isPlainObject(value));
    for (const [path, value] of written) expect(valueAt(config, path)).toEqual(value);
    const names = written.map(([path]) => formatPath(path));
    for (const [path, value] of leaves(first)) {
      if (isPlainObject(value) || names.includes(formatPath(path))) continue;
      expect(valueAt(config, path)).toEqual(value);
    }
  });
});

test("replace() forgets what was below, whatever it was", () => {
  check(fc.tuple(patch, patch), ([change, other]) => {
    const training = { numSteps: 3, ...(other["training"] as object | undefined) };
    const whole = { training: replace(training as never) };
    expect(after(change, whole).training).toEqual(after(whole).training);
    expect(after(change, whole, whole)).toEqual(after(change, whole));
  });
});

test("what is removed and then set is as if it had been set alone; removing twice is removing once", () => {
  check(fc.tuple(patch, patch), ([change, other]) => {
    const gone = { name: remove(), seeds: remove(), training: { maxGradNorm: remove() } };
    const { name: _, seeds: __, ...rest } = change;
    const { maxGradNorm: ___, ...training } = (change["training"] ?? {}) as Plain;
    const spared = "training" in change ? { ...rest, training } : rest;
    expect(after(change, gone, other)).toEqual(after(spared, other));
    expect(after(change, gone, gone)).toEqual(after(change, gone));
  });
});

test("append() and prepend() are concatenation: in order, associative, and independent of each other", () => {
  check(fc.tuple(items, items, items), ([first, second, third]) => {
    const list = (...layers: unknown[]): readonly number[] =>
      after({ hiddenSizes: first }, ...layers.map((hiddenSizes) => ({ hiddenSizes }))).hiddenSizes;
    expect(list(append(...second), append(...third))).toEqual([...first, ...second, ...third]);
    expect(list(append(...second, ...third))).toEqual([...first, ...second, ...third]);
    expect(list(prepend(...second), prepend(...third))).toEqual([...third, ...second, ...first]);
    expect(list(prepend(...third), append(...second))).toEqual(
      list(append(...second), prepend(...third)),
    );
  });
});

test("a command line does what a patch of the same values does", () => {
  check(fc.tuple(patch, patch), ([change, given]) => {
    const written = leaves(given).filter(([path]) => path.length > 0);
    const overrides = written.map(([path, value]) => formatOverride(path, value));
    const definition = extend(base, untyped(change));
    expect(configOf(definition, overrides)).toEqual(after(change, given));
  });
});

test("overrides of different paths may stand in any order; of one path the last holds", () => {
  const shuffled = patch.chain((given) => {
    const written = leaves(given).filter(([path]) => path.length > 0);
    const overrides = written.map(([path, value]) => formatOverride(path, value));
    return fc.tuple(
      fc.constant(overrides),
      fc.shuffledSubarray(overrides, { minLength: overrides.length }),
    );
  });
  check(fc.tuple(shuffled, fc.nat(9)), ([[inOrder, mixed], seed]) => {
    expect(configOf(base, mixed)).toEqual(configOf(base, inOrder));
    const twice = configOf(base, ["seed=99", ...mixed, `seed=${seed}`]);
    expect(twice).toEqual({ ...configOf(base, inOrder), seed });
  });
});

test("+= in a row concatenates, and -= takes back what += gave", () => {
  check(fc.tuple(items, items), ([first, second]) => {
    const list = (...overrides: string[]): unknown => configOf(base, overrides).hiddenSizes;
    const given = [formatList("+=", first), formatList("+=", second)];
    expect(list(...given)).toEqual([32, 16, ...first, ...second]);
    const others = first.filter((size) => ![32, 16].includes(size));
    fc.pre(others.length > 0);
    expect(list(formatList("+=", others), formatList("-=", [...new Set(others)]))).toEqual([
      32, 16,
    ]);
  });
});

function formatList(operator: string, values: readonly number[]): string {
  return `hiddenSizes${operator}[${values.join(",")}]`;
}

test("adding to an axis of lists is adding to each of its lists", () => {
  check(fc.tuple(fc.array(items, { minLength: 2, maxLength: 4 }), items), ([lists, added]) => {
    fc.pre(new Set(lists.map(String)).size === lists.length); // equal runs are merged
    const axis = `hiddenSizes=${lists.map((list) => `[${list.join(",")}]`).join(",")}`;
    const { runs } = resolveWith(base, [axis, formatList("+=", added)]);
    expect(runs.map(({ config }) => config["hiddenSizes"])).toEqual(
      lists.map((list) => [...list, ...added]),
    );
  });
});
