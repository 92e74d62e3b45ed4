/** `--run <number>`: one run of a sweep. */
import { Option } from "commander";
import { ExpError } from "../core/errors.ts";

/** The flag for commands that look at one run of a sweep. */
export function runOption(text: string): Option {
  return new Option("--run <number>", text).argParser(runNumber);
}

function runNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new ExpError(
    "usage",
    `exp: --run takes the number of a run, found ${JSON.stringify(text)}.`,
    {
      hint: "Runs are counted from 1, in the order of exp plan.",
    },
  );
}

/** What `--run` chose, as use cases take it. */
export function chosenRun(options: Readonly<Record<string, unknown>>): { readonly run?: number } {
  const { run } = options;
  return typeof run === "number" ? { run } : {};
}
