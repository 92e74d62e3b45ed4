/** Half a row that a killed process left at the end of a log is told, and cut off by a repair. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, runEvents, sampleKey } from "./sample-run.ts";

const logs = `.attempts/${sampleKey(1).slice(0, 16)}/1/logs`;

/** A store with a run that was killed, and a path in it. */
function killed(log: string): { readonly store: Store; readonly path: string } {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: { ...currentProcess(), processStart: "0" } });
  const attempt = begin(store, attemptOptions(1));
  for (const event of runEvents(3).slice(0, -1)) attempt.record(event);
  attempt.fail(new Error("killed"));
  return { store, path: join(folder, logs, log) };
}

test("a torn last row is a note, and a repair cuts it off behind the last whole one", () => {
  const { store, path } = killed("metrics.jsonl");
  const whole = readFileSync(path, "utf8");
  appendFileSync(path, '{"step":4,"los');
  const found = { code: "torn-tail", severity: "note", path: `${logs}/metrics.jsonl` };
  const looked = store.check({ isRepairing: false }).findings;
  expect(looked).toMatchObject([{ ...found, isRepaired: false }]);
  expect(looked[0]?.message).toContain("14 bytes");
  expect(readFileSync(path, "utf8")).not.toBe(whole);
  const repaired = store.check({ isRepairing: true }).findings;
  expect(repaired).toMatchObject([{ ...found, isRepaired: true }]);
  expect(readFileSync(path, "utf8")).toBe(whole);
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
});

test("what a repair cuts off may end in half a letter", () => {
  const { store, path } = killed("events.jsonl");
  const whole = readFileSync(path, "utf8");
  appendFileSync(path, Buffer.from('{"text":"ü').subarray(0, -1));
  store.check({ isRepairing: true });
  expect(readFileSync(path, "utf8")).toBe(whole);
});

test("a log that is nothing but half a row is empty after a repair", () => {
  const { store, path } = killed("trace.jsonl");
  writeFileSync(path, '{"format":"lockst');
  store.check({ isRepairing: true });
  expect(readFileSync(path, "utf8")).toBe("");
});
