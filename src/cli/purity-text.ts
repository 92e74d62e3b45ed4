/** What two evaluations of one experiment gave differently, in words. */
import type { EvaluatedValue, Impurity } from "../app/purity.ts";
import { formatValue } from "./run-text.ts";
import { cut, printable } from "./terminal.ts";

/** Lines for standard error; none where nothing differs. */
export function impurityLines(impurities: readonly Impurity[]): readonly string[] {
  if (impurities.length === 0) return [];
  const count = impurities.length === 1 ? "1 place differs" : `${impurities.length} places differ`;
  return [
    `Evaluated twice, the experiment is not the same: ${count}.`,
    ...impurities.flatMap(({ path, first, second }) => [
      `  ${path === "" ? "number of runs" : printable(path)}`,
      `    first   ${valueText(first)}`,
      `    second  ${valueText(second)}`,
    ]),
    "What is not the same each time enters as a recorded input: env(name, fallback) or external(key, fetch).",
  ];
}

const maxWidth = 100;

function valueText({ value, origin }: EvaluatedValue): string {
  const text = value === undefined ? "(not set)" : cut(printable(formatValue(value)), maxWidth);
  return `${text}  ${printable(origin)}`;
}
