/** `ambient-environment`. */
import type { Rule } from "../rule.ts";
import { findAmbient } from "./ambient.ts";

const advice =
  'is of this machine, and nothing records it. Take it in with env("NAME", fallback), which is part of the config, or let a profile say it.';

/** Reading the machine and its variables. */
export const ambientEnvironment: Rule = {
  id: "ambient-environment",
  reason: "What the machine decides without a record is unknown to whoever repeats the run.",
  bad: "runsDirectory: process.env.SCRATCH",
  good: 'runsDirectory: env("SCRATCH", "runs")',
  hasFix: false,
  needsEvaluation: false,
  check: (project) =>
    findAmbient(project, {
      names:
        /^(?:process\.(?:env|argv|argv0|cwd|platform|arch|pid|ppid|version|versions|release|execPath|title|memoryUsage|availableMemory)(?:\.\w+)?|os\.\w+|navigator\.\w+|fetch)$/u,
      advice,
    }),
};
