/** What every benchmark prints: the machine, then a table. */
import { cpus, totalmem } from "node:os";

/** One measurement beside what it is held against. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** The figure that the design promises; empty where there is none. */
  readonly target: string;
  readonly holds: boolean | undefined;
}

/** Prints the machine and the rows, and gives the exit status: 1 where a target is missed. */
export function printTable(title: string, rows: readonly Row[]): number {
  const [cpu] = cpus();
  console.log(`${title}\n`);
  console.log(
    `${cpu?.model ?? "unknown processor"}, ${cpus().length} cores, ` +
      `${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}\n`,
  );
  const columns = [
    ["", ...rows.map(({ what }) => what)],
    ["measured", ...rows.map(({ measured }) => measured)],
    ["target", ...rows.map(({ target }) => target)],
    ["", ...rows.map(({ holds }) => (holds === undefined ? "" : holds ? "holds" : "MISSED"))],
  ];
  const widths = columns.map((column) => Math.max(...column.map(({ length }) => length)));
  for (let row = 0; row <= rows.length; row++) {
    const cells = columns.map((column, index) => (column[row] ?? "").padEnd(widths[index] ?? 0));
    console.log(cells.join("  ").trimEnd());
  }
  return rows.some(({ holds }) => holds === false) ? 1 : 0;
}

/** Median and quartiles of at least one sample. */
export function quartiles(samples: readonly number[]): readonly [number, number, number] {
  const sorted = samples.toSorted((first, second) => first - second);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
  return [at(0.25), at(0.5), at(0.75)];
}

/** `0.152 s (0.149-0.160)`: median and quartiles. */
export function spread(samples: readonly number[], digits: number, unit: string): string {
  const [low, middle, high] = quartiles(samples);
  return `${middle.toFixed(digits)} ${unit} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}
