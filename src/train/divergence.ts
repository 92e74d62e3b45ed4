/** The end of a run whose numbers stopped being numbers. */
import { ExpError } from "../core/errors.ts";

/**
 * The error that ends it.
 * @param step - The step that could not be done, or after which a value was found not to be finite.
 * @param what - What was found: `the loss is NaN`.
 * @param savedStep - The step of the checkpoint `last`, which stays; `undefined` where none was saved.
 */
export function divergedAt(step: number, what: string, savedStep: number | undefined): ExpError {
  const saved =
    savedStep === undefined
      ? "No checkpoint was saved: there was no state whose values are all finite."
      : `The checkpoint last holds the finite state after step ${savedStep}.`;
  return new ExpError("diverged", `The run diverged at step ${step}: ${what}.`, {
    hint:
      `${saved} Lower optimizer.learningRate, warm up longer, or limit gradients with ` +
      "training.maxGradNorm=1.",
  });
}
