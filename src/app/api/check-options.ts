/** Options of the functions for scripts: a name that nobody reads is refused, since it would change nothing in silence. */
import { ExpError } from "../../core/errors.ts";
import { nearest } from "../../core/suggest.ts";

/** Every option of a function by its name, so that the compiler sees when one is missing. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Lets options through that hold nothing unknown.
 * @param call - Words for who takes them: `run()`.
 * @param options - What was given.
 * @param names - All options that there are, as keys.
 * @throws {ExpError} `usage` for anything but an object, and for options of other names, all of them at once, each with
 *   the nearest name.
 */
export function checkOptions(call: string, options: unknown, names: object): void {
  const known = Object.keys(names);
  const hint = `Its options: ${known.join(", ")}.`;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    const message = `${call} takes its options as one object, found ${describe(options)}.`;
    throw new ExpError("usage", message, { hint });
  }
  const unknown = Object.keys(options).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const list = unknown.map((name) => {
    const meant = nearest(name, known);
    return meant === undefined ? name : `${name} (did you mean ${meant}?)`;
  });
  const what = list.length === 1 ? "an option" : `${list.length} options`;
  const message = `${call} was given ${what} that it does not have: ${list.join(", ")}.`;
  throw new ExpError("usage", message, { hint });
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  const isText = typeof value === "string";
  return isText ? `the text ${JSON.stringify(value.slice(0, 60))}` : `a ${typeof value}`;
}
