import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { openStore } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";

test("rows are kept once, read back whole, and gone where they are damaged", () => {
  const folder = temporaryFolder();
  const store = openStore(folder);
  const digest = sha256("file");
  let numCalls = 0;
  const rows = (): Uint8Array => {
    numCalls++;
    return Uint8Array.of(1, 2, 3);
  };
  expect(store.readDataRows(digest)).toBe(undefined);
  store.saveDataRows(digest, rows);
  store.saveDataRows(digest, rows);
  store.saveDataRows(sha256("binary"), () => undefined);
  expect(numCalls).toBe(1);
  expect([...(store.readDataRows(digest) ?? [])]).toEqual([1, 2, 3]);
  expect(store.readDataRows(sha256("binary"))).toBe(undefined);
  expect(store.readDataRows("../x")).toBe(undefined);
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  const path = join(folder, ".data/rows", digest);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(9, 0, 1));
  expect(store.readDataRows(digest)).toBe(undefined);
});
