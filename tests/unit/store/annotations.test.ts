/** What is said about a run after it was published. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { addAnnotation } from "../../../src/store/annotations.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { sampleKey } from "./sample-run.ts";

const runKey = sampleKey(1);

test("annotations are listed in the order of their times, each in a file of its own", () => {
  const times = [
    "2026-01-02T03:04:05.678Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-02T03:04:05.678Z",
  ];
  const root = temporaryFolder();
  const store = openStore(root);
  for (const [index, text] of ["second", "first", "third"].entries()) {
    const time = times[index] ?? ""; // as attempts give them, which end when they end
    addAnnotation(createFileSystem(), root, { runKey, kind: "note", time, facts: { text } });
  }
  const { annotations, damaged } = store.annotations(runKey);
  expect(damaged).toEqual([]);
  const [first, ...others] = annotations.map(({ facts }) => facts["text"]);
  expect(first).toBe("first");
  expect(new Set(others)).toEqual(new Set(["second", "third"]));
  expect(store.annotations(sampleKey(2)).annotations).toEqual([]);
});

test("an annotation that is cut off, or of another run, is told and hides no other", () => {
  const store = openStore(temporaryFolder());
  const path = store.annotate({ runKey, kind: "note", facts: { text: "whole" } });
  const torn = path.replace(/[0-9a-f]{8}\.json$/, "00000000.json");
  writeFileSync(torn, readFileSync(path, "utf8").slice(0, 40));
  const foreign = path.replace(/[0-9a-f]{8}\.json$/, "ffffffff.json");
  writeFileSync(foreign, readFileSync(path, "utf8").replace(runKey, sampleKey(2)));
  writeFileSync(join(dirname(path), "README"), "not ours");
  const { annotations, damaged } = store.annotations(runKey);
  expect(annotations).toHaveLength(1);
  expect([...damaged].toSorted()).toEqual([torn, foreign].toSorted());
});

test("a kind that is no word, or a key that is none, is refused", () => {
  const store = openStore(temporaryFolder());
  const kind = "../note";
  expect(errorOf(() => store.annotate({ runKey, kind, facts: {} })).message).toContain("../note");
  const error = errorOf(() => store.annotate({ runKey: "../x", kind: "note", facts: {} }));
  expect(error.code).toBe("usage");
});

test("what is said later comes later, also where a clock was ahead of ours", () => {
  const root = temporaryFolder();
  const say = (text: string, time: string): void => {
    const store = openStore(root, { clock: () => new Date(time) });
    store.annotate({ runKey, kind: "note", facts: { text } });
  };
  say("one", "2026-01-02T03:04:05.678Z");
  say("two", "2026-01-02T03:04:05.678Z");
  say("three", "2025-12-31T23:59:59.999Z");
  say("four", "2026-01-02T03:04:06.000Z");
  const { annotations } = openStore(root).annotations(runKey);
  expect(annotations.map(({ facts, time }) => [facts["text"], time])).toEqual([
    ["one", "2026-01-02T03:04:05.678Z"],
    ["two", "2026-01-02T03:04:05.679Z"],
    ["three", "2026-01-02T03:04:05.680Z"],
    ["four", "2026-01-02T03:04:06.000Z"],
  ]);
});

test("half a saying that a dead process left is told by a check, and read by nobody", () => {
  const root = temporaryFolder();
  openStore(root).annotate({ runKey, kind: "note", facts: { text: "whole" } });
  const half = join(root, ".annotations", ".new-20260102T030405678Z-note-00000000.json");
  writeFileSync(half, "{");
  const check = (time: number) =>
    openStore(root, { clock: () => new Date(time) }).check({ isRepairing: false }).findings;
  expect(check(Date.now())).toEqual([]); // somebody may be at it
  expect(check(Date.now() + 7_200_000)).toMatchObject([{ code: "damaged-annotation" }]);
  expect(openStore(root).annotations(runKey).annotations).toHaveLength(1);
});
