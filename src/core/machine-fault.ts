/** Errors of the operating system that say that the machine is at fault, wherever they come up: no bug of Lockstep. */
import { ExpError } from "./errors.ts";

const faults = new Map<string, readonly [what: string, hint: string]>([
  ["EIO", ["The storage device reported an error", "Check the device (dmesg)"]],
  ["ENOSPC", ["The disk is full", "Free some space"]],
  ["EDQUOT", ["The disk quota is used up", "Free some space"]],
  ["EROFS", ["The file system is read-only", "Mount it writable"]],
  ["EMFILE", ["Too many open files", "Raise the limit with ulimit -n"]],
  ["ENFILE", ["Too many open files", "Close other programs"]],
  ["ENOMEM", ["The machine has no memory left", "Close other programs"]],
]);

/**
 * What to tell of an error that nobody nearer could explain.
 * @returns `environment`, with the system's own words, which name the file where it is known; `undefined` for any other
 * error, a missing file among them: that one may well be a bug.
 */
export function machineFault(error: unknown): ExpError | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const fault = faults.get(String(error.code));
  if (fault === undefined) return undefined;
  const [what, hint] = fault;
  return new ExpError("environment", `${what}: ${error.message}.`, {
    hint: `${hint}, and run the same command again.`,
    cause: error,
  });
}
