/** Parts of what is to be sent that fit into one request. */

/** A server takes at most 1 MB. */
const maxBytes = 900_000;

/**
 * Cuts a list into parts of at most so many items, and of no more JSON than a request may hold.
 * @param maxItems - At least 1.
 */
export function batchesOf<Item>(
  items: readonly Item[],
  maxItems: number,
): readonly (readonly Item[])[] {
  const batches: Item[][] = [];
  let numBytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    const last = batches.at(-1);
    if (last === undefined || last.length >= maxItems || numBytes + size > maxBytes) {
      batches.push([item]);
      numBytes = size;
    } else {
      last.push(item);
      numBytes += size;
    }
  }
  return batches;
}
