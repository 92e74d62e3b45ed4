/** How much memory of the backend a computation takes at its peak. */
import { engine } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";

/** What was computed, and the bytes of all tensors that were alive at once. */
export interface Measured<Result> {
  readonly value: Result;
  readonly numPeakBytes: number;
}

/** Runs `work`, which is synchronous, and watches the tensors that it makes. Slower than `work` alone. */
export async function measurePeak<Result>(work: () => Result): Promise<Measured<Result>> {
  const results: Result[] = [];
  const { peakBytes } = await engine().profile(() => {
    results.push(work());
    return [];
  });
  const [value] = results;
  if (value === undefined) throw new InternalError("a computation gave nothing");
  return { value, numPeakBytes: Math.max(0, peakBytes) };
}
