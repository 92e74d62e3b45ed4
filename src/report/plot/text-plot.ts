/** Curves as text: braille dots between two axes. */
import { createBrailleCanvas, type BrailleCanvas, type Cell, type Dot } from "./braille.ts";
import { thinned, type DrawnCurve, type Point } from "./points.ts";
import { createScale, rangeOfValues, type Range, type Scale } from "./scale.ts";
import { rounded, tickTexts, ticksOf } from "./ticks.ts";

/** What is drawn, and how large. */
export interface TextPlot {
  readonly curves: readonly MarkedCurve[];
  readonly isLog: boolean;
  /** Characters across with the labels of the axis, at least `minColumns`. */
  readonly columns: number;
  /** Rows of the curves, at least `minRows`; the axis below them takes two more. */
  readonly numRows: number;
  /** Colours what one curve drew. */
  readonly paint: (curve: number, text: string) => string;
}

/** A curve, and the letter that stands on it where there are several: colour is not all that tells them apart. */
export interface MarkedCurve extends DrawnCurve {
  readonly mark: string;
}

/** Fewer characters across are no picture. */
export const minColumns = 24;
/** Fewer rows are no picture. */
export const minRows = 3;

/** The lines of a picture; none where no curve has a point that can be drawn. */
export function textPlotLines(plot: TextPlot): readonly string[] {
  const ranges = rangesOf(plot.curves);
  if (ranges === undefined) return [];
  const across = createScale(fromZero(ranges.x), false);
  const up = createScale(
    plot.isLog ? ranges.y : rounded(ranges.y, mostLabels(plot.numRows)),
    plot.isLog,
  );
  const labels = rowLabels(up, plot.numRows);
  const margin = Math.max(...labels.map((label) => label.length));
  const canvas = createBrailleCanvas(Math.max(1, plot.columns - margin - 2), plot.numRows);
  const places = drawCurves(plot, { canvas, across, up });
  if (plot.curves.length > 1) markCurves(plot, canvas, places);
  const rows = canvas.rows(plot.paint).map((row, index) => {
    const label = labels[index] ?? "";
    return `${label.padStart(margin)} ${label === "" ? "│" : "┤"}${row}`.trimEnd();
  });
  return [...rows, ...bottomLines(across, margin, canvas.width / 2)];
}

function rangesOf(curves: readonly DrawnCurve[]): { x: Range; y: Range } | undefined {
  const points = curves.flatMap(({ lines }) => lines.flat());
  const x = rangeOfValues(points.map((point) => point.x));
  const y = rangeOfValues(points.map((point) => point.y));
  return x === undefined || y === undefined ? undefined : { x, y };
}

/** Steps are counted from 0, and a place alone is in the middle. */
function fromZero({ min, max }: Range): Range {
  if (min === max) return { min: min - 1, max: max + 1 };
  return { min: min > 0 && min < max / 20 ? 0 : min, max };
}

interface Drawing {
  readonly canvas: BrailleCanvas;
  readonly across: Scale;
  readonly up: Scale;
}

/** The rows in which a curve passes through each column; the last one drawn there. */
type Places = ReadonlyMap<number, number>;

/** The first curve is drawn last, over the others. */
function drawCurves({ curves }: TextPlot, drawing: Drawing): readonly Places[] {
  const indices = curves.map((_, index) => index).toReversed();
  const drawn = indices.map((index) => drawCurve(curves[index]?.lines ?? [], index, drawing));
  return drawn.toReversed();
}

function drawCurve(
  lines: readonly (readonly Point[])[],
  owner: number,
  { canvas, across, up }: Drawing,
): Places {
  const columnOf = (x: number): number => dotOf(across.share(x), canvas.width);
  const places = new Map<number, number>();
  for (const line of lines) {
    const dots = thinned(line, columnOf).map(({ x, y }): Dot => {
      return { x: columnOf(x), y: canvas.height - 1 - dotOf(up.share(y), canvas.height) };
    });
    for (const [index, to] of dots.entries()) {
      canvas.line(dots[index - 1] ?? to, to, owner);
      places.set(Math.floor(to.x / 2), Math.floor(to.y / 4));
    }
  }
  const [only, other] = lines.flat();
  if (only !== undefined && other === undefined) enlarge(only, owner, { canvas, across, up });
  return places;
}

/** A lone dot would hardly be seen. */
function enlarge(point: Point, owner: number, { canvas, across, up }: Drawing): void {
  const column = Math.floor(dotOf(across.share(point.x), canvas.width) / 2);
  const row = Math.floor((canvas.height - 1 - dotOf(up.share(point.y), canvas.height)) / 4);
  canvas.letter({ column, row }, "●", owner);
}

function dotOf(share: number, count: number): number {
  return Math.min(count - 1, Math.max(0, Math.round(share * (count - 1))));
}

/** Letters on the way, each curve's at columns of its own, and one at the end of each curve. */
function markCurves({ curves }: TextPlot, canvas: BrailleCanvas, all: readonly Places[]): void {
  const columns = canvas.width / 2;
  const spacing = Math.max(12, columns / 3);
  const put = (cell: Cell | undefined, index: number): boolean =>
    cell !== undefined && canvas.letter(cell, curves[index]?.mark ?? "", index);
  for (const [index, places] of all.entries()) {
    const cells = [...places].map(([column, row]): Cell => ({ column, row }));
    const fromEnd = cells.toSorted((one, other) => other.column - one.column);
    fromEnd.slice(0, 4 * all.length).some((cell) => put(cell, index)); // the last place that is free
    const start = (spacing * (index + 0.5)) / all.length;
    for (let column = start; column < columns - spacing / 3; column += spacing) {
      put(nearestCell(cells, column), index);
    }
  }
}

function nearestCell(cells: readonly Cell[], column: number): Cell | undefined {
  const distance = (cell: Cell): number => Math.abs(cell.column - column);
  const near = cells.toSorted((one, other) => distance(one) - distance(other))[0];
  return near !== undefined && distance(near) <= 2 ? near : undefined;
}

function mostLabels(numRows: number): number {
  return Math.max(3, Math.min(7, Math.round(numRows / 2.5)));
}

/** What stands before each row; several marks that fall on one row are the first of them. */
function rowLabels(up: Scale, numRows: number): readonly string[] {
  const ticks = ticksOf(up, mostLabels(numRows));
  const texts = tickTexts(ticks, up.isLog);
  const labels = Array.from({ length: numRows }, () => "");
  for (const [index, tick] of ticks.entries()) {
    const row = numRows - 1 - dotOf(up.share(tick), numRows);
    if (labels[row] === "") labels[row] = texts[index] ?? "";
  }
  return labels;
}

/** The axis below with its marks; a text that would touch the one before it is left out with its mark. */
function bottomLines(across: Scale, margin: number, columns: number): readonly string[] {
  const most = Math.max(3, Math.min(8, Math.floor(columns / 10)));
  const ticks = ticksOf(across, most).filter(isWhole);
  const texts = tickTexts(ticks, false);
  const axis = Array.from({ length: columns }, () => "─");
  let line = "";
  for (const [index, tick] of ticks.entries()) {
    const text = texts[index] ?? "";
    const column = dotOf(across.share(tick), columns);
    const start = Math.max(0, margin + 2 + column - Math.floor(text.length / 2));
    const room = line === "" ? 0 : line.length + 2;
    if (start < room) continue;
    axis[column] = "┬";
    line = line.padEnd(start) + text;
  }
  return [`${" ".repeat(margin)} └${axis.join("")}`, line];
}

/** There is no half of a step. */
function isWhole(tick: number, _index: number, all: readonly number[]): boolean {
  return Number.isInteger(tick) || !all.some((one) => Number.isInteger(one));
}
