/**
 * What stands between the process and everybody else's code in it: standard output that is ours alone, errors that nobody
 * waits for, an end that comes before `exp` is done, and a reader that has gone.
 */
import { relative } from "node:path";
import { lateText, ownerOfContext } from "../app/strays.ts";
import { scrub, scrubBytes } from "../core/secrets.ts";
import {
  compiledPlace,
  formatPlace,
  framesAbove,
  sourcePlace,
  type Callable,
} from "../core/stack-frames.ts";
import { thrownMessage } from "../core/thrown.ts";
import { isUserFile } from "../core/user-files.ts";
import { ExpError } from "../core/errors.ts";
import { exitStatus } from "./exit-status.ts";

/** Writes to a stream, whatever was put in place of its `write` since. */
export interface GuardedStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  /** Waits until the reader has taken what was written; without it, nothing is waited for. */
  drained?(): Promise<void>;
}

/**
 * Takes standard output for the results alone: what modules, tasks and packages print goes to standard error instead.
 * @returns The real standard output.
 */
export function reserveStdout(): GuardedStream {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  const drained = async (): Promise<void> => {
    if (!stdout.writableNeedDrain) return;
    // A reader that has gone takes nothing more; that is said to the callback, and is no error here.
    await new Promise<void>((resolve) => void write("", () => resolve()));
  };
  return { isTTY: stdout.isTTY, columns: stdout.columns, write: (text) => write(text), drained };
}

/**
 * Takes secrets out of everything that this process prints, whoever prints it: tasks and packages have `console.log`, and
 * Node its warnings.
 */
export function scrubOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (...parameters: unknown[]) => boolean;
    stream.write = (chunk: Uint8Array | string, ...rest: unknown[]) =>
      write(typeof chunk === "string" ? scrub(chunk) : scrubBytes(chunk), ...rest);
  }
  if (process.listenerCount("warning") === 0) return; // the user wants none
  process.removeAllListeners("warning"); // Node's own listener writes past the stream
  process.on("warning", ({ name, message }) => {
    process.stderr.write(`(node:${process.pid}) ${name}: ${message}\n`);
  });
}

/** Lets a reader go away (`exp … | head`): what is written after that is lost, and nothing else happens. */
export function tolerateClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") return;
      process.stderr.write(`The output cannot be written: ${error.message}.\n`);
      process.exit(exitStatus.wrongInput);
    });
  }
}

/** Where a user's file called `process.exit`: its listeners run inside of that call. Undefined where none did. */
function exitPlace(listener: Callable): string | undefined {
  for (const frame of framesAbove(listener, 50)) {
    const place = sourcePlace(frame) ?? compiledPlace(frame);
    if (place === undefined || !isUserFile(place.file)) continue;
    return formatPlace({ ...place, file: relative(process.cwd(), place.file) });
  }
  return undefined;
}

/**
 * Watches for the two ways in which foreign code ends the process behind our back. `report` is called at most once, and
 * the exit status is then that of wrong input.
 * @returns Ends the watch: `exp` is done.
 */
export function watchForEarlyEnd(report: (error: ExpError) => void): () => void {
  const onStray = (error: unknown): void => {
    if (process.listenerCount("unhandledRejection") > 1) return; // an execution is on, and makes it the run's error
    const owner = ownerOfContext();
    if (owner !== undefined) {
      process.stderr.write(`warning: ${lateText({ ...owner, error })}\n`);
      return; // its results stay, and are about to be told
    }
    const text = thrownMessage(error);
    end(new ExpError("module", `An error that nobody waited for: ${text}`, { cause: error }));
    process.exit(exitStatus.wrongInput);
  };
  const onExit = (status: number): void => {
    if (status === exitStatus.killed) return;
    const place = exitPlace(onExit);
    const hint = place
      ? "A module or a task must not call process.exit: throw an error instead."
      : "A module or a task called process.exit, or waits for what never comes.";
    const where = place === undefined ? "" : `${place}: `;
    const message = `${where}The process was ended before exp was done.`;
    end(new ExpError("module", message, { hint }));
    process.exitCode = exitStatus.wrongInput;
  };
  const release = (): void => {
    process.off("exit", onExit);
    process.off("unhandledRejection", onStray);
    process.off("uncaughtException", onStray);
  };
  const end = (error: ExpError): void => {
    release();
    report(error);
  };
  process.on("exit", onExit);
  process.on("unhandledRejection", onStray);
  process.on("uncaughtException", onStray);
  return release;
}
