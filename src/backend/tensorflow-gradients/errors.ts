/** The refusal of a gradient. */
import { ExpError } from "../../core/errors.ts";

/**
 * The error for what an operation of TensorFlow.js can do without a gradient.
 * @param operation - As a user wrote it.
 * @param instead - What to do, as the beginning of a sentence.
 */
export function unsupported(operation: string, what: string, instead: string): ExpError {
  return new ExpError("training", `The gradient of ${operation} with ${what} is not there.`, {
    hint: `${instead}, or give the computation a gradient of its own with tf.customGrad.`,
  });
}
