/** AssemblyScript: rows of a table, and sums of rows by the entry they came from. */
import { lowerPair, rounded, upperPair } from "./doubles";
import { loadPart, storePart } from "./functions";

/** 0 rows  4 width  8 rows a piece  12 table  16 ids  20 result. */
/** Copies a block a piece. Of each: 0 from  4 to  8 bytes  12 the next one, nine at most */
export function copyBlocks(args: usize, piece: i32): void {
  const at = args + usize(piece) * 12;
  memory.copy(usize(load<u32>(at, 4)), usize(load<u32>(at)), usize(load<u32>(at, 8)));
}

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
 * The rows of each entry, in their order: one piece. 0 entries  4 number of rows  8 ids  12 for each entry where its rows
 * end in the list, which is where those of the next begin  16 the list of rows
 */
export function sortIds(args: usize, _piece: i32): void {
  const entries = load<i32>(args);
  const numRows = load<i32>(args, 4);
  const ids = usize(load<u32>(args, 8));
  const ends = usize(load<u32>(args, 12));
  const list = usize(load<u32>(args, 16));
  memory.fill(ends, 0, usize(entries) << 2);
  for (let row = 0; row < numRows; row++) {
    const at = ends + (usize(load<u32>(ids + (usize(row) << 2))) << 2);
    store<i32>(at, load<i32>(at) + 1);
  }
  let begin = 0;
  for (let entry = 0; entry < entries; entry++) {
    const at = ends + (usize(entry) << 2);
    const count = load<i32>(at);
    store<i32>(at, begin);
    begin += count;
  }
  for (let row = 0; row < numRows; row++) {
    const at = ends + (usize(load<u32>(ids + (usize(row) << 2))) << 2);
    const place = load<i32>(at);
    store<i32>(list + (usize(place) << 2), row);
    store<i32>(at, place + 1);
  }
}

/**
 * Adds up the rows of each entry, from the first row to the last, in double precision. A piece is some columns of a stretch
 * of entries. 0 entries  4 width  8 entries a piece  12 columns a piece, a multiple of 16  16 rows  20 result
 * 24 and 28 what `sortIds` gave
 */
export function segmentSum(args: usize, piece: i32): void {
  const width = load<i32>(args, 4);
  const columns = load<i32>(args, 12);
  const columnPieces = (width + columns - 1) / columns;
  const firstColumn = (piece % columnPieces) * columns;
  const endColumn = min(width, firstColumn + columns);
  const first = (piece / columnPieces) * load<i32>(args, 8);
  const end = min(load<i32>(args), first + load<i32>(args, 8));
  const ends = usize(load<u32>(args, 24));
  const list = usize(load<u32>(args, 28));
  const stride = usize(width) << 2;
  let to = usize(load<u32>(args, 20)) + usize(first) * stride;
  let from = list + (first == 0 ? 0 : usize(load<u32>(ends + (usize(first - 1) << 2))) << 2);
  for (let entry = first; entry < end; entry++, to += stride) {
    const stop = list + (usize(load<u32>(ends + (usize(entry) << 2))) << 2);
    const rows = usize(load<u32>(args, 16));
    if (stop == from) {
      memory.fill(to + (usize(firstColumn) << 2), 0, usize(endColumn - firstColumn) << 2);
    } else if (stop <= from + 8) {
      sumTwo(to, rows, stride, from, stop, firstColumn, endColumn);
    } else {
      for (let column = firstColumn; column < endColumn; column += 16) {
        const at = usize(column) << 2;
        sumSixteen(to + at, rows + at, stride, from, stop, width - column);
      }
    }
    from = stop;
  }
}

/** Of two rows or one, all columns in one go: a sum of two needs no more precision. */
function sumTwo(
  to: usize,
  rows: usize,
  stride: usize,
  from: usize,
  stop: usize,
  column: i32,
  end: i32,
): void {
  const first = rows + usize(load<u32>(from)) * stride;
  const second = from + 4 < stop ? rows + usize(load<u32>(from, 4)) * stride : 0;
  for (; column < end; column += 4) {
    const at = usize(column) << 2;
    const a = loadPart(first + at, end - column);
    const b = second != 0 ? loadPart(second + at, end - column) : f32x4.splat(0);
    storePart(to + at, f32x4.add(a, b), end - column);
  }
}

/** Of the rows whose numbers lie from `from` to `stop`, in a function of its own, so that the sums stay in registers. */
function sumSixteen(to: usize, rows: usize, stride: usize, from: usize, stop: usize, width: i32): void {
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let e = a;
  let f = a;
  let g = a;
  let h = a;
  for (; from < stop; from += 4) {
    const row = rows + usize(load<u32>(from)) * stride;
    const first = loadPart(row, width);
    const second = loadPart(row + 16, width - 4);
    const third = loadPart(row + 32, width - 8);
    const fourth = loadPart(row + 48, width - 12);
    a = f64x2.add(a, lowerPair(first));
    b = f64x2.add(b, upperPair(first));
    c = f64x2.add(c, lowerPair(second));
    d = f64x2.add(d, upperPair(second));
    e = f64x2.add(e, lowerPair(third));
    f = f64x2.add(f, upperPair(third));
    g = f64x2.add(g, lowerPair(fourth));
    h = f64x2.add(h, upperPair(fourth));
  }
  storePart(to, rounded(a, b), width);
  storePart(to + 16, rounded(c, d), width - 4);
  storePart(to + 32, rounded(e, f), width - 8);
  storePart(to + 48, rounded(g, h), width - 12);
}
