/** Text for terminals: width, colour, and control characters of untrusted text made harmless. */
import { styleText } from "node:util";

export type Style = "bold" | "dim" | "green" | "red" | "yellow" | "cyan" | "magenta" | "blue";

/** Where text goes and what it may contain. */
export interface Terminal {
  readonly isInteractive: boolean;
  /** Columns of the screen; 100 where it is no screen. */
  columns(): number;
  write(text: string): void;
  /** Waits until the reader has taken what was written, so that long output never lies in memory as a whole. */
  drained(): Promise<void>;
  style(style: Style, text: string): string;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
  drained?(): Promise<void>;
}

/** A terminal over a stream; colours only on a screen, and never with NO_COLOR. */
export function createTerminal(
  stream: Stream,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const isInteractive = stream.isTTY === true && environment["TERM"] !== "dumb";
  const hasColour = isInteractive && (environment["NO_COLOR"] ?? "") === "";
  return {
    isInteractive,
    columns: () => Math.max(40, stream.columns ?? 100),
    write: (text) => void stream.write(text),
    drained: async () => stream.drained?.(),
    style: (style, text) => (hasColour ? styleText(style, text, { validateStream: false }) : text),
  };
}

/** Makes control characters visible, so that a name or a file cannot move the cursor or fake a line. */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu,
    (character) => {
      const hex = (character.codePointAt(0) ?? 0).toString(16);
      return hex.length > 2 ? `\\u{${hex}}` : `\\x${hex.padStart(2, "0")}`;
    },
  );
}

/** Columns that a text takes, styles not counted; wide characters count as one, which can only leave room. */
export function width(text: string): number {
  return Array.from(text.replace(/\u001b\[[0-9;]*m/gu, "")).length;
}

/** Cuts to so many columns, with an ellipsis where something was lost. Meant for text without styles. */
export function cut(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length <= columns
    ? text
    : `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}

/** `0:07`, `12:03`, `1:02:03`. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
