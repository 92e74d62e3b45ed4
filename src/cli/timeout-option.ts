/** `--timeout` of commands that evaluate a branch's experiments. */
import { Option } from "commander";
import { ExpError } from "../core/errors.ts";

/** How long evaluating one experiment may take, in seconds. */
export function timeoutOption(): Option {
  return new Option("--timeout <seconds>", "how long evaluating one experiment may take")
    .default(60)
    .argParser((text) => {
      const seconds = Number(text);
      if (/^\d+(\.\d+)?$/u.test(text) && seconds > 0 && seconds <= 86_400) return seconds;
      throw new ExpError(
        "usage",
        `exp: --timeout is ${text}; expected seconds, more than 0 and at most 86400.`,
        {
          hint: "For example --timeout 120.",
        },
      );
    });
}
