/** `ambient-clock`. */
import type { Rule } from "../rule.ts";
import { findAmbient } from "./ambient.ts";

const advice =
  "is another value at each moment, so no two evaluations agree. When a run was made is recorded with it; write a date that means something as a text.";

/** Reading the time. */
export const ambientClock: Rule = {
  id: "ambient-clock",
  reason: "What depends on the time of day is another experiment tomorrow, under another hash.",
  bad: "name: `run-${Date.now()}`",
  good: 'name: "long-context"',
  hasFix: false,
  needsEvaluation: false,
  check: (project) =>
    findAmbient(project, {
      names:
        /^(?:Date\.now|performance\.(?:now|timeOrigin|mark)|process\.(?:hrtime(?:\.bigint)?|uptime)|Temporal\.Now\.\w+)$/u,
      madeNames: /^Date$/u,
      advice,
    }),
};
