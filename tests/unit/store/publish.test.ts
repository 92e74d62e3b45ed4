/** Who comes second: a verified duplicate, a conflict, or the only whole copy. */
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { conflict } from "../../../src/store/publish.ts";
import type { PublishedRun } from "../../../src/store/published-run.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
  sampleKey,
} from "./sample-run.ts";

test("a repeat with equal results is a verified duplicate: recorded beside the run, and otherwise gone", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  const before = statSync(directory).ino;
  const attempt = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  expect(attempt.publish(documents)).toMatchObject({ kind: "duplicate", run: { directory } });
  expect(statSync(directory).ino).toBe(before);
  expect(existsSync(attempt.directory)).toBe(false);
  expect(readdirSync(join(store.directory, ".attempts"))).toEqual([]);
  expect(store.annotations(sampleKey(1))).toMatchObject({
    annotations: [
      {
        kind: "duplicate",
        facts: {
          attempt: { pid: process.pid },
          manifest: sha256(readFileSync(join(directory, "manifest.json"))),
        },
      },
    ],
    damaged: [],
  });
});

test("a repeat of a run that was damaged stays, since it is the only whole copy", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  const trace = join(directory, "logs/trace.jsonl");
  writeFileSync(trace, readFileSync(trace, "utf8").replace("weight", "Weight"));
  const attempt = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  const error = errorOf(() => attempt.publish(documents));
  attempt.fail(error);
  expect(error.message).toContain(
    "is not a published run of this key: logs/trace.jsonl has other bytes than its manifest says",
  );
  expect(existsSync(join(attempt.directory, "manifest.json"))).toBe(true);
  expect(store.annotations(sampleKey(1)).annotations).toEqual([]);
});

test("a repeat with other results is kept among the conflicts, and the error names the first file that differs", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  const attempt = begin(store, attemptOptions(1, { isRepeat: true }));
  for (const event of runEvents(3, 1.5)) attempt.record(event);
  attempt.finish();
  const error = errorOf(() => attempt.publish(documents));
  attempt.fail(error);
  expect(error.code).toBe("conflict");
  expect(error.message).toContain(
    "The run did not repeat: logs/trace.jsonl (and logs/metrics.jsonl",
  );
  expect(error.message).toContain(directory);
  expect(store.listAttempts(sampleKey(1))).toEqual([]);
  const name = sampleKey(1).slice(0, 16);
  expect(attempt.directory).toBe(join(store.directory, ".conflicts", name, "1"));
  expect(error.message).toContain(`This attempt is kept at ${attempt.directory}.`);
  expect(readFileSync(join(attempt.directory, "failure.json"), "utf8")).toContain(
    '"code": "conflict"',
  );
  expect(existsSync(join(attempt.directory, "manifest.json"))).toBe(true);
  expect(store.annotations(sampleKey(1)).annotations).toMatchObject([
    {
      kind: "conflict",
      facts: {
        keptAt: `.conflicts/${name}/1`,
        differences: expect.arrayContaining(["logs/trace.jsonl"]),
      },
    },
  ]);
  expect(store.findPublished(sampleKey(1))?.directory).toBe(directory);
});

test("what to compare after a conflict is the first file that differs, or the manifests", () => {
  const first = { directory: "/store/a", runKey: sampleKey(1) } as PublishedRun;
  const hintOf = (...differences: readonly string[]): string | undefined =>
    conflict("/store/b", first, differences).hint?.replace(/^.* Compare: /u, "");
  expect(hintOf("logs/metrics.jsonl", "results/metrics.json")).toBe(
    "diff /store/a/logs/metrics.jsonl /store/b/logs/metrics.jsonl",
  );
  expect(hintOf("checkpoints/last.safetensors")).toBe(
    "cmp /store/a/checkpoints/last.safetensors /store/b/checkpoints/last.safetensors",
  );
  expect(hintOf("weightsDigest")).toBe("diff /store/a/manifest.json /store/b/manifest.json");
});

test("a rename that worked although it reported an error still counts as ours", () => {
  const folder = temporaryFolder();
  const files = createFileSystem({
    ...nodeFileOperations,
    rename: (from, to): void => {
      nodeFileOperations.rename(from, to);
      if (!to.endsWith(sampleKey(1).slice(0, 16))) return;
      if (!to.includes(".attempts")) {
        throw Object.assign(new Error("lost reply"), { code: "ESTALE", syscall: "rename" });
      }
    },
  });
  const store = openStore(folder, { files });
  const directory = publishRun(store);
  expect(store.findPublished(sampleKey(1))?.directory).toBe(directory);
});
