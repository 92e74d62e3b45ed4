import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { createLineSplitter } from "../../../src/command/output-lines.ts";
import { forgetSecrets, registerSecret } from "../../../src/core/secrets.ts";

function lines(...pieces: readonly (string | Uint8Array)[]): readonly string[] {
  const found: string[] = [];
  const splitter = createLineSplitter((line) => found.push(line));
  for (const piece of pieces) {
    splitter.write(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  }
  splitter.end();
  return found;
}

test("lines come without their ends, empty ones too, and the last needs none", () => {
  expect(lines("a\n\nb\r\nc")).toEqual(["a", "", "b", "c"]);
  expect(lines("a\n")).toEqual(["a"]);
  expect(lines("")).toEqual([]);
});

test("of a progress bar the last state stays", () => {
  expect(lines("10 %\r20 %\r", "30 %\n")).toEqual(["30 %"]);
  expect(lines("10 %\r20 %\r")).toEqual(["20 %"]);
  expect(lines("50 %", "\r", "\n", "x")).toEqual(["50 %", "x"]);
});

test("what is no UTF-8 is marked, and characters may be cut anywhere", () => {
  const bytes = new TextEncoder().encode("é😀\n");
  expect(lines(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(["é😀"]);
  expect(lines(Uint8Array.of(0x61, 0xff, 0x62, 0x0a))).toEqual(["a\ufffdb"]);
  expect(lines(Uint8Array.of(0xc3))).toEqual(["\ufffd"]);
});

test("a line without end is held only as far as it is shown", () => {
  const [line] = lines(
    ..."x"
      .repeat(100)
      .split("")
      .map(() => "y".repeat(1000)),
    "\n",
  );
  expect(line).toBe(`${"y".repeat(4000)}… (96000 more characters)`);
});

test("where a line is cut, no part of a secret is left", () => {
  onTestFinished(forgetSecrets);
  registerSecret("TOKEN", "planted-7f3a");
  for (let before = 3980; before <= 4010; before++) {
    const long = `${"y".repeat(before)}planted-7f3a${"z".repeat(900)}`;
    const repeated = `${"planted-7f3a ".repeat(20)}${long}`;
    for (const line of [...lines(long), ...lines(`${long}\n`), ...lines(repeated)]) {
      expect(line).toMatch(/… \(\d+ more characters\)$/u);
      expect(line).not.toContain("plant");
    }
  }
});

test("however the bytes are cut, the lines are the same", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", "\n", "\r", "\r\n", " ") });
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 5 })), (output, sizes) => {
      const bytes = new TextEncoder().encode(output);
      const pieces: Uint8Array[] = [];
      let start = 0;
      for (const size of sizes) {
        pieces.push(bytes.subarray(start, start + size));
        start += size;
      }
      expect(lines(...pieces, bytes.subarray(start))).toEqual(lines(output));
    }),
  );
});
