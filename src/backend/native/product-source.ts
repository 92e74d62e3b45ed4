/** How a thread computes a piece of a product by the addon: plain JavaScript as text, the same for all threads. */

/**
 * A function of `require`, the memory and the addon's path; `assembly/library.ts` says where the arguments lie. Of a product, in
 * words: left, right, result, rows, inner, columns, flags (1 the left lies transposed, 2 the right does), and how many rows a
 * piece has, a multiple of 16: what the library is given must lie at multiples of 64 bytes, else it takes copies, and a result
 * would be written to one. Where the left lies transposed, a piece is a part of the sums instead, and each has a result of its own.
 */
export const productSource: string = `"use strict";
(require, memory, file) => {
  const addon = require(file);
  const { TF_FLOAT, TF_INT32, TF_ATTR_BOOL } = addon;
  const zeros = new Int32Array(1);
  const transposed = (side) => [{ name: "transpose_" + side, type: TF_ATTR_BOOL, value: true }];
  const attributes = [[], transposed("a"), transposed("b")];
  const made = [];
  const tensorOf = (shape, type, values) => {
    const id = addon.createTensor(shape, type, values);
    made.push(id);
    return id;
  };
  const tensor = (address, shape) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return tensorOf(shape, TF_FLOAT, new Float32Array(memory.buffer, address, length));
  };
  const part = (address, { width, start, size }) => tensor(address + start * width * 4, [size, width]);
  const execute = (name, given, inputs) => {
    const [{ id }] = addon.executeOp(name, given, inputs, 1);
    made.push(id);
    return id;
  };
  return (args, piece) => {
    const words = new Uint32Array(memory.buffer, args, 17);
    const isFirst = piece < words[0];
    const number = isFirst ? piece : piece - words[0];
    const [a, b, c, rows, inner, columns, flags, each] = words.subarray(isFirst ? 1 : 9);
    const isSum = flags === 1;
    const start = number * each;
    const size = Math.min(each, (isSum ? inner : rows) - start);
    try {
      const left = part(a, { width: isSum ? rows : inner, start, size });
      const right = isSum
        ? part(b, { width: columns, start, size })
        : tensor(b, flags === 2 ? [columns, inner] : [inner, columns]);
      const product = execute("MatMul", attributes[flags], [left, right]);
      const target = isSum
        ? tensor(c + number * rows * columns * 4, [1, rows, columns])
        : tensor(c + start * columns * 4, [1, size, columns]);
      const zero = tensorOf([1], TF_INT32, zeros);
      execute("InplaceUpdate", [], [target, zero, execute("ExpandDims", [], [product, zero])]);
    } finally {
      for (const id of made.splice(0)) addon.deleteTensor(id);
    }
  };
}
`;
