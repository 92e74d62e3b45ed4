/** What the contract asks of a backend: one small file a backend says it, and calls `describeContract`. */

export type Section =
  | "operations"
  | "arguments"
  | "dropout"
  | "random"
  | "special values"
  | "matrix multiplication"
  | "images"
  | "sizes"
  | "long sums"
  | "updates"
  | "tf.*";

export interface ContractBackend {
  readonly name: string;
  /** Makes it the one that computes. */
  readonly open: () => Promise<unknown>;
  /** Sections that it cannot do yet. */
  readonly lacks: readonly Section[];
  /**
   * Of values and gradients, as a share of the largest expected value. 2e-5 fits sums in float32: it has 6e-8, and the
   * longest sums here (70 products, followed by a softmax) lose two digits at most. Central differences in float64 with
   * step 1e-5 add about 1e-9.
   */
  readonly tolerance: number;
}
