/** Which metrics a word means, and what to say where it means none. */
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";
import { tryNameRun } from "../lookups/name-runs.ts";
import type { Lookup } from "../lookups/open-index.ts";
import type { Axis, ReadRun } from "./read-curves.ts";

/** Where names are looked up for advice. */
export interface NamingContext {
  readonly lookup: Lookup;
  readonly axis: Axis;
  readonly workingDirectory: string;
}

/**
 * The metrics of a word: one name, which may have commas in it, or several with commas between them.
 * @throws {ExpError} `usage` for a name that no run logged.
 */
export function namedMetrics(
  word: string,
  read: readonly ReadRun[],
  context: NamingContext,
): readonly string[] {
  const known = new Set(read.flatMap(({ curves }) => [...curves.keys()]));
  if (known.has(word)) return [word];
  const names = word.split(",").map((name) => name.trim());
  const missing = names.find((name) => !known.has(name));
  if (missing === undefined) return [...new Set(names)];
  throw unknownMetric(missing, read, context);
}

const maxNames = 12;

function unknownMetric(name: string, read: readonly ReadRun[], context: NamingContext): ExpError {
  const known = [...new Set(read.flatMap(({ curves }) => [...curves.keys()]))].toSorted();
  const logged =
    read.length === 1 ? "The run logged no" : `None of the ${read.length} runs logged a`;
  if (known.length === 0) {
    const what = context.axis === "epoch" ? "metric with its epoch" : "metric at any step";
    const hint =
      context.axis === "epoch" ? "Draw it over steps." : "exp show RUN says what a run has.";
    return new ExpError("usage", `${logged} ${what}.`, { hint });
  }
  if (isRun(name, context)) {
    return new ExpError("usage", `${name} is a run, and the metric stands last.`, {
      hint: `For example: exp plot ${name} ${known[0] ?? ""}.`,
    });
  }
  const isFigure = read.some(({ run }) => run.metrics.has(name));
  const message = isFigure
    ? `${name} is a figure of the result, and was not logged at steps.`
    : `${logged} metric called ${JSON.stringify(name)}.`;
  return new ExpError("usage", message, { hint: hintFor(name, known) });
}

function hintFor(name: string, known: readonly string[]): string {
  const meant = known.find((one) => one.endsWith(`.${name}`)) ?? nearest(name, known);
  const listed = known.slice(0, maxNames).join(", ");
  const more = known.length > maxNames ? `, and ${known.length - maxNames} more` : "";
  return `${meant === undefined ? "" : `Did you mean ${meant}? `}There are: ${listed}${more}.`;
}

function isRun(word: string, { lookup, workingDirectory }: NamingContext): boolean {
  try {
    return tryNameRun(lookup, word, workingDirectory) !== undefined;
  } catch {
    return false; // digits that begin no key, or several
  }
}
