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

/** Processor time of this process in milliseconds: other processes that want the same cores do not count. */
function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test.each<readonly [(size: number) => string]>([
  [(size) => "x".repeat(size)],
  [(size) => " ".repeat(size)],
  [(size) => "\\,".repeat(size / 2)],
  [(size) => `'${"\\'".repeat(size / 2)}'`],
  [(size) => `'${"\\".repeat(size)}'`],
  [(size) => `[${"1,".repeat(size / 2)}]`],
  [(size) => "1_".repeat(size / 2)],
  [(size) => "(".repeat(size)],
  [(size) => "a\\,".repeat(size / 3)],
  [(size) => "${a}".repeat(size / 5)],
  [(size) => `'${"${".repeat(size / 2)}'`],
  [(size) => `'${"\\${".repeat(size / 3)}'`],
  [(size) => `{${"k:1,".repeat(size / 5)}}`],
  [(size) => `sort(${"1,".repeat(size / 5)})`],
  [(size) => `${"x".repeat(size)}(1)`],
  [(size) => `x(${"x".repeat(size)}=1)`],
  [(size) => `\${${"a.".repeat(size / 2)}a}`],
])("a megabyte is read in one pass (case %#)", (create) => {
  const [whole, part] = [create(1e6), create(1e6 / 50)].map((text) => `a=${text}`);
  if (whole === undefined || part === undefined) throw new Error("there are two texts");
  const readParts = (): void => {
    for (let index = 0; index < 50; index++) errorOf(part);
  };
  readParts(); // compiles what both execute
  // As much text in parts as in one: in one pass they cost the same; anything quadratic costs 50 times as much in one.
  const limit = 10 * processorTime(readParts) + 200;
  expect(processorTime(() => errorOf(whole))).toBeLessThan(limit);
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
