import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { callSite, formatCallSite, type CallSite } from "../../../src/config/call-site.ts";

// Types vanish when this file is compiled, which shifts all that follows.
interface Padding {
  readonly first: number;
  readonly second: number;
}
const padding: Padding = { first: 1, second: 2 };

function marked(..._values: readonly unknown[]): CallSite {
  return callSite(marked);
}

/** Where a text stands in this file, as an editor counts. */
function placeOf(text: string): { readonly line: number; readonly column: number } {
  const before = readFileSync(import.meta.filename, "utf8").split(text, 1)[0] ?? "";
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

test("the place is file, line and column of the author's text", () => {
  const place = [padding satisfies Padding, marked("here")][1] as CallSite;
  expect(place).toEqual({ file: import.meta.filename, ...placeOf('marked("here")') });
});

test("calls between are left out, and each call has its own place", () => {
  function outer(): CallSite {
    const inner = (): CallSite => callSite(outer);
    return inner();
  }
  const [first, second] = [outer(), outer()];
  expect(first.line).toBe(second.line);
  expect(second.column - first.column).toBe("outer(), ".length);
});

test("the stack settings of the process stay as they were", () => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  marked();
  expect(Error.prepareStackTrace).toBe(prepareStackTrace);
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
});

test("code without a file has the place that the engine knows", () => {
  const evaluate = new Function("callSite", "return (function f() { return callSite(f); })();");
  expect(evaluate(callSite)).toMatchObject({ line: expect.any(Number) as number });
});

test("the text of a place is what terminals make a link of", () => {
  expect(formatCallSite({ file: "/lab/a b.ts", line: 3, column: 14 })).toBe("/lab/a b.ts:3:14");
});
