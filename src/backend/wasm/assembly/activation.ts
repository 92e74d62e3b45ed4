/**
 * AssemblyScript: what follows a product that somebody else computed: a bias for each column, then GELU. A piece is some rows.
 * Arguments, 4 bytes each: 0 rows  4 columns  8 rows a piece  12 the product, in whose place the slope of GELU goes  16 bias
 *   20 result
 */
import { loadPart, storePart } from "./functions";
import { applyGelu } from "./multiply";

export function biasedGelu(args: usize, piece: i32): void {
  const columns = load<i32>(args, 4);
  const each = load<i32>(args, 8);
  const bytes = usize(columns) << 2;
  const end = min(load<i32>(args), (piece + 1) * each);
  for (let row = piece * each; row < end; row++) {
    const at = usize(row) * bytes;
    const values = usize(load<u32>(args, 12)) + at;
    addBias(values, usize(load<u32>(args, 16)), columns);
    applyGelu(values, usize(load<u32>(args, 20)) + at, columns);
  }
}

/** Adds the bias to a row. */
export function addBias(values: usize, bias: usize, columns: i32): void {
  let rest = columns;
  for (; rest >= 4; rest -= 4, values += 16, bias += 16) {
    v128.store(values, f32x4.add(v128.load(values), v128.load(bias)));
  }
  if (rest > 0) storePart(values, f32x4.add(loadPart(values, rest), loadPart(bias, rest)), rest);
}
