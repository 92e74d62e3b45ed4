/**
 * AssemblyScript: products that a library outside of WebAssembly computes, in whichever thread takes the piece. The host
 * knows the library; without one, these kernels end with the host's error. Arguments, 4 bytes each, all of them the host's:
 *   0 pieces of the first product  4 the first product  36 the second, which may lack
 *   68 bias of the first, or 0: then nothing follows  72 activation (0 none, 1 relu, 2 gelu)  76 where GELU goes; its slope
 *   goes to the result  80 the command's serial number
 * Of a product: 0 left  4 right  8 result  12 rows  16 inner  20 columns  24 flags (1 the left lies transposed, 2 the right)
 *   28 rows a piece
 * Of many matrices: 0 left  4 right  8 result  12 rows  16 inner  20 columns  24 flags  28 the triangle, as of `multiply`
 *   32 matrices  36 of a group  40 of a piece  44 left, 56 right, 68 result: from a row, a group and a matrix to the next,
 *   in elements
 */

@external("env", "multiplyPiece")
declare function multiplyPiece(args: usize, piece: i32, isMatrices: i32): void;

export function libraryProduct(args: usize, piece: i32): void {
  multiplyPiece(args, piece, 0);
}

/** Products of many matrices at regular distances. */
export function libraryMatrices(args: usize, piece: i32): void {
  multiplyPiece(args, piece, 1);
}
