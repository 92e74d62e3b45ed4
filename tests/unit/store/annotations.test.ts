/** What is said about a run after it was published. */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

const runKey = sha256("run 1");

test("annotations are listed in the order of their times, each in a file of its own", () => {
  const times = [
    "2026-01-02T03:04:05.678Z",
    "2026-01-01T00:00:00.000Z",
    "2026-01-02T03:04:05.678Z",
  ];
  let call = 0;
  const clock = (): Date => new Date(times[call++ % 3] ?? "");
  const store = openStore(temporaryFolder(), { clock });
  for (const text of ["second", "first", "third"]) {
    store.annotate({ runKey, kind: "note", facts: { text } });
  }
  const { annotations, damaged } = store.annotations(runKey);
  expect(damaged).toEqual([]);
  const [first, ...others] = annotations.map(({ facts }) => facts["text"]);
  expect(first).toBe("first");
  expect(new Set(others)).toEqual(new Set(["second", "third"]));
  expect(store.annotations(sha256("run 2")).annotations).toEqual([]);
});

test("an annotation that is cut off, or of another run, is told and hides no other", () => {
  const store = openStore(temporaryFolder());
  const path = store.annotate({ runKey, kind: "note", facts: { text: "whole" } });
  const torn = path.replace(/[0-9a-f]{8}\.json$/, "00000000.json");
  writeFileSync(torn, readFileSync(path, "utf8").slice(0, 40));
  const foreign = path.replace(/[0-9a-f]{8}\.json$/, "ffffffff.json");
  writeFileSync(foreign, readFileSync(path, "utf8").replace(runKey, sha256("run 2")));
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
