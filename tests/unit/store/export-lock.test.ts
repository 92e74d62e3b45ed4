/** One process at a time exports a run to a place. */
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeLock } from "../../../src/store/export-lock.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

const files = createFileSystem();
const now = (): Date => new Date("2026-01-02T03:04:05.678Z");
const here = currentProcess();
const tools = { files, here, now };

test("the lock of a dead process is taken over, and what is left of it goes after a day", () => {
  const path = join(temporaryFolder(), "a.lock");
  takeLock(files, path, { ...tools, here: { ...here, processStart: "1" } });
  const lock = takeLock(files, path, tools);
  const [tomb = ""] = readdirSync(join(path, "..")).filter((name) => name.includes(".dead-"));
  expect(errorOf(() => takeLock(files, path, tools)).code).toBe("run-active");
  lock.release();
  lock.release();
  expect(readdirSync(join(path, ".."))).toEqual([tomb]);
  utimesSync(join(path, "..", tomb, "owner.json"), 1, 1);
  takeLock(files, path, tools).release();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("whoever finds a lock dead cannot take away that of the one who took it over", () => {
  const path = join(temporaryFolder(), "a.lock");
  takeLock(files, path, { ...tools, here: { ...here, processStart: "1" } });
  const id = String(JSON.parse(readFileSync(join(path, "owner.json"), "utf8")).id);
  takeLock(files, path, tools);
  // What a process does that had read the dead holder before, and comes late.
  expect(files.claim(path, `${path}.dead-${id}`)).toBe("occupied");
});

test("on another host the sign of life decides, and that it did is told", () => {
  const path = join(temporaryFolder(), "a.lock");
  const elsewhere = { ...here, host: "other", bootId: "other" };
  const first = takeLock(files, path, { ...tools, here: elsewhere });
  expect(errorOf(() => takeLock(files, path, tools)).message).toContain("on other");
  const longAgo = Date.now() / 1000 - 61;
  utimesSync(join(path, "beat"), longAgo, longAgo);
  first.beat();
  expect(errorOf(() => takeLock(files, path, tools)).code).toBe("run-active");
  utimesSync(join(path, "beat"), longAgo, longAgo);
  const warnings: string[] = [];
  takeLock(files, path, { ...tools, warn: (text) => warnings.push(text) });
  expect(warnings).toEqual([
    expect.stringMatching(/on other cannot be seen from here .* last sign of life is 6\d s old/),
  ]);
  first.release();
  expect(errorOf(() => takeLock(files, path, tools)).code).toBe("run-active");
});

test("a lock that says nothing of its holder is left alone while it is young", () => {
  const path = join(temporaryFolder(), "a.lock");
  mkdirSync(path);
  writeFileSync(join(path, "owner.json"), "{");
  expect(errorOf(() => takeLock(files, path, tools)).message).toContain("another process");
  utimesSync(path, 1, 1);
  takeLock(files, path, tools).release();
});
