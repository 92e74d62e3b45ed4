import { expect, test } from "vitest";
import { callSite, type CallSite } from "../../../src/config/call-site.ts";

interface Padding {
  // types vanish when compiled: they shift the lines below
  readonly a: number;
  readonly b: number;
}

const padding: Padding = { a: 1, b: 2 };

function marked(..._values: readonly unknown[]): CallSite {
  return callSite(marked);
}

test("the place is the author's line and column", () => {
  const place = [padding as Padding, marked(1)][1] as CallSite;
  expect(place.file).toBe(import.meta.filename);
  expect(place).toMatchObject({ line: 16, column: 38 });
});
