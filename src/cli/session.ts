/** What a command may touch of the process, so that commands can be tested without one. */
import type { Terminal } from "./terminal.ts";

export interface Session {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly workingDirectory: string;
  /** Milliseconds of a clock that only moves forward. */
  readonly now: () => number;
  /** What planning needs beside the command line. */
  readonly planContext: {
    readonly workingDirectory: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
  };
}
