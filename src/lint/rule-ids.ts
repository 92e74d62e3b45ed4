/** The names of all rules. */

/** In the order of the documentation. */
export const ruleIds = [
  "unused-key",
  "unread-key",
  "override-without-effect",
  "set-twice",
  "missing-alias",
  "hard-coded-hyperparameter",
  "constant-duplicates-config",
  "default-shadows-config",
  "ambient-randomness",
  "ambient-clock",
  "ambient-environment",
  "missing-description",
  "missing-unit",
  "deep-lineage",
  "suppression-reason",
  "unused-suppression",
] as const;

/** The name of a rule. */
export type RuleId = (typeof ruleIds)[number];
