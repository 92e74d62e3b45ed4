import { expect, test } from "vitest";
import { countText, rowChanges, rowDigests } from "../../../src/core/row-digests.ts";

const digests = (text: string): Uint8Array => rowDigests(Buffer.from(text)) ?? new Uint8Array();
const lines = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, row) => `row ${row}`);

test("each row has six bytes, whether or not the last one ends", () => {
  expect(digests("a\nb\n")).toEqual(digests("a\nb"));
  expect(digests("a\nb\n")).toHaveLength(12);
  expect(digests("")).toHaveLength(0);
  expect(rowDigests(Uint8Array.of(1, 0, 2))).toBe(undefined);
  expect(rowDigests(Buffer.from("\n".repeat(200_001)))).toBe(undefined);
});

test("changed, added, removed and moved rows are counted", () => {
  const before = lines(1000);
  const changes = (now: readonly string[]): string =>
    rowChanges(digests(before.join("\n")), digests(now.join("\n")));
  expect(changes(before.with(100, "other"))).toBe("1 of 1,000 rows (line 101)");
  expect(changes(before.toReversed())).toBe("1,000 rows in another order");
  expect(changes([...before, "new"])).toBe("1 added (rows)");
  expect(changes(before.slice(20))).toBe("20 of 1,000 removed (rows)");
  expect(changes(["x", "new", ...before.slice(1)])).toBe("1 of 1,000 rows, 1 added");
  expect(changes(["x", ...before.slice(2)])).toBe("1 of 1,000 rows, 1 of 1,000 removed");
  expect(changes(before)).toBe("the ends of its lines");
});

test("a row that was moved and another that was changed are told apart", () => {
  expect(rowChanges(digests("a\nb\nc\nd"), digests("b\na\nc\nx"))).toBe("1 of 4 rows");
});

test("counts are written in groups of three digits", () => {
  expect([0, 999, 1000, 1234567].map(countText)).toEqual(["0", "999", "1,000", "1,234,567"]);
});
