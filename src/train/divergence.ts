/** The end of a run whose numbers stopped being numbers. */
import { ExpError } from "../core/errors.ts";

/**
 * The error that ends it.
 * @param step - The step that could not be done, or after which a value was found not to be finite.
 * @param what - What was found: `the loss is NaN`.
 */
export function divergedAt(step: number, what: string): ExpError {
  return new ExpError("diverged", `The run diverged at step ${step}: ${what}.`, {
    hint: "Lower optimizer.learningRate, warm up longer, or limit gradients with training.maxGradNorm=1.",
  });
}
