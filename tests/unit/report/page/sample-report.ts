/** A page's content for tests: two settings with spreads, and what hostile people write. */
import type { RunsReport } from "../../../../src/report/page/runs-report.ts";

/** Markup, an end of a script, a terminal code, text turned around, half a character. */
export const hostile = `"'><script>alert(1)</script></style>&amp;\u001b[2J\u202eabc\ud800<img src=x onerror=alert(1)>`;

/** A page about four runs in two settings. @param text - Stands wherever somebody may have written something. */
export function sampleReport(text: string): RunsReport {
  const xs = [10, 20, 30, 40];
  const band = { numRuns: 2, xs, deviations: [0.1, 0.1, 0.05, 0.02] };
  return {
    title: `${text}: 4 runs`,
    made: `Made 2026-11-22 by ${text}`,
    ranking: { metric: `validation.${text}`, direction: "max" },
    paths: [`optimizer.${text}`],
    metrics: [`validation.${text}`],
    settings: ["A", "B"].map((mark, index) => ({
      mark,
      groupHash: `8899beec118be25${index}`,
      numRuns: 2,
      values: [text],
      figures: index === 0 ? [{ mean: 0.9, deviation: 0.01, count: 2 }] : [undefined],
    })),
    runs: ["A", "A", "B", "B"].map((mark, index) => ({
      name: `031a65080303b5d${index}`,
      mark,
      status: text,
      seed: String(index),
      values: [text],
      figures: [index === 3 ? Number.NaN : 0.9],
      started: "2026-11-21 18:59",
      took: "1.5 s",
    })),
    charts: [
      {
        metric: `train.${text}`,
        axis: "step",
        bands: [
          { ...band, mark: "A", title: text, means: [0.9, 0.5, Number.NaN, 0.1] },
          { ...band, mark: "B", title: text, means: [0.8, 0.7, 0.6, 0.5] },
          { title: text, numRuns: 1, xs, means: [0.7, 0.7, 0.7, 0.7] },
        ],
        notes: [text],
      },
      {
        metric: "none",
        axis: "step",
        bands: [{ mark: "A", title: "a", numRuns: 1, xs: [1], means: [Number.NaN] }],
        notes: [],
      },
      {
        metric: "one",
        axis: "step",
        bands: [{ mark: "A", title: "a", numRuns: 1, xs: [7], means: [3] }],
        notes: [],
      },
    ],
    differences: [{ name: "host", text }],
    best: {
      name: "031a65080303b5d0",
      experiment: text,
      config: [
        { path: text, value: text, origin: text, isDiffering: true },
        { path: "seed", value: "1", origin: "default", isDiffering: false },
      ],
      environment: [{ name: text, text }],
      identities: [{ name: "runKey", text }],
      commands: [{ name: `exp verify ${text}`, text }],
      reproduce: `# ${text}\n</pre>`,
    },
    notes: [text],
  };
}
