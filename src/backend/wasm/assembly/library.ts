/**
 * AssemblyScript: products that a library outside of WebAssembly computes, in whichever thread takes the piece, and what
 * follows each while its numbers are near. The host knows the library; without one, the kernel ends with the host's error.
 * Arguments, 4 bytes each: 0 pieces of the first product  4 the first product  36 the second, which may lack
 *   68 bias of the first, or 0: then nothing follows  72 activation (0 none, 1 relu, 2 gelu)  76 result of gelu
 * Of a product: 8 result, in whose place the slope of GELU goes  12 rows  20 columns  28 rows a piece; the rest is the host's.
 */
import { addBias } from "./activation";
import { loadPart, relu4, storePart } from "./functions";
import { applyGelu } from "./multiply";

@external("env", "multiplyPiece")
declare function multiplyPiece(args: usize, piece: i32): void;

const firstAt: usize = 4;

export function libraryProduct(args: usize, piece: i32): void {
  multiplyPiece(args, piece);
  const bias = usize(load<u32>(args, 68));
  if (bias == 0) return;
  const product = args + firstAt;
  const columns = load<i32>(product, 20);
  const each = load<i32>(product, 28);
  const end = min(load<i32>(product, 12), (piece + 1) * each);
  for (let row = piece * each; row < end; row++) {
    const at = (usize(row) * usize(columns)) << 2;
    const values = usize(load<u32>(product, 8)) + at;
    addBias(values, bias, columns);
    const activation = load<i32>(args, 72);
    if (activation == 1) applyRelu(values, columns);
    else if (activation == 2) applyGelu(values, usize(load<u32>(args, 76)) + at, columns);
  }
}

function applyRelu(values: usize, count: i32): void {
  let rest = count;
  for (; rest >= 4; rest -= 4, values += 16) v128.store(values, relu4(v128.load(values)));
  if (rest > 0) storePart(values, relu4(loadPart(values, rest)), rest);
}
