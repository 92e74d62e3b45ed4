/** What was sent where, and that one process at a time sends. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { nothingSent, readCursor, targetId, withCursor } from "../../../src/track/cursor.ts";
import { temporaryFolder } from "../store/helpers.ts";
import { sampleKey } from "../store/sample-run.ts";

const files = createFileSystem();
const now = (): Date => new Date("2026-01-02T03:04:05.678Z");
const here = currentProcess();
const tools = { files, here, now };
const runKey = sampleKey(1);
const target = { kind: "mlflow", where: { url: "http://127.0.0.1:5000", experiment: "a" } };

test("a cursor says what was saved last, and is another one for another place", async () => {
  const place = { store: temporaryFolder(), runKey, target };
  const sent = {
    rows: { numBytes: 3, sha256: sha256("abc") },
    sent: { id: "x" },
    isComplete: false,
  };
  await withCursor(tools, place, async (cursor) => {
    expect(cursor.state()).toEqual(nothingSent);
    cursor.save({ ...sent, pending: { to: 9 } });
    expect(readCursor(files, place)).toEqual({ ...sent, pending: { to: 9 } });
    cursor.save(sent);
    cursor.beat();
  });
  await withCursor(tools, place, async (cursor) => expect(cursor.state()).toEqual(sent));
  const other = { ...target, where: { ...target.where, experiment: "b" } };
  expect(targetId(other)).not.toBe(targetId(target));
  expect(readCursor(files, { ...place, target: other })).toBeUndefined();
  const folder = join(place.store, ".annotations", runKey.slice(0, 16), "exports");
  expect(readdirSync(folder)).toEqual([`${targetId(target)}.json`]);
});

test("a cursor that is damaged, or of another run, counts as none", async () => {
  const place = { store: temporaryFolder(), runKey, target };
  await withCursor(tools, place, async (cursor) => cursor.save({ ...nothingSent, sent: { a: 1 } }));
  const folder = join(place.store, ".annotations", runKey.slice(0, 16), "exports");
  const path = join(folder, `${targetId(target)}.json`);
  const text = readFileSync(path, "utf8");
  for (const wrong of [
    text.slice(0, 40),
    text.replace(runKey, sha256("2")),
    text.replace('"sent"', '"x"'),
  ]) {
    writeFileSync(path, wrong);
    expect(readCursor(files, place)).toBeUndefined();
  }
});

test("a second exporter is told who works, and the lock is free again after a failure", async () => {
  const place = { store: temporaryFolder(), runKey, target };
  const failed = withCursor(tools, place, async () => {
    const second = withCursor(tools, place, async () => "sent");
    await expect(second).rejects.toMatchObject({
      code: "run-active",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    throw new Error("no network");
  });
  await expect(failed).rejects.toThrow("no network");
  expect(await withCursor(tools, place, async () => "sent")).toBe("sent");
});
