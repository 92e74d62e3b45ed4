/** AssemblyScript: rows of a table, and sums of rows by the entry they came from. */

/** 0 rows  4 width  8 rows a piece  12 table  16 ids  20 result. */
export function gatherRows(args: usize, piece: i32): void {
  const bytes = usize(load<i32>(args, 4)) << 2;
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  for (let row = first; row < end; row++) {
    const id = load<u32>(usize(load<u32>(args, 16)) + (usize(row) << 2));
    const to = usize(load<u32>(args, 20)) + usize(row) * bytes;
    memory.copy(to, usize(load<u32>(args, 12)) + usize(id) * bytes, bytes);
  }
}

/**
 * Adds up the rows of each entry, from the first row to the last. A piece is a stretch of entries and looks at all ids.
 * 0 entries  4 width  8 entries a piece  12 rows  16 ids  20 result  24 number of rows
 */
export function segmentSum(args: usize, piece: i32): void {
  const width = load<i32>(args, 4);
  const bytes = usize(width) << 2;
  const first = piece * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  const ids = usize(load<u32>(args, 16));
  const result = usize(load<u32>(args, 20));
  const numRows = load<i32>(args, 24);
  memory.fill(result + usize(first) * bytes, 0, usize(end - first) * bytes);
  for (let row = 0; row < numRows; row++) {
    const id = load<i32>(ids + (usize(row) << 2));
    if (id < first || id >= end) continue;
    addRow(result + usize(id) * bytes, usize(load<u32>(args, 12)) + usize(row) * bytes, width);
  }
}

@inline
function addRow(to: usize, from: usize, width: i32): void {
  let i = 0;
  for (; i + 4 <= width; i += 4, to += 16, from += 16) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  }
  for (; i < width; i++, to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}
