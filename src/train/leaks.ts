/**
 * Tensors that a user's model leaves behind at each step: with `tf.keep`, in a list of its own, or made where no `tf.tidy`
 * ends. Lockstep itself leaves none, so the memory of a run would be constant.
 */
import type { TensorCount } from "../backend/tensor-count.ts";
import { formatBytes, formatCount } from "../core/number-text.ts";

/** Steps in a row that leave as many tensors each: a cache that fills up does not go on like that. */
export const leakySteps = 50;

/** Looks at one step after the other. */
export interface LeakWatch {
  /**
   * Takes what lived before and after a step; gives the text of a warning at the first leak that is certain, else
   * `undefined`.
   */
  readonly after: (before: TensorCount, after: TensorCount) => string | undefined;
}

/** A watch that has seen no step. */
export function createLeakWatch(): LeakWatch {
  let numSteps = 0;
  let numEach = 0;
  let numBytes = 0;
  let isTold = false;
  return {
    after: (before, after) => {
      const grown = after.numTensors - before.numTensors;
      if (grown !== numEach) [numSteps, numBytes] = [0, 0];
      numEach = grown;
      if (grown <= 0 || isTold) return undefined;
      numSteps++;
      numBytes += after.numBytes - before.numBytes;
      if (numSteps < leakySteps) return undefined;
      isTold = true;
      return leakText(numEach, numBytes / numSteps);
    },
  };
}

function leakText(numTensors: number, numBytes: number): string {
  const tensors = numTensors === 1 ? "1 tensor" : `${formatCount(numTensors)} tensors`;
  return (
    `each of the last ${leakySteps} steps left ${tensors} behind (${formatBytes(Math.max(0, numBytes))} a step), and memory ` +
    `will run out: the model keeps what it makes in forward. Without tf.keep all of it is given back after the step`
  );
}
