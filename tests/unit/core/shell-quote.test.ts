import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { shellQuote } from "../../../src/core/shell-quote.ts";

test("plain words stay as they are", () => {
  expect(shellQuote("optimizer.learningRate=3e-4")).toBe("optimizer.learningRate=3e-4");
});

test("anything else is quoted", () => {
  expect(shellQuote("")).toBe("''");
  expect(shellQuote("a b")).toBe("'a b'");
  expect(shellQuote("it's")).toBe(String.raw`'it'\''s'`);
  expect(shellQuote("\u001b[0m")).toBe(String.raw`"$(printf '\033')"'[0m'`);
});

test("a shell reads back the same word", () => {
  const hostile = fc.string({
    unit: fc.constantFrom(...Array.from("a'\"\\$`!*?~#;&|<>(){}[] \n\t\r\u001b\u007fü=")),
  });
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 20, maxLength: 20 }), (words) => {
      const command = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
      const output = execFileSync("sh", ["-c", command], { encoding: "utf8" });
      expect(output.split("\0").slice(0, -1)).toEqual(words);
    }),
    { numRuns: 20 },
  );
});
