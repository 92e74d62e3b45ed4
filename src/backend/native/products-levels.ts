/** For which sets of instructions our own products are compiled, and with what: their results depend on it, as on their text. */

/** A set of instructions: floats of a vector, rows of a tile that its registers hold, and what the compiler calls it. */
export interface Level {
  readonly name: string;
  /** How often a product and a sum are rounded: `once` by one instruction. Other bits, by design. */
  readonly rounded: "once" | "twice";
  readonly width: number;
  readonly rows: number;
  readonly flags: readonly string[];
}

// The tuning is named, since that for any processor may take apart what is rounded once.
const wide = ["-mavx512f", "-mavx512vl", "-mfma", "-mtune=skylake-avx512"];

const x64: readonly Level[] = [
  {
    name: "avx512",
    rounded: "once",
    width: 16,
    rows: 12,
    flags: [...wide, "-mprefer-vector-width=512"],
  },
  {
    name: "avx2",
    rounded: "once",
    width: 8,
    rows: 6,
    flags: ["-mavx2", "-mfma", "-mtune=haswell"],
  },
  { name: "plain", rounded: "twice", width: 4, rows: 6, flags: [] },
];
const others: readonly Level[] = [
  { name: "plain", rounded: "once", width: 4, rows: 12, flags: [] },
];

/**
 * The sets of instructions that a machine may have; which of them it has is found when they run.
 * @param arch - As `process.arch` says it.
 */
export function productLevels(arch: string): readonly Level[] {
  return arch === "x64" ? x64 : others;
}

/** For all of them. Sums keep their order; a product and a sum are one operation, rounded once, where the processor has it. */
export const productFlags: readonly string[] = [
  "-std=c++17",
  "-O3",
  "-fPIC",
  "-fvisibility=hidden",
  "-fno-fast-math",
  "-ffp-contract=fast",
];

/** All that the results depend on, as one text. */
export const productSettings: string = JSON.stringify([productFlags, x64, others]);
