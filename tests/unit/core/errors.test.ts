import { expect, test } from "vitest";
import {
  ExpError,
  formatError,
  formatIssue,
  formatOrigin,
  InternalError,
  isExpError,
} from "../../../src/core/errors.ts";

const source = { kind: "source", file: "experiments/wide.ts", line: 12, column: 5 } as const;

test("an origin is printed as a place that editors can open", () => {
  expect(formatOrigin({ ...source, isKey: true })).toBe("experiments/wide.ts:12:5");
  expect(formatOrigin({ ...source, isKey: false })).toBe("experiments/wide.ts:12:5 (built at)");
  expect(formatOrigin({ kind: "commandLine", text: "seed=7" })).toBe("command line: seed=7");
  expect(formatOrigin({ kind: "default" })).toBe("default of the schema");
});

test("an error prints its summary, every issue with origin and nearest name, then what to do", () => {
  const error = new ExpError("config", "2 values are wrong.", {
    issues: [
      {
        path: ["optimizer", "weightDeacy"],
        message: "is not a known key.",
        origin: { ...source, isKey: true },
        suggestion: "optimizer.weightDecay",
      },
      { path: ["seed"], message: "expected an integer of at least 0", value: "-1" },
    ],
    hint: "Correct them and start again.",
  });
  expect(formatError(error)).toMatchInlineSnapshot(`
    "2 values are wrong.
      experiments/wide.ts:12:5  optimizer.weightDeacy: is not a known key. Did you mean optimizer.weightDecay?
      seed: expected an integer of at least 0 (found -1)
    Correct them and start again."
  `);
});

test("an issue about the whole config needs neither path nor origin", () => {
  expect(formatIssue({ path: ["url"], message: "no address", value: '"http://u:p@h/"' })).toBe(
    'url: no address (found "http://…@h/")',
  );
  expect(formatIssue({ path: [], message: "nothing is set" })).toMatchInlineSnapshot(
    `"nothing is set"`,
  );
});

test("an error keeps its cause, and has no hint or issues unless given", () => {
  const cause = new Error("disk");
  const error = new ExpError("store", "The run cannot be written.", { cause });
  expect(error).toMatchObject({ code: "store", issues: [], hint: undefined, cause });
  expect("cause" in new ExpError("store", "x")).toBe(false);
  expect(formatError(error)).toBe("The run cannot be written.");
});

test("an ExpError is known by its data, so that two copies of the module agree", () => {
  const foreign = Object.assign(new Error("x"), { name: "ExpError", code: "usage", issues: [] });
  expect(isExpError(new ExpError("usage", "x"))).toBe(true);
  expect(isExpError(foreign)).toBe(true);
  expect(isExpError(new Error("x"))).toBe(false);
  expect(isExpError(new InternalError("x"))).toBe(false);
  expect(isExpError({ name: "ExpError", code: "usage" })).toBe(false);
});

test("a broken promise of our own says so", () => {
  const error = new InternalError("a step was skipped", 5);
  expect(error).toMatchObject({ message: "internal: a step was skipped", cause: 5 });
});
