/** Pictures in text: each character is two dots wide and four high. */

/** A canvas of braille characters on which letters may stand. */
export interface BrailleCanvas {
  /** Dots across and down. */
  readonly width: number;
  readonly height: number;
  /** Draws a straight line of dots; `x` from the left, `y` from the top, both inside. */
  line(from: Dot, to: Dot, owner: number): void;
  /** Writes one character over a cell. @returns Whether the cell had none. */
  letter(cell: Cell, letter: string, owner: number): boolean;
  /** The rows of text. @param paint - Colours what one owner drew. */
  rows(paint: (owner: number, text: string) => string): readonly string[];
}

/** A dot by whole numbers. */
export interface Dot {
  readonly x: number;
  readonly y: number;
}

/** A character by whole numbers, from the left and the top. */
export interface Cell {
  readonly column: number;
  readonly row: number;
}

/** Dots of a cell from the left, then from the top, by their bits. @see The Unicode Standard, chapter 21.1, Braille Patterns */
const bits = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const;

const firstBraille = 0x2800;
const nobody = -1;

/**
 * An empty canvas.
 * @param columns - Characters across, at least 1.
 * @param numRows - Characters down, at least 1.
 */
export function createBrailleCanvas(columns: number, numRows: number): BrailleCanvas {
  const dots = new Uint8Array(columns * numRows);
  const owners = new Int16Array(columns * numRows).fill(nobody);
  const letters = new Map<number, string>();
  const dot = (x: number, y: number, owner: number): void => {
    const index = Math.floor(y / 4) * columns + Math.floor(x / 2);
    dots[index] = (dots[index] ?? 0) | (bits[x % 2 === 0 ? 0 : 1][y % 4] ?? 0);
    if (!letters.has(index)) owners[index] = owner;
  };
  const rowText = (row: number, paint: (owner: number, text: string) => string): string => {
    const cells = Array.from({ length: columns }, (_, column) => {
      const index = row * columns + column;
      const character = letters.get(index) ?? brailleOf(dots[index] ?? 0);
      return { owner: owners[index] ?? nobody, character };
    });
    return joined(cells, paint).trimEnd();
  };
  return {
    width: 2 * columns,
    height: 4 * numRows,
    line: (from, to, owner) => drawLine(from, to, (x, y) => dot(x, y, owner)),
    letter: ({ column, row }, letter, owner) => {
      const index = row * columns + column;
      if (letters.has(index)) return false;
      letters.set(index, letter);
      owners[index] = owner;
      return true;
    },
    rows: (paint) => Array.from({ length: numRows }, (_, row) => rowText(row, paint)),
  };
}

/** An empty cell is a space: a blank braille character would stay at the end of a line. */
function brailleOf(pattern: number): string {
  return pattern === 0 ? " " : String.fromCodePoint(firstBraille + pattern);
}

/** Neighbours of one owner are painted together. */
function joined(
  cells: readonly { readonly owner: number; readonly character: string }[],
  paint: (owner: number, text: string) => string,
): string {
  let [line, run, runOwner] = ["", "", nobody];
  const flush = (): void => {
    line += runOwner === nobody ? run : paint(runOwner, run);
    run = "";
  };
  for (const { owner, character } of cells) {
    const isBlank = character === " ";
    if (!isBlank && owner !== runOwner) {
      flush();
      runOwner = owner;
    }
    if (isBlank && runOwner !== nobody) {
      flush();
      runOwner = nobody;
    }
    run += character;
  }
  flush();
  return line;
}

/** @see Bresenham, "Algorithm for computer control of a digital plotter", IBM Systems Journal, 1965 */
function drawLine(from: Dot, to: Dot, draw: (x: number, y: number) => void): void {
  const [width, height] = [Math.abs(to.x - from.x), -Math.abs(to.y - from.y)];
  const [right, down] = [from.x < to.x ? 1 : -1, from.y < to.y ? 1 : -1];
  let { x, y } = from;
  let error = width + height;
  for (;;) {
    draw(x, y);
    if (x === to.x && y === to.y) return;
    const twice = 2 * error;
    if (twice >= height) {
      error += height;
      x += right;
    }
    if (twice <= width) {
      error += width;
      y += down;
    }
  }
}
