/** Rows of a log that may still grow. */
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { firstRow, readRowsFrom } from "../../../src/track/metric-rows.ts";
import { temporaryFolder } from "../store/helpers.ts";

const files = createFileSystem();
const lines = [1, 2, 3, 4].map((step) => `{"epoch":1,"step":${step},"train.loss":${step / 8}}\n`);

function logOf(text: string): { directory: string; path: string } {
  const directory = temporaryFolder();
  mkdirSync(join(directory, "logs"));
  const path = join(directory, "logs/metrics.jsonl");
  writeFileSync(path, text);
  return { directory, path };
}

test("rows are read on from where reading stopped, and half a row is left for the next time", () => {
  const { directory, path } = logOf(`${lines[0]}${lines[1]}${lines[2]?.slice(0, 10)}`);
  const reader = readRowsFrom(files, directory);
  expect(reader?.next().map(({ step }) => step)).toEqual([1, 2]);
  expect(reader?.next()).toEqual([]);
  const position = reader?.position();
  expect(position).toEqual({
    numBytes: `${lines[0]}${lines[1]}`.length,
    sha256: sha256(`${lines[0]}${lines[1]}`),
  });
  appendFileSync(path, `${lines[2]?.slice(10)}${lines[3]}`);
  expect(reader?.next(1).map(({ step }) => step)).toEqual([3]);
  const later = readRowsFrom(files, directory, position);
  expect(later?.next().map(({ step, values }) => [step, values.get("train.loss")])).toEqual([
    [3, 0.375],
    [4, 0.5],
  ]);
  expect(later?.position().sha256).toBe(sha256(lines.join("")));
  expect(later?.damagedLine()).toBeUndefined();
});

test("a log that begins with other bytes, or is shorter, is not read on", () => {
  const { directory, path } = logOf(lines.join(""));
  const position = { numBytes: 30, sha256: sha256(lines.join("").slice(0, 30)) };
  expect(readRowsFrom(files, directory, position)).toBeDefined();
  writeFileSync(path, lines.join("").replace("0.125", "0.126"));
  expect(readRowsFrom(files, directory, position)).toBeDefined();
  expect(readRowsFrom(files, directory, { ...position, numBytes: 45 })).toBeUndefined();
  writeFileSync(path, "");
  expect(readRowsFrom(files, directory, position)).toBeUndefined();
});

test("numbers that are not finite are numbers, and a row that is none ends the log", () => {
  const odd =
    '{"epoch":1,"step":1,"a":"NaN","b":"Infinity","c":"-Infinity","d":"-0","__proto__":1}\n';
  const { directory } = logOf(`${odd}${lines[1]}{"epoch":1}\n${lines[2]}`);
  const reader = readRowsFrom(files, directory);
  const [first, second] = reader?.next() ?? [];
  expect([...(first?.values ?? [])]).toEqual([
    ["a", NaN],
    ["b", Infinity],
    ["c", -Infinity],
    ["d", -0],
    ["__proto__", 1],
  ]);
  expect(second?.step).toBe(2);
  expect(reader?.damagedLine()).toBe(3);
  expect(reader?.next()).toEqual([]);
  expect(reader?.position().numBytes).toBe(odd.length + (lines[1]?.length ?? 0));
});

test("a row that is longer than what is read at once is read whole", () => {
  const long = `{"epoch":1,"step":1,"${"n".repeat(3_000_000)}":1}\n`;
  const { directory } = logOf(`${long}${lines[1]}`);
  const reader = readRowsFrom(files, directory);
  expect(reader?.next().map(({ step }) => step)).toEqual([1, 2]);
});

test("where the folder is gone there are no rows, and none were sent of it", () => {
  const { directory } = logOf(lines.join(""));
  const reader = readRowsFrom(files, directory);
  rmSync(directory, { recursive: true });
  expect(reader?.next()).toEqual([]);
  expect(readRowsFrom(files, directory, firstRow)?.next()).toEqual([]);
});
