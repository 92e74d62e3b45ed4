/** The original executed once more beside an execution that went apart: what its rows tell, and what they do not. */
import { expect, test } from "vitest";
import { originalReader, type OriginalReader } from "../../../src/app/verify/locate.ts";
import { withoutData } from "../../../src/app/verify/missing-data.ts";
import type { StoredRun } from "../../../src/app/verify/stored-run.ts";
import { ExpError } from "../../../src/core/errors.ts";
import type { JsonObject } from "../../../src/core/json.ts";

const header = { tensors: ["weight", "gradient/weight"] };

/** A row as the run has it, and with the checksums of all tensors. */
const row = (step: number, loss = "00"): JsonObject => ({ step, loss });
const dense = (step: number, weight: string, loss = "00"): JsonObject => ({
  step,
  loss,
  checksums: [weight, `g${step}`],
});

/** An update of step 40 was another; its rows are those of 39 and 40, and it was an evaluation of step 40 that showed it. */
function reader(): OriginalReader {
  const before = Array.from({ length: 38 }, (_, index) => row(index + 1));
  const trace = [header, ...before, row(39), row(40), row(41)];
  const open = new Map([39, 40].map((step) => [step, dense(step, step === 40 ? "x" : "w39")]));
  const made = originalReader({ recorded: { trace }, open, found: { step: 40 }, from: undefined });
  made.take(header);
  for (let step = 1; step <= 39; step++) expect(made.take(dense(step, `w${step}`))).toBe(false);
  return made;
}

test("an original that comes out names the tensor of the step itself", () => {
  const sound = reader();
  expect(sound.take(dense(40, "w40"))).toBe(true);
  expect(sound.result()).toMatchObject({ step: 40, field: "parameters", tensor: "weight" });
});

test("an original with the same wrong update shows it in its next step, and is told not to come out", () => {
  const wrong = reader();
  expect(wrong.take(dense(40, "x"))).toBe(false);
  expect(wrong.take(dense(41, "y", "ff"))).toBe(true);
  expect(wrong.result()).toMatch(/the original does not come out either \(step 41\)/u);
});

test("rows that tell neither have no result", () => {
  const silent = reader();
  silent.take(dense(40, "x"));
  expect(silent.take(dense(41, "y"))).toBe(true);
  expect(silent.result()).toBeUndefined();
});

test("of an imported run whose data are not there, the way to say where they lie is told", () => {
  const told = (kinds: readonly string[]): string | undefined => {
    const annotations = kinds.map((kind) => ({ kind, time: "now", facts: {} }));
    const store = { annotations: () => ({ annotations }) };
    const stored = { store, run: { runKey: "key" } } as object as StoredRun;
    const error = withoutData(stored, new ExpError("data", "The data file a does not exist."));
    expect(error).toMatchObject({ code: "data", message: "The data file a does not exist." });
    return error instanceof ExpError ? error.hint : undefined;
  };
  expect(told(["import"])).toContain("exp import ARCHIVE --relocate OLD=NEW");
  expect(told([])).not.toContain("--relocate");
  const bug = new Error("other");
  expect(withoutData({} as object as StoredRun, bug)).toBe(bug);
});
