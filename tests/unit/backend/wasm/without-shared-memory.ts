/** This process as one that is given no memory that threads share. */

interface Limits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: boolean;
}

const { WebAssembly: host }: { WebAssembly: { Memory: new (limits: Limits) => object } } =
  Object(globalThis);

/**
 * From now on `new WebAssembly.Memory` refuses `shared`.
 * @param most - Where it may still have that many pages of 64 KiB.
 * @returns What ends that.
 */
export function withoutSharedMemory(most = 0): () => void {
  const { Memory } = host;
  host.Memory = class extends Memory {
    constructor(limits: Limits) {
      if (limits.shared && limits.maximum > most)
        throw new TypeError("shared memory is not enabled");
      super(limits);
    }
  };
  return () => {
    host.Memory = Memory;
  };
}
