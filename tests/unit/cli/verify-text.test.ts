/** How numbers that went apart are shown to people. */
import { expect, test } from "vitest";
import type { StoredRun } from "../../../src/app/verify/stored-run.ts";
import { verdictLines } from "../../../src/cli/verify-text.ts";

function shown(field: string, ...values: readonly [string, string]): string | undefined {
  const stored = { run: { runKey: "0123456789abcdef", name: "line" } } as object as StoredRun;
  const divergence = { step: 3, field, values };
  const facts = { reasons: [], coverage: [], comparedSteps: 3 };
  return verdictLines(stored, { verdict: "diverged", divergence, ...facts })[1]?.trim();
}

test("traced numbers are told in decimal digits with their bits, and nothing else is taken for one", () => {
  expect(shown("loss", '"3fce67bdc0000000"', '"3fce602bc0000000"')).toBe(
    "0.23754093050956726 (3fce67bdc0000000) in the run, 0.23730990290641785 (3fce602bc0000000) now",
  );
  expect(shown("gradientNorm", '"8000000000000000"', '"7ff8000000000001"')).toBe(
    "-0 (8000000000000000) in the run, NaN (7ff8000000000001) now",
  );
  const batch = ['"3fce67bdc0000000"', '"3fce602bc0000000"'] as const;
  expect(shown("batch", ...batch)).toBe(`${batch[0]} in the run, ${batch[1]} now`);
  expect(shown("validation.loss", "0.5", "0.25")).toBe("0.5 in the run, 0.25 now");
  expect(shown("loss", "nothing", '"3fe0000000000000"')).toBe(
    "nothing in the run, 0.5 (3fe0000000000000) now",
  );
});
