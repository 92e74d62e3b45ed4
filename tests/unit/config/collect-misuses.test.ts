import { expect, test } from "vitest";
import { choice, linspace, logRange, range } from "../../../src/config/axes.ts";
import { append, prepend, replace } from "../../../src/config/changes.ts";
import { collectMisuses } from "../../../src/config/collect-misuses.ts";
import { derived } from "../../../src/config/deferred.ts";
import { env, external } from "../../../src/config/inputs.ts";
import { secret } from "../../../src/config/secret.ts";
import { isExpError } from "../../../src/core/errors.ts";
import { sum } from "./sum-task.ts";

/** Without places, one a line. */
function told(evaluate: () => unknown): readonly string[] {
  try {
    collectMisuses(evaluate);
  } catch (error) {
    if (isExpError(error)) {
      return error.message.split("\n").map((line) => line.replace(/^\S+:\d+:\d+: /u, ""));
    }
    throw error;
  }
  return [];
}

test("all wrong calls are told together, in their order", () => {
  const nothing = undefined as never; // what plain JavaScript may hand over
  const calls: Readonly<Record<string, () => unknown>> = {
    choice: () => choice(),
    range: () => range(0, 1, 0),
    linspace: () => linspace(0, 1, 0),
    logRange: () => logRange(0, 1, 2),
    append: () => append(),
    prepend: () => prepend(),
    replace: () => replace(choice(1)),
    derived: () => derived(nothing),
    env: () => env(nothing),
    external: () => external("key", nothing),
    rule: () => sum.rule("a claim", nothing),
    secret: () => secret("no name"),
    variants: () => sum.variants({}),
    zip: () => sum.zip({ seed: 1 }),
    product: () => sum.product(),
    concat: () => sum.concat(),
    when: () => sum.when(nothing, {}),
    filter: () => sum.filter(nothing),
    repeat: () => sum.repeat(0),
    ".filter": () => sum.repeat(2).filter(nothing),
    fragment: () => sum.fragment(nothing),
    defineConfig: () => sum.defineConfig(nothing),
    extend: () => sum.extend(nothing),
  };
  const names = Object.keys(calls);
  const lines = told(() => Object.values(calls).map((call) => call()));
  expect(lines).toHaveLength(names.length);
  for (const [index, name] of names.entries())
    expect(lines[index]).toMatch(`${name.replace(".", "")}(`);
});

test("a wrong call inside of another, or what comes of it, is not told twice", () => {
  expect(told(() => [choice([append()]), replace(choice())])).toEqual([
    "append() needs at least one item.",
    "choice() needs at least one value.",
  ]);
  expect(told(() => [sum.zip({ seed: choice() }), derived(undefined as never)])).toEqual([
    "choice() needs at least one value.",
    "derived() takes a function, found undefined.",
  ]);
});

test("several wrong arguments of one call are told, and what holds a wrong call is not wrong for that", () => {
  const nothing = undefined as never;
  const whole = { training: { numSteps: 1 } };
  expect(told(() => sum.extend(sum.defineConfig(whole), nothing, 3 as never))).toEqual([
    "extend(): argument 2 is undefined, expected an object of changes. Is there a fragment or preset of that name?",
    "extend(): argument 3 is 3, expected an object of changes.",
  ]);
  const inside = sum.fragment({});
  expect(
    told(() => [
      sum.extend(sum.defineConfig(nothing), sum.when(nothing, sum.zip({ seed: choice() })), inside),
      sum.variants({ one: sum.repeat(0).filter(nothing) }),
    ]),
  ).toEqual([
    "defineConfig(): argument 1 is undefined, expected an object of changes. Is there a fragment or preset of that name?",
    "choice() needs at least one value.",
    "when() takes a function, found undefined.",
    "repeat() takes a number of seeds from 1 to 1000000, found 0.",
    "filter() takes a function, found undefined.",
  ]);
});

test("one wrong call is told as it is, and any other error where nothing was noted", () => {
  expect(() => collectMisuses(() => choice())).toThrow("choice() needs at least one value.");
  expect(() => collectMisuses(() => expect.unreachable("thrown"))).toThrow("thrown");
});

test("nothing is collected where no module is evaluated, nor after one has been", () => {
  expect(collectMisuses(() => 3)).toBe(3);
  expect(() => choice()).toThrow("choice() needs at least one value.");
});
