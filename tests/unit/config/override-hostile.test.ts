import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseArgument } from "../../../src/config/combinator-call.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

/** The whole message of the error that a text causes. */
function errorOf(text: string, index = 0): string {
  try {
    parseArgument(text, index);
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  return "no error";
}

test("nesting is limited, so that the parser cannot run out of stack", () => {
  const nested = (depth: number): string => `a=${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(errorOf(nested(100))).toBe("no error");
  expect(errorOf(nested(10_000))).toContain("nested 100 deep at most");
  expect(errorOf(`a=${"{b:".repeat(10_000)}`)).toContain("nested 100 deep at most");
  expect(errorOf(`a=${"choice(".repeat(10_000)}`)).toContain("nested 100 deep at most");
});

// A text costs 5 to 60 ms on an idle core, half a million numbers 150; anything quadratic takes minutes.
test.each([
  ["x".repeat(1e6)],
  [" ".repeat(1e6)],
  ["\\,".repeat(5e5)],
  [`'${"\\'".repeat(5e5)}'`],
  [`'${"\\".repeat(1e6)}'`],
  [`[${"1,".repeat(5e5)}]`],
  ["1_".repeat(5e5)],
  ["(".repeat(1e6)],
  ["a\\,".repeat(3e5)],
  ["${a}".repeat(2e5)],
  [`'${"${".repeat(5e5)}'`],
  [`'${"\\${".repeat(3e5)}'`],
  [`{${"k:1,".repeat(2e5)}}`],
  [`sort(${"1,".repeat(2e5)})`],
  [`${"x".repeat(1e6)}(1)`],
  [`x(${"x".repeat(1e6)}=1)`],
  [`\${${"a.".repeat(5e5)}a}`],
])("a megabyte is read in one pass (case %#)", (text) => {
  const start = performance.now();
  errorOf(`a=${text}`);
  expect(performance.now() - start).toBeLessThan(2000);
});

const signs = fc.constantFrom(
  ..."ab1._-+ \t,:=[](){}'\"\\$%~#@/é😀\u0000".split(""),
  "range(",
  "choice(",
  "shuffle(",
  "int(",
  "zip(",
  "when(",
  "reverse=",
  "${",
  "__proto__",
  "1e",
  "null",
);

test("no text makes the parser throw anything but an ExpError, or touch prototypes", () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  fc.assert(
    fc.property(
      fc.array(signs, { maxLength: 30 }),
      fc.string({ unit: "binary" }),
      (parts, other) => {
        errorOf(`a=${parts.join("")}`); // rethrows what is no ExpError
        errorOf(parts.join(""));
        errorOf(`filter(${parts.join("")})`);
        errorOf(other);
        errorOf(`a=${other}`);
      },
    ),
    { numRuns: 600, seed: 1 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
});
