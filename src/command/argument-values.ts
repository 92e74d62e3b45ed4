/** `{parameters.lr}` and the like in the arguments of a program. */
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import { parsePath, valueAt } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";

/** What names in braces stand for: absolute paths and plain values. */
export interface ArgumentValues {
  readonly config: string;
  readonly runDirectory: string;
  readonly seed: number;
  readonly files: readonly string[];
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Anything else in braces (JSON, a shell's `${x}`, a format string) is left as it is. */
const namedValue = /\{((?:config|runDirectory|seed|files|parameters)(?:[.[][^{}]*)?)\}/g;

/**
 * The arguments with values for all names in braces. Texts stand as they are, everything else as JSON; what comes in this
 * way is not looked at again.
 * @throws {ExpError} `config` for names without a value, all of them at once.
 */
export function insertValues(
  command: readonly string[],
  values: ArgumentValues,
): readonly string[] {
  const issues: ConfigIssue[] = [];
  const filled = command.map((argument, index) =>
    argument.replace(namedValue, (text, name: string) => {
      const value = valueAt(values, parsePath(name) ?? [""]);
      if (value !== undefined) return typeof value === "string" ? value : canonicalJson(value);
      issues.push(missing(name, index, values));
      return text;
    }),
  );
  if (issues.length === 0) return filled;
  throw new ExpError("config", "The command names values that are not there.", { issues });
}

function missing(name: string, index: number, { files, parameters }: ArgumentValues): ConfigIssue {
  const names = [
    "config",
    "runDirectory",
    "seed",
    ...files.map((_, file) => `files[${file}]`),
    ...Object.keys(parameters).map((key) => `parameters.${key}`),
  ];
  const near = nearest(name, names);
  return {
    path: ["command", index],
    message: `{${name}} names no value; there are ${names.join(", ")}`,
    ...(near === undefined ? {} : { suggestion: `{${near}}` }),
  };
}
