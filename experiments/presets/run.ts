/**
 * How much of an experiment to run: `run=dryrun` on the command line, `run.dryrun` in code. What is written beside it on
 * the command line still holds: `run=dryrun training.numSteps=5` takes five steps.
 */
import { profiles } from "lockstep";

export const run = profiles("run", {
  /** Two steps: whether everything fits together. */
  dryrun: {
    data: { maxSamples: 200 },
    training: { numSteps: 2, evaluationInterval: null },
    logging: { interval: 1 },
  },
  /** A few minutes at most: whether it learns at all. */
  fastrun: {
    data: { maxSamples: 2_000 },
    training: { numSteps: 60, evaluationInterval: 30 },
  },
  /** The experiment as it is written. */
  fullrun: {},
});
