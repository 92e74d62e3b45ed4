/** Lines and rows that wait for each other, because a write for each would cost a short step more than it does. */
import * as fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
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

test("a line that may wait is written at once after a pause, else with the first event a tenth of a second later", () => {
  const { attempt, time } = started();
  attempt.record(line("a"));
  expect(shown(attempt)).toEqual(["a"]);
  attempt.record(line("b"));
  attempt.record(row);
  expect([shown(attempt), text(attempt, "logs/trace.jsonl")]).toEqual([["a"], ""]);
  time.now += 99;
  attempt.record(line("c"));
  expect(shown(attempt)).toEqual(["a"]);
  time.now += 1;
  attempt.record(row);
  expect(shown(attempt)).toEqual(["a", "b", "c"]);
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
const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string(),
  fc.constant(-0),
);

test("every row of a trace is written in canonical form", () => {
  const { attempt } = started();
  let expected = "";
  const property = fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (given) => {
    const trace: JsonObject = given;
    expected += `${canonicalJson(trace)}\n`;
    attempt.record({ kind: "trace", row: trace });
  });
  fc.assert(property, { numRuns: 300, seed: 1 });
  attempt.record({ kind: "log", level: "info", text: "now" });
  expect(text(attempt, "logs/trace.jsonl")).toBe(expected);
});
