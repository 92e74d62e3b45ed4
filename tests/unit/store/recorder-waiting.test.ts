/** Lines and rows that wait for each other, because a write for each would cost a short step more than it does. */
import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";
import { rowsOfTexts } from "../../../src/core/later-rows.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { forgetSecrets, registerSecret } from "../../../src/core/secrets.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { openStore } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin } from "./sample-run.ts";

/** An attempt and the time that it sees, in milliseconds. */
function started(): { readonly attempt: Attempt; readonly time: { now: number } } {
  const time = { now: Date.parse("2026-01-02T03:04:05Z") };
  const store = openStore(temporaryFolder(), { clock: () => new Date(time.now) });
  return { attempt: begin(store, attemptOptions()), time };
}

const text = (attempt: Attempt, path: string): string =>
  readFileSync(join(attempt.directory, path), "utf8");
const line = (shown: string): RunEvent => {
  return { kind: "log", level: "info", text: shown, mayWait: true };
};
const row: RunEvent = { kind: "trace", row: { step: 1 } };

/** Texts of `train.log`, which are those of `events.jsonl` too. */
function shown(attempt: Attempt): readonly string[] {
  const rows = text(attempt, "logs/events.jsonl").trimEnd().split("\n");
  const texts = rows.map((each) => JSON.parse(each)).filter(({ kind }) => kind === "log");
  const lines = text(attempt, "logs/train.log").split("\n").slice(0, -1);
  expect(lines.map((each) => each.slice(22))).toEqual(texts.map((each) => each.text));
  return texts.map((each) => each.text);
}

test("a line that may wait is written at once after a pause, else with the first event 50 ms later", () => {
  const { attempt, time } = started();
  attempt.record(line("a"));
  expect(shown(attempt)).toEqual(["a"]);
  attempt.record(line("b"));
  attempt.record(row);
  expect([shown(attempt), text(attempt, "logs/trace.jsonl")]).toEqual([["a"], ""]);
  time.now += 49;
  attempt.record(line("c"));
  expect(shown(attempt)).toEqual(["a"]);
  time.now += 1;
  attempt.record(row);
  expect(shown(attempt)).toEqual(["a", "b", "c"]);
  expect(text(attempt, "logs/trace.jsonl")).toBe('{"step":1}\n{"step":1}\n');
});

test("rows of long steps are there 50 ms later, with no line of the log between them", () => {
  const { attempt, time } = started();
  attempt.record(row);
  time.now += 50;
  attempt.record(row);
  attempt.record(row);
  expect(text(attempt, "logs/trace.jsonl")).toBe('{"step":1}\n{"step":1}\n');
});

test("lines keep their order, and those that wait are written with one that may not, on a clock set back, and at the end", () => {
  const { attempt, time } = started();
  for (const each of ["a", "b"]) attempt.record(line(each));
  attempt.record({ kind: "log", level: "info", text: "c" });
  expect(shown(attempt)).toEqual(["a", "b", "c"]);
  attempt.record(line("d"));
  expect(shown(attempt)).toHaveLength(3);
  time.now -= 5_000;
  attempt.record(line("e"));
  expect(shown(attempt)).toHaveLength(5);
  attempt.record(line("f"));
  attempt.fail(new Error("it failed"));
  expect(shown(attempt)).toEqual(["a", "b", "c", "d", "e", "f"]);
});

const key = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ maxLength: 3 }),
  fc.stringMatching(/^[a-c_"1]*$/),
);
const someText = fc.string();
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  someText,
  fc.constant(-0),
  fc.array(someText),
  fc.constantFrom<JsonValue>(null, [], { b: 1, a: [2] }, "\\ud800", "\u{1f600}"),
);
const rows = fc.oneof(
  fc.dictionary(key, value, { noNullPrototype: true }),
  // Most rows have their keys in order.
  fc.dictionary(key, value, { noNullPrototype: true }).map((row) => {
    return Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  }),
);

test("every row of a trace is written in canonical form", () => {
  const { attempt } = started();
  let expected = "";
  const property = fc.property(rows, (row: JsonObject) => {
    expected += `${canonicalJson(row)}\n`;
    attempt.record({ kind: "trace", row });
  });
  fc.assert(property, { numRuns: 600, seed: 1 });
  attempt.record({ kind: "log", level: "info", text: "now" });
  expect(text(attempt, "logs/trace.jsonl")).toBe(expected);
});

const hidden = Object.defineProperty({ a: "1" }, "b", { value: 2 });
const withHole = ["1"];
withHole[2] = "3";
const withKey = Object.assign(["1"], { name: "2" });

test.each<[string, object]>([
  ["half of a surrogate pair", { a: "\ud800" }],
  ["half of one in a list", { a: ["\udc00"] }],
  ["half of one in a key", { "\ud800": 1 }],
  ["a number that is not finite", { a: 1, b: NaN }],
  ["undefined", { a: undefined }],
  ["a function", { a: 1, toJSON: () => ({}) }],
  ["a symbol as key", { a: 1, [Symbol("b")]: 1 }],
  ["a key that nobody sees", hidden],
  ["a hole", { a: withHole }],
  ["a list with a key", { a: withKey }],
  ["the prototype as key", JSON.parse('{"__proto__":1}') as object],
])("a row of a trace with %s is refused at once", (_, row) => {
  const { attempt } = started();
  attempt.record({ kind: "trace", row: { step: 1 } });
  const event: RunEvent = { kind: "trace", row: row as JsonObject };
  expect(() => attempt.record(event)).toThrow("cannot be written as JSON");
  attempt.fail(new Error("it failed"));
  expect(text(attempt, "logs/trace.jsonl")).toBe('{"step":1}\n');
});

test("what a row and a line said when they were recorded is written, whatever becomes of them", () => {
  const { attempt } = started();
  attempt.record(line("a"));
  const later = { kind: "log", level: "info", text: "b", mayWait: true } as const;
  const row = { step: 1, names: ["w"] };
  attempt.record({ kind: "trace", row });
  attempt.record(later);
  row.names.push("x");
  Object.assign(later, { text: "c", level: "warning" });
  attempt.fail(new Error("it failed"));
  expect(shown(attempt)).toEqual(["a", "b"]);
  expect(text(attempt, "logs/trace.jsonl")).toBe('{"names":["w"],"step":1}\n');
});

const later = (numRows: number, rows: () => readonly JsonObject[]): RunEvent => {
  return { kind: "rows", numRows, rows };
};

test("rows that are made later stand between those around them, without secrets, and are made when they are due", () => {
  onTestFinished(forgetSecrets);
  registerSecret("KEY", "canary-of-a-row");
  const { attempt, time } = started();
  attempt.record(line("a"));
  let numMade = 0;
  const rows = later(2, () => {
    numMade++;
    return [
      { step: 2, batch: "a canary-of-a-row" },
      { z: 1, a: -0 },
    ];
  });
  for (const event of [row, rows, { kind: "trace", row: { step: 3 } } as const])
    attempt.record(event);
  expect(attempt.firstDifference()).toBeUndefined(); // as it is asked after each event of a run
  expect([text(attempt, "logs/trace.jsonl"), numMade]).toEqual(["", 0]);
  time.now += 100;
  attempt.record(line("b"));
  const lines = text(attempt, "logs/trace.jsonl").trimEnd().split("\n");
  const expected = ['{"batch":"a [secret KEY]","step":2}', '{"a":0,"z":1}', '{"step":3}'];
  expect(lines).toEqual(['{"step":1}', ...expected]);
  expect(numMade).toBe(1);
});

test("256 rows wait for each other, and those before one that cannot be made are kept", () => {
  const { attempt } = started();
  attempt.record(line("begins")); // what is first is written at once
  const numbered = Array.from({ length: 128 }, (_, step) => ({ step }));
  attempt.record(later(128, () => numbered));
  attempt.record(later(127, () => numbered.slice(1)));
  expect(text(attempt, "logs/trace.jsonl")).toBe("");
  attempt.record(row);
  expect(text(attempt, "logs/trace.jsonl").split("\n")).toHaveLength(257);
  const broken = later(2, () => [{ step: 1 }, { step: NaN }]);
  attempt.record({ kind: "trace", row: { step: 2 } });
  attempt.record(broken);
  attempt.fail(new Error("it failed"));
  const lines = text(attempt, "logs/trace.jsonl").split("\n");
  expect(lines.slice(256)).toEqual(['{"step":2}', '{"step":1}', ""]);
});

test("rows whose text is made first are written as it is, and without secrets where any are known by then", () => {
  onTestFinished(forgetSecrets);
  const { attempt } = started();
  const rows = rowsOfTexts(1, [() => '{"batch":"a canary-of-a-row"}\n']);
  attempt.record(rows);
  attempt.record({ kind: "log", level: "info", text: "now" });
  attempt.record(rows);
  registerSecret("KEY", "canary-of-a-row");
  attempt.record({ kind: "log", level: "info", text: "now" });
  expect(text(attempt, "logs/trace.jsonl").split("\n")).toEqual([
    '{"batch":"a canary-of-a-row"}',
    '{"batch":"a [secret KEY]"}',
    "",
  ]);
});

test("a line that may wait stands in events.jsonl in canonical form, whatever it says", () => {
  const { attempt } = started();
  const texts = ['"quoted" \\ back', "two\nlines \u0000\u007f", "\ud800 alone, \u{1f600} not", "é"];
  for (const each of texts) attempt.record(line(each));
  attempt.fail(new Error("it failed"));
  const rows = text(attempt, "logs/events.jsonl").trimEnd().split("\n");
  const told = rows.filter((row) => row.includes('"kind":"log"'));
  expect(told).toHaveLength(texts.length);
  expect(told).toEqual(told.map((row) => canonicalJson(JSON.parse(row))));
  expect(JSON.parse(told[2] ?? "")).toMatchObject({ text: "\ufffd alone, \u{1f600} not" });
});
