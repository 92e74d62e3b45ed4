/** Errors of the filter language: what was found, what was expected, and a mark under the place. */
import { ExpError } from "../../core/errors.ts";

/** Something wrong with a filter. */
export interface FilterProblem {
  /** Offset in the filter's text, from 0. */
  readonly position: number;
  readonly message: string;
  /** What may have been meant. */
  readonly suggestion?: string | undefined;
}

/** Characters of a filter that are shown around the place that is wrong. */
const maxShown = 70;

/**
 * The error for everything that is wrong with a filter.
 * @param text - The filter, as typed.
 * @param problems - At least one.
 */
export function filterError(text: string, problems: readonly FilterProblem[]): ExpError {
  const lines = problems.flatMap(({ position, message, suggestion }) => {
    const advice = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
    return [`column ${position + 1}: ${message}${advice}`, ...excerpt(text, position)];
  });
  return new ExpError("usage", `The filter cannot be used.\n${lines.join("\n")}`, {
    hint: "For example: exp runs 'optimizer.learningRate < 1e-3 and validation.accuracy > 90%'. See exp runs --help.",
  });
}

function excerpt(text: string, position: number): readonly string[] {
  const start = Math.max(0, Math.min(position - maxShown / 2, text.length - maxShown));
  const shown = text.slice(start, start + maxShown).replace(/\s/gu, " ");
  return [`  ${shown}`, `  ${" ".repeat(position - start)}^`];
}
