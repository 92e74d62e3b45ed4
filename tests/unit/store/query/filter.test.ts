/** The filter language: what is read, and where it is wrong. */
import { expect, test } from "vitest";
import { formatError, isExpError } from "../../../../src/core/errors.ts";
import { parseFilter } from "../../../../src/store/query/filter.ts";
import { timeSpan } from "../../../../src/store/query/filter-times.ts";

/** A filter with every bracket written. */
function shape(text: string): string {
  const filter = parseFilter(text);
  const write = (node: NonNullable<typeof filter>): string => {
    switch (node.kind) {
      case "and":
      case "or":
        return `(${node.items.map(write).join(` ${node.kind} `)})`;
      case "not":
        return `not ${write(node.item)}`;
      case "compare": {
        const { part, text: name } = node.field;
        const { position: _, source: __, kind, ...value } = node.value;
        const field = part === undefined ? name : `${part}(${name})`;
        return `${field} ${node.comparison} ${kind}:${Object.values(value).join(" ")}`;
      }
    }
  };
  return filter === undefined ? "" : write(filter);
}

test.each([
  ["", ""],
  ["a < 1e-3 and b > 0.9", "(a < number:0.001 and b > number:0.9)"],
  ["a=1 or b=2 and not c=3", "(a = number:1 or (b = number:2 and not c = number:3))"],
  ["(a=1 or b=2) and c==3", "((a = number:1 or b = number:2) and c = number:3)"],
  ["not not a", "not not a = boolean:true"],
  ["git.dirty", "git.dirty = boolean:true"],
  ["a in (1, two, 'th ree')", "(a = number:1 or a = text:two or a = text:th ree)"],
  ["a not in (1)", "not a = number:1"],
  ["tags contains wide", "tags contains text:wide"],
  ["tags not contains wide", "not tags contains text:wide"],
  ["name ~ bert-*", "name ~ text:bert-*"],
  ["name !~ 'x'", "not name ~ text:x"],
  ["accuracy > 94.2%", "accuracy > number:0.942"],
  ["accuracy >= -.5e2%", "accuracy >= number:-0.5"],
  ["a = NaN", "a = number:NaN"],
  ["a = toString", "a = text:toString"],
  ["x != null", "x != null:"],
  ["x = -Infinity", "x = number:-Infinity"],
  ["min(train.loss) < 0.1", "min(train.loss) < number:0.1"],
  ["last < 3", "last < number:3"],
  ['labels["not spam"] = 1', 'labels["not spam"] = number:1'],
  ["model.hiddenSizes[0] > 64", "model.hiddenSizes[0] > number:64"],
  ["started > 2d ago", "started > ago:172800"],
  ["duration < 1.5h", "duration < duration:5400"],
  ["started = 2026-11-21", "started = time:2026-11-21"],
  ["started < 2026-11-21T10:00:00Z", "started < time:2026-11-21T10:00:00Z"],
  ["run = 031a65080303b5d3", "run = text:031a65080303b5d3"],
  ["AND = 1", "AND = number:1"],
])("%s", (text, expected) => {
  expect(shape(text)).toBe(expected);
});

test.each([
  ["a <", 4, "expected a value"],
  ["a < 1 b", 7, "expected and, or, or the end of the filter, found b"],
  ["a <> 1", 4, "expected a value"],
  ["(a = 1", 7, "expected ), found the end"],
  ["a = 'x", 5, "the quote ' is not closed"],
  ["a = 1 && b", 7, "write and in its place"],
  ["a = 1 || b", 7, "write or in its place"],
  ["!a", 1, "write not in its place"],
  ["a # 1", 3, '"#" means nothing in a filter'],
  ["a in 1", 6, "expected ( and values"],
  ["a not = 1", 7, "expected in or contains after not"],
  ["a 1", 3, "expected a comparison"],
  ["= 1", 1, "expected a path of the config"],
  ["min(a < 1", 7, "expected )"],
  [`${"not ".repeat(200)}a`, 401, "not nested so deeply"],
])("%s is refused at column %i", (text, column, message) => {
  let told = "";
  try {
    parseFilter(text);
  } catch (error) {
    if (!isExpError(error)) throw error;
    told = formatError(error);
  }
  const [, line = "", excerpt = "", mark = ""] = told.split("\n");
  expect(line).toContain(`column ${column}: `);
  expect(line).toContain(message);
  // The mark stands under the sign that is told; of a long filter a part is shown.
  expect(text.slice(column - 1).startsWith(excerpt.slice(mark.indexOf("^")))).toBe(true);
});

test("days are those of the reader, of 23 or 25 hours too", () => {
  const span = (text: string) =>
    timeSpan({ kind: "time", text, position: 0, source: text }, new Date(2026, 10, 21, 17, 40));
  expect(span("2026-11-21")).toEqual({
    from: new Date(2026, 10, 21).getTime(),
    until: new Date(2026, 10, 22).getTime(),
  });
  expect(span("today")).toEqual(span("2026-11-21"));
  expect(span("yesterday")).toEqual(span("2026-11-20"));
  expect(span("2026-02-30")).toBeUndefined();
  expect(span("2026-11-21T10:00Z")).toEqual({
    from: Date.UTC(2026, 10, 21, 10),
    until: Date.UTC(2026, 10, 21, 10, 1),
  });
});
