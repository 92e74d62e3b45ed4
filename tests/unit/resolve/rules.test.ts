import { expect, test } from "vitest";
import { base, configOf, problemsOf, smallTask, untyped } from "./support/small-task.ts";

const { extend, rule } = smallTask;

test("a rule that does not hold shows the values that it read, at the one set last", () => {
  const child = extend(
    base,
    rule("warm-up fits", (c) => (c.schedule.warmupSteps ?? 0) <= (c.training.numSteps ?? 0)),
    { schedule: { warmupSteps: 11 } },
  );
  expect(problemsOf(child)).toEqual([
    'schedule.warmupSteps: breaks the rule "warm-up fits": schedule.warmupSteps is 11, training.numSteps is 10',
  ]);
  expect(configOf(child, ["schedule.warmupSteps=10"]).schedule.warmupSteps).toBe(10);
});

test("all rules are reported, beside the issues of fields that they did not read", () => {
  const child = extend(
    base,
    rule("odd", (c) => c.seed % 2 === 1),
    rule("large", (c) => c.training.batchSize > 100),
    { seed: 2, hiddenSizes: [0.5] },
  );
  expect(problemsOf(child)).toEqual([
    "hiddenSizes[0]: must be a whole number (found 0.5)",
    'seed: breaks the rule "odd": seed is 2',
    'training.batchSize: breaks the rule "large": training.batchSize is 8',
  ]);
});

test("a rule about a value that is wrong already says nothing", () => {
  const child = extend(
    base,
    rule("odd", (c) => c.seed % 2 === 1),
    { seed: -2 },
  );
  expect(problemsOf(child)).toEqual(["seed: must be at least 0 (found -2)"]);
});

test("a rule that throws or gives no answer is broken itself", () => {
  const wrong = rule("yes", () => "yes" as never);
  const throwing = rule("falls", (c) => String(untyped(c)["name"]["length"]) > "3");
  expect(problemsOf(extend(base, wrong, throwing))).toEqual([
    ': breaks the rule "yes", which gave "yes" instead of true or false',
    "name: breaks the rule \"falls\", which threw TypeError: Cannot read properties of undefined (reading 'length'): name is undefined",
  ]);
});
