import { expect, test } from "vitest";
import { createTerminal } from "../../../src/cli/terminal.ts";
import { createVerifyProgress } from "../../../src/cli/verify-progress.ts";

/** What is written while 6 steps of two seconds each pass, with a line of the run's after the third. */
function written(isTTY: boolean, isQuiet: boolean): string {
  let text = "";
  let now = 0;
  const stream = { isTTY, columns: 80, write: (part: string) => (text += part) };
  const terminal = createTerminal(stream, { NO_COLOR: "1" });
  const progress = createVerifyProgress({ terminal, now: () => now, name: "3987ce7b", isQuiet });
  for (let step = 1; step <= 6; step++) {
    now += 2_000;
    progress.show(step, 6);
    if (step === 3) progress.say("a line\u001b[31m");
  }
  progress.close();
  return text;
}

test("a log gets a line in five seconds, a document none", () => {
  expect(written(false, false).split("\n")).toEqual([
    "verifying 3987ce7b  step 3/6",
    expect.stringMatching(/^a line/u),
    "verifying 3987ce7b  step 6/6",
    "",
  ]);
  expect(written(false, true)).toMatch(/^a line[^\n]*\n$/u);
  expect(written(true, true)).toBe(written(false, true));
});

test("a screen has one line that is gone at the end", () => {
  const text = written(true, false);
  expect(text).toMatch(/^verifying 3987ce7b {2}step 1\/6\r/u);
  expect(text).toContain("\r\u001b[2Ka line");
  expect(text.endsWith("\r\u001b[2K")).toBe(true);
  expect(text.split("\n")).toHaveLength(2);
});
