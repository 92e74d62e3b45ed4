/** All that a page about runs says: plain data, put together by whoever read the runs. */

/** A page about runs. */
export interface RunsReport {
  /** What the page is about: `bert-lr: 12 runs in 3 settings`. */
  readonly title: string;
  /** When, by which version and with which command the page was made. */
  readonly made: string;
  /** By what settings and runs are ordered, the best first; absent where nobody says. */
  readonly ranking?: { readonly metric: string; readonly direction: "min" | "max" };
  /** Paths of the config by which settings differ: columns of the tables. */
  readonly paths: readonly string[];
  /** Metrics that are columns of the tables. */
  readonly metrics: readonly string[];
  /** Runs that differ in their seeds alone are one setting. */
  readonly settings: readonly ReportedSetting[];
  readonly runs: readonly ReportedRun[];
  readonly charts: readonly ReportedChart[];
  /** Facts by which runs differ beside their configs: code, data, machine. */
  readonly differences: readonly NamedText[];
  /** The best run; where nothing ranks and there is one run, that one. */
  readonly best?: BestRun;
  /** What the page does not hold, and how to get it. */
  readonly notes: readonly string[];
}

/** A line of two columns. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** One setting with the figures of its runs. */
export interface ReportedSetting {
  /** Its letter in the charts; absent where it is drawn in grey or not at all. */
  readonly mark?: string;
  readonly groupHash: string;
  readonly numRuns: number;
  /** One text for each path. */
  readonly values: readonly string[];
  /** One for each metric; `undefined` where no finished run has it. */
  readonly figures: readonly (Figure | undefined)[];
}

/** A mean over runs. */
export interface Figure {
  readonly mean: number;
  /** Sample standard deviation; absent for one run. */
  readonly deviation?: number;
  readonly count: number;
}

/** One run in a table. */
export interface ReportedRun {
  readonly name: string;
  /** The letter of its setting. */
  readonly mark?: string;
  readonly status: string;
  /** Empty where it has none. */
  readonly seed: string;
  readonly values: readonly string[];
  readonly figures: readonly (number | undefined)[];
  readonly started: string;
  readonly took: string;
}

/** A metric over steps or epochs. */
export interface ReportedChart {
  readonly metric: string;
  readonly axis: "step" | "epoch";
  readonly bands: readonly Band[];
  /** What is not seen in it: values that are no numbers, runs that ended earlier. */
  readonly notes: readonly string[];
}

/** The mean of a setting over steps or epochs, with its spread. */
export interface Band {
  /** Letter and place in the colours; absent for what is drawn in grey. */
  readonly mark?: string;
  readonly title: string;
  readonly numRuns: number;
  readonly xs: readonly number[];
  readonly means: readonly number[];
  /** Sample standard deviations; absent for one run. */
  readonly deviations?: readonly number[];
}

/** The run that the page tells everything of. */
export interface BestRun {
  readonly name: string;
  readonly experiment: string;
  /** Every value with what set it. */
  readonly config: readonly OriginatedValue[];
  readonly environment: readonly NamedText[];
  readonly identities: readonly NamedText[];
  /** Commands that repeat it, with what they do. */
  readonly commands: readonly NamedText[];
  /** Text of its REPRODUCE.md; absent where it has none. */
  readonly reproduce?: string;
}

/** A value of a config with where it comes from. */
export interface OriginatedValue {
  readonly path: string;
  readonly value: string;
  readonly origin: string;
  /** Whether settings differ in it. */
  readonly isDiffering: boolean;
}
