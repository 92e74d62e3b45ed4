/** How a thread computes a piece of a product by our own C++ (`products-glue.ts`): plain JavaScript as text, the same for all threads. */

/**
 * A function of `require`, the memory and the path of the compiled products; `assembly/library.ts` says where the arguments
 * lie. A memory that has grown is another buffer.
 * @param level - Number of the set of instructions among those that the processor has; 0, the best, is what runs take.
 */
export function productSourceOf(level: number): string {
  return `"use strict";
(require, memory, file) => {
  const products = require(file);
  products.useLevel(${level});
  let known;
  return (args, piece, isMatrices) => {
    const { buffer } = memory;
    if (buffer !== known) {
      products.useMemory(new Uint8Array(buffer));
      known = buffer;
    }
    products.multiplyPiece(args, piece, isMatrices);
  };
}
`;
}
