/** `suppression-reason` and `unused-suppression`: told by whoever applies suppressions, since only that knows. */
import type { Rule } from "../rule.ts";

/** Suppressions that say nothing, or name no rule; they suppress nothing. */
export const suppressionReason: Rule = {
  id: "suppression-reason",
  reason: "A suppression without a reason cannot be judged by whoever reads it next.",
  bad: "// lint-ignore missing-unit",
  good: "// lint-ignore missing-unit: a ratio of two lengths",
  hasFix: false,
  needsEvaluation: false,
  check: () => [],
};

/** Suppressions of what is not there any more. */
export const unusedSuppression: Rule = {
  id: "unused-suppression",
  reason: "A suppression that is not needed any more hides the next mistake.",
  bad: "// lint-ignore ambient-clock: a label, above a line that reads no clock",
  good: "no comment",
  hasFix: true,
  needsEvaluation: false,
  check: () => [],
};
