/** The output of a program, in lines as it comes: in pieces, with progress bars, in no encoding, without an end. */
import { longestSecretForm, scrub } from "../core/secrets.ts";

/** Longer lines are cut; whoever wants the rest writes it to a file. */
const maxLineLength = 4_000;

/** Takes bytes and gives lines on. */
export interface LineSplitter {
  write(bytes: Uint8Array): void;
  /** Gives on what has no end of line. */
  end(): void;
}

/**
 * Splits UTF-8 into lines; what is none becomes U+FFFD. Of a line that a progress bar wrote over with carriage
 * returns, the last state is given on. No more than one line is held in memory, and of that no more than can be shown (and
 * than a secret at the cut needs, which half of it would not be known for).
 * @param onLine - Called with each line, without its end.
 */
export function createLineSplitter(onLine: (line: string) => void): LineSplitter {
  const decoder = new TextDecoder();
  const spare = longestSecretForm();
  let line = "";
  let numCut = 0;
  let isOverwritten = false; // after a carriage return, until something follows it
  const add = (text: string): void => {
    if (text === "") return;
    if (isOverwritten) [line, numCut, isOverwritten] = ["", 0, false];
    const room = maxLineLength + spare - line.length;
    line += text.slice(0, room);
    numCut += Math.max(0, text.length - room);
  };
  const finish = (): void => {
    const isShort = numCut === 0 && line.length <= maxLineLength;
    onLine(isShort ? line : cutLine({ line, numCut, spare }));
    [line, numCut, isOverwritten] = ["", 0, false];
  };
  const feed = (text: string): void => {
    for (const part of text.split(/(\r|\n)/)) {
      if (part === "\n") finish();
      else if (part === "\r") isOverwritten = true;
      else add(part);
    }
  };
  return {
    write: (bytes) => feed(decoder.decode(bytes, { stream: true })),
    end: () => {
      feed(decoder.decode());
      if (line !== "") finish();
    },
  };
}

interface LongLine {
  readonly line: string;
  /** Characters that came after it. */
  readonly numCut: number;
  /** Characters at its end that may be half of a secret. */
  readonly spare: number;
}

function cutLine({ line, numCut, spare }: LongLine): string {
  const safe = scrub(line);
  const length = Math.min(maxLineLength, numCut === 0 ? safe.length : safe.length - spare);
  const numMore = numCut + safe.length - length;
  return numMore === 0 ? safe : `${safe.slice(0, length)}… (${numMore} more characters)`;
}
