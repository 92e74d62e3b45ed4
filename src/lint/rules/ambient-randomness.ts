/** `ambient-randomness`. */
import type { Rule } from "../rule.ts";
import { findAmbient } from "./ambient.ts";

const advice =
  "is drawn anew each time, so no two evaluations agree. Write the value down, sweep over seed, or draw from rng.stream(…) in a task.";

/** Random numbers that no seed decides. */
export const ambientRandomness: Rule = {
  id: "ambient-randomness",
  reason:
    "A random number that no seed decides is another one each time: the run cannot be repeated.",
  bad: "optimizer: { learningRate: 1e-3 * Math.random() }",
  good: "optimizer: { learningRate: choice(3e-4, 1e-3) }",
  hasFix: false,
  needsEvaluation: false,
  check: (project) =>
    findAmbient(project, {
      names:
        /^(?:Math\.random|crypto\.(?:webcrypto\.|subtle\.)?(?:random\w*|getRandomValues|generateKey\w*))$/u,
      advice,
    }),
};
