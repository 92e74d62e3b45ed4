/** Flags that every command has. */
import { Option, type Command as CommandParser } from "commander";
import { ExpError } from "../core/errors.ts";

/** Adds `--json` and `--runs-dir`. */
export function addSharedFlags(parser: CommandParser): void {
  parser
    .option("--json", "one JSON document on standard output, everything else on standard error")
    .addOption(
      new Option(
        "--runs-dir <folder>",
        "where runs are kept, instead of runs/ in the project",
      ).argParser(nonEmpty),
    );
}

function nonEmpty(folder: string): string {
  if (folder !== "") return folder;
  throw new ExpError("usage", "exp: --runs-dir names no folder.", { hint: "See exp --help." });
}
