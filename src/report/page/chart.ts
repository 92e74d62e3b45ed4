/** One metric as a picture in SVG: means as lines, spreads as bands, letters at the ends. */
import { escapeHtml } from "../../core/html.ts";
import { drawnCurve, thinned, type Point } from "../plot/points.ts";
import { createScale, rangeOfValues, type Scale } from "../plot/scale.ts";
import { rounded, tickTexts, ticksOf } from "../plot/ticks.ts";
import { apart } from "./apart.ts";
import type { Band, ReportedChart } from "./runs-report.ts";

/** Colours and dashes of as many lines; what is more is grey. */
export const numColours = 8;

const [width, height] = [560, 300];
/** Left and right of the picture, above and below it: room for texts. */
const inner = { left: 62, right: width - 26, top: 12, bottom: height - 40 } as const;
/** Columns of points: a line takes at most four times as many, so that a page has an end. */
const [columns, greyColumns] = [160, 60];

/** Styles of the pictures, in both colour schemes. */
export const chartStyle: string = `
:root { --s0: light-dark(#0058a3, #6cb6ff); --s1: light-dark(#a33b00, #ffa657); --s2: light-dark(#006b47, #56d364); --s3: light-dark(#8b2f86, #e2a0ff);
--s4: light-dark(#6b5300, #e3c04a); --s5: light-dark(#00617a, #5cd6e6); --s6: light-dark(#a8123a, #ff8f9f); --s7: light-dark(#4a5568, #c0c8d4); --grey: light-dark(#8c959f, #6e7681); }
svg { width: 100%; height: auto; display: block; }
svg text { font: 13px system-ui, sans-serif; fill: var(--text); }
@media (max-width: 40rem) { svg text { font-size: 17px; } }
svg .axis { stroke: var(--text); fill: none; } svg .grid { stroke: var(--line); }
svg .line { fill: none; stroke-width: 2; stroke-linejoin: round; } svg .grey { fill: none; stroke: var(--grey); stroke-width: 1; } svg .grey-dot { fill: var(--grey); }
svg .band { opacity: .18; stroke: none; } svg .mark { font-weight: 700; paint-order: stroke; stroke: var(--page); stroke-width: 3px; }
${Array.from({ length: numColours }, (_, index) => `.line.c${index} { stroke: var(--s${index}); } .fill.c${index} { fill: var(--s${index}); } .mark.c${index} { fill: var(--s${index}); color: var(--s${index}); }`).join("\n")}
`;

const dashes = ["", "7 3", "2 3", "10 3 2 3", "4 4", "12 4", "2 2 8 2", "1 4"];

/** Values that span more decades than these have a logarithmic scale. */
const maxLinearDecades = 3;

/** Tells whether the picture of a metric has a logarithmic scale: all values are positive and span more than 3 decades. */
export function isLogarithmic({ bands }: ReportedChart): boolean {
  const means = bands.flatMap(({ means: all }) => all.filter(Number.isFinite));
  const range = rangeOfValues(means);
  return range !== undefined && range.min > 0 && range.max / range.min > 10 ** maxLinearDecades;
}

/** The lines of one band: its colour by its letter, `undefined` for grey. */
interface Drawn {
  readonly band: Band;
  readonly colour: number | undefined;
  readonly lines: readonly (readonly Point[])[];
}

/**
 * The picture of a metric; empty where nothing can be drawn.
 * @param id - Unique in the page: names of its title and its description are made from it.
 */
export function chartSvg(chart: ReportedChart, id: string): string {
  const isLog = isLogarithmic(chart);
  const drawn = chart.bands.map((band): Drawn => {
    const colour = band.mark === undefined ? undefined : markIndex(band.mark);
    return { band, colour, lines: drawnCurve({ xs: band.xs, values: band.means }, isLog).lines };
  });
  const points = drawn.flatMap(({ lines }) => lines.flat());
  const xs = rangeOfValues(points.map(({ x }) => x));
  const low = isLog ? (rangeOfValues(points.map(({ y }) => y))?.min ?? 0) : -Infinity;
  const bounds = drawn.flatMap(edges).filter((edge) => edge >= low);
  const ys = rangeOfValues([...points.map(({ y }) => y), ...bounds]);
  if (xs === undefined || ys === undefined) return "";
  const across = createScale(xs, false);
  const up = isLog ? createScale(ys, true) : createScale(rounded(ys, 6), false);
  const place: Place = {
    x: (x) => inner.left + across.share(x) * (inner.right - inner.left),
    // On a logarithmic scale the lower edge of a band may be zero or less.
    y: (y) => inner.bottom - up.share(isLog ? Math.max(y, up.min) : y) * (inner.bottom - inner.top),
  };
  const parts = [
    ...axes({ across, up, name: chart.axis }, place),
    ...drawn.filter(({ colour }) => colour === undefined).flatMap((one) => greyPaths(one, place)),
    ...drawn.map((one) => bandPath(one, place)),
    ...drawn.toReversed().flatMap((one) => linePaths(one, place)),
    ...marks(drawn, place),
  ];
  const [title, description] = [`${id}-title`, `${id}-description`];
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${title} ${description}"><title id="${title}">${escapeHtml(chart.metric)} over ${chart.axis}s${isLog ? ", on a logarithmic scale" : ""}</title><desc id="${description}">${escapeHtml(describe(drawn, chart.axis))}</desc>${parts.join("")}</svg>`;
}

interface Place {
  x(x: number): number;
  y(y: number): number;
}

function markIndex(mark: string): number {
  return mark.charCodeAt(0) - "A".charCodeAt(0);
}

function edges({ band, colour }: Drawn): readonly number[] {
  const { means, deviations } = band;
  if (deviations === undefined || colour === undefined) return [];
  return means
    .flatMap((mean, index) => [mean - (deviations[index] ?? 0), mean + (deviations[index] ?? 0)])
    .filter(Number.isFinite);
}

interface Axes {
  readonly across: Scale;
  readonly up: Scale;
  /** What is below. */
  readonly name: ReportedChart["axis"];
}

function axes({ across, up, name }: Axes, place: Place): readonly string[] {
  const rows = ticksOf(up, 6);
  const rowTexts = tickTexts(rows, up.isLog);
  const steps = ticksOf(across, 6).filter((tick) => Number.isInteger(tick));
  const stepTexts = tickTexts(steps, false);
  const grid = rows.map((tick, index) => {
    const y = short(place.y(tick));
    return `<path class="grid" d="M${inner.left} ${y}H${inner.right}"/><text x="${inner.left - 8}" y="${y}" dy=".35em" text-anchor="end">${rowTexts[index] ?? ""}</text>`;
  });
  const below = steps.map((tick, index) => {
    const x = short(place.x(tick));
    return `<path class="axis" d="M${x} ${inner.bottom}v5"/><text x="${x}" y="${inner.bottom + 19}" text-anchor="middle">${stepTexts[index] ?? ""}</text>`;
  });
  const [middle, bottom] = [(inner.left + inner.right) / 2, height - 5];
  return [
    ...grid,
    ...below,
    `<path class="axis" d="M${inner.left} ${inner.top}V${inner.bottom}H${inner.right}"/>`,
    `<text x="${middle}" y="${bottom}" text-anchor="middle">${name}</text>`,
  ];
}

/** One decimal of a point is less than anybody sees. */
function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function path(line: readonly Point[], place: Place): string {
  return line
    .map(({ x, y }, index) => `${index === 0 ? "M" : "L"}${short(place.x(x))} ${short(place.y(y))}`)
    .join("");
}

function columnOf(place: Place, count: number): (x: number) => number {
  return (x) =>
    Math.min(
      count - 1,
      Math.floor(((place.x(x) - inner.left) / (inner.right - inner.left)) * count),
    );
}

function greyPaths({ lines, band }: Drawn, place: Place): readonly string[] {
  const d = lines.map((line) => path(thinned(line, columnOf(place, greyColumns)), place)).join("");
  return [
    `<path class="grey" d="${d}"><title>${escapeHtml(band.title)}</title></path>`,
    ...dotsOf(lines, { place, name: "grey-dot", radius: 2 }),
  ];
}

/** Points that no line leads to. */
function dotsOf(
  lines: readonly (readonly Point[])[],
  {
    place,
    name,
    radius,
  }: { readonly place: Place; readonly name: string; readonly radius: number },
): readonly string[] {
  return lines.flatMap(([point, ...others]) =>
    point === undefined || others.length > 0
      ? []
      : [
          `<circle class="${name}" cx="${short(place.x(point.x))}" cy="${short(place.y(point.y))}" r="${radius}"/>`,
        ],
  );
}

function linePaths({ lines, band, colour }: Drawn, place: Place): readonly string[] {
  if (colour === undefined) return [];
  const thin = lines.map((line) => thinned(line, columnOf(place, columns)));
  const d = thin.map((line) => path(line, place)).join("");
  const dash = dashes[colour] ?? "";
  const dashed = dash === "" ? "" : ` stroke-dasharray="${dash}"`;
  return [
    `<path class="line c${colour}" d="${d}"${dashed}><title>${escapeHtml(`${band.mark ?? ""} ${band.title}`)}</title></path>`,
    ...dotsOf(thin, { place, name: `fill c${colour}`, radius: 3.5 }),
  ];
}

/** From mean − deviation to mean + deviation; of each column of the picture the lowest and the highest. */
function bandPath({ band, colour }: Drawn, place: Place): string {
  const { xs, means, deviations } = band;
  if (colour === undefined || deviations === undefined) return "";
  const toColumn = columnOf(place, columns);
  const bounds = new Map<number, { x: number; low: number; high: number }>();
  for (const [index, mean] of means.entries()) {
    const deviation = deviations[index] ?? Number.NaN;
    const x = xs[index] ?? 0;
    const [low, high] = [mean - deviation, mean + deviation];
    if (!Number.isFinite(low) || !Number.isFinite(high)) continue;
    const column = toColumn(x);
    const seen = bounds.get(column) ?? { x, low, high };
    bounds.set(column, {
      x: seen.x,
      low: Math.min(seen.low, low),
      high: Math.max(seen.high, high),
    });
  }
  const all = [...bounds.values()];
  const outline = [
    ...all.map(({ x, high }) => ({ x, y: high })),
    ...all.toReversed().map(({ x, low }) => ({ x, y: low })),
  ];
  return all.length < 2 ? "" : `<path class="band fill c${colour}" d="${path(outline, place)}Z"/>`;
}

/** Letters beside the last point of each line, moved apart where they would lie over each other. */
function marks(drawn: readonly Drawn[], place: Place): readonly string[] {
  const ends = drawn.flatMap(({ band, colour, lines }) => {
    const last = lines.at(-1)?.at(-1);
    if (colour === undefined || last === undefined) return [];
    return [{ mark: band.mark ?? "", colour, x: place.x(last.x) + 6, y: place.y(last.y) }];
  });
  const sorted = ends.toSorted((one, other) => one.y - other.y);
  const heights = apart(
    sorted.map(({ y }) => y),
    inner.bottom,
  );
  return sorted.map(
    ({ mark, colour, x }, index) =>
      `<text class="mark c${colour}" x="${short(x)}" y="${short(heights[index] ?? 0)}" dy=".35em">${escapeHtml(mark)}</text>`,
  );
}

/** The picture in words: what begins where and ends where. */
function describe(drawn: readonly Drawn[], axis: ReportedChart["axis"]): string {
  const told = drawn.filter(({ colour }) => colour !== undefined);
  const words = told.map(({ band, lines }) => {
    const [first, last] = [lines[0]?.[0], lines.at(-1)?.at(-1)];
    const name = `${band.mark ?? ""} (${band.title})`;
    if (first === undefined || last === undefined) return `${name} has no finite value`;
    return `${name} goes from ${first.y.toPrecision(4)} at ${axis} ${first.x} to ${last.y.toPrecision(4)} at ${axis} ${last.x}`;
  });
  const grey = drawn.length - told.length;
  return `${[...words, ...(grey === 0 ? [] : [`${grey} more in grey`])].join("; ")}.`;
}
