/** Names of event files: TensorBoard reads those with `tfevents` in them, and those of one folder in the order of their names. */

/**
 * The name of an event file.
 * @param facts.timeMs - When the run began, milliseconds since 1970.
 * @param facts.host - Anything but letters, digits, `_` and `-` becomes `-`.
 * @param facts.number - Of a process, or of the first byte of the log that is in it.
 */
export function eventFileName({
  timeMs,
  host,
  number,
}: {
  readonly timeMs: number;
  readonly host: string;
  readonly number: number;
}): string {
  const seconds = String(Math.floor(timeMs / 1000)).padStart(10, "0");
  const safeHost = host.replace(/[^A-Za-z0-9_-]+/gu, "-").slice(0, 64) || "host";
  return `events.out.tfevents.${seconds}.${safeHost}.${String(number).padStart(12, "0")}.0`;
}

/** Tells whether a file has a name that `eventFileName` gives. */
export function isEventFile(name: string): boolean {
  return /^events\.out\.tfevents\.\d+\.[A-Za-z0-9_-]+\.\d+\.0$/u.test(name);
}
