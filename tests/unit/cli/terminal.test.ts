import { expect, test } from "vitest";
import {
  createTerminal,
  cut,
  formatDuration,
  printable,
  width,
} from "../../../src/cli/terminal.ts";

function stream(isTTY: boolean): { isTTY: boolean; text: string; write(text: string): void } {
  return {
    isTTY,
    text: "",
    write(text) {
      this.text += text;
    },
  };
}

test("colours only on a screen, and never with NO_COLOR", () => {
  const style = (isTTY: boolean, environment: Record<string, string>): string =>
    createTerminal(stream(isTTY), environment).style("red", "x");
  expect(style(true, {})).toBe("\u001b[31mx\u001b[39m");
  expect(style(true, { NO_COLOR: "1" })).toBe("x");
  expect(style(true, { TERM: "dumb" })).toBe("x");
  expect(style(false, {})).toBe("x");
});

test("control and direction characters of outside text become visible", () => {
  expect(printable("a\u001b[2Jb\rc\u0007\u202ed")).toBe("a\\x1b[2Jb\\x0dc\\x07\\u{202e}d");
  expect(printable("\u061c\u200e\u200f\u2028\u2069")).toBe(
    String.raw`\u{61c}\u{200e}\u{200f}\u{2028}\u{2069}`,
  );
  expect(printable("tab\tand\nline stay, so does ü")).toBe("tab\tand\nline stay, so does ü");
});

test("width ignores colour codes, cut keeps to it", () => {
  expect(width("\u001b[1mab\u001b[22m")).toBe(2);
  expect(cut("abcdef", 4)).toBe("abc…");
  expect(cut("abc", 4)).toBe("abc");
});

test("durations are minutes and seconds, hours where needed", () => {
  expect([0, 7_400, 59_600, 3_723_000].map(formatDuration)).toEqual([
    "0:00",
    "0:07",
    "1:00",
    "1:02:03",
  ]);
});
