/** How far a verification is: a line that is drawn over on a screen, a plain line now and then anywhere else. */
import { cut, printable, type Terminal } from "./terminal.ts";

/** Shows steps as they come. */
export interface VerifyProgress {
  show(step: number, numSteps: number): void;
  /** Writes a line of its own above. */
  say(line: string): void;
  /** Takes the line from the screen. */
  close(): void;
}

/** Where and how it is shown. */
export interface VerifyProgressOptions {
  readonly terminal: Terminal;
  /** Milliseconds of a clock that only moves forward. */
  readonly now: () => number;
  /** The run as it was named. */
  readonly name: string;
  /** Nothing is shown of the steps. */
  readonly isQuiet: boolean;
}

/** As for runs: a screen is redrawn at most this often; a log gets a line at most that often. */
const redrawIntervalMs = 100;
const plainIntervalMs = 5_000;

/** A display that has shown nothing yet. */
export function createVerifyProgress(options: VerifyProgressOptions): VerifyProgress {
  const { terminal, now, name, isQuiet } = options;
  const interval = terminal.isInteractive ? redrawIntervalMs : plainIntervalMs;
  let shownAt = terminal.isInteractive ? -Infinity : now(); // a short one needs no plain line
  let isDrawn = false;
  const erase = (): void => {
    if (isDrawn) terminal.write("\r\u001b[2K");
    isDrawn = false;
  };
  return {
    show: (step, numSteps) => {
      if (isQuiet || now() - shownAt < interval) return;
      shownAt = now();
      const text = `verifying ${printable(name)}  step ${step}/${numSteps}`;
      if (!terminal.isInteractive) return terminal.write(`${text}\n`);
      erase();
      terminal.write(cut(text, terminal.columns() - 1));
      isDrawn = true;
    },
    say: (line) => {
      erase();
      terminal.write(`${printable(line)}\n`);
    },
    close: erase,
  };
}
