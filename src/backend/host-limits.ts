/** What the machine has to compute with. */

/** Bytes of memory that this process may still take. */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  const available = process.availableMemory();
  return limit > 0 && limit < 2 ** 50 ? Math.min(limit, available) : available;
}
