/** Files of a run that somebody put there: links, pipes, broken and deeply nested JSON. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  namesInFolder,
  readFileBytes,
  readRunObject,
  readRunRows,
  readRunText,
} from "../../../src/app/run-files.ts";

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "run"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test("a file of a run is read, and nothing that a link in it leads to", () => {
  const folder = folderWith({ secret: '{"secret":1}', "run/config.json": '{"a":1}' });
  const run = join(folder, "run");
  expect(readRunObject(run, "config.json")).toEqual({ a: 1 });
  symlinkSync(join(folder, "secret"), join(run, "link.json"));
  const path = join(run, "link.json");
  for (const read of [readRunText, readRunObject, readRunRows]) {
    expect(() => read(run, "link.json")).toThrow(
      `A link stands where a file should: could not read ${path}`,
    );
  }
  expect(() => readFileBytes(path)).toThrow("A link stands where a file should");
  symlinkSync(folder, join(run, "model"));
  expect(() => namesInFolder(join(run, "model"))).toThrow("model is a link; expected a folder.");
  expect(namesInFolder(join(run, "checkpoints"))).toEqual([]);
  expect(() => readRunText(run, "gone.json")).toThrow("gone.json is missing.");
});

test("a pipe in place of a file does not keep the reader waiting", () => {
  const folder = folderWith({});
  execFileSync("mkfifo", [join(folder, "run/config.json")]);
  expect(() => readRunText(join(folder, "run"), "config.json")).toThrow("could not read");
});

test.each([
  ["a torn text", '{"a":'],
  ["a list", "[1]"],
  ["a number that JSON lacks", '{"a":NaN}'],
])("%s is told with file and line", (_, text) => {
  const folder = folderWith({ "run/rows.jsonl": `{"a":1}\n${text}\n` });
  const path = join(folder, "run/rows.jsonl");
  expect(() => readRunRows(join(folder, "run"), "rows.jsonl")).toThrow(
    `${path}:2 is damaged: it is not what a run writes.`,
  );
});

test("keys with a meaning in JavaScript are keys like others; what no code could walk through is damaged", () => {
  const nested = (depth: number): string => `${"[".repeat(depth)}"\\\\"${"]".repeat(depth)}`;
  const folder = folderWith({
    "run/keys.json": `{"__proto__":{"polluted":1},"deep":${nested(150)}}`,
    "run/brackets.json": JSON.stringify({ text: `${"[".repeat(1_000)}\\"{` }),
    "run/deep.json": `{"deep":${nested(100_000)}}`,
  });
  const run = join(folder, "run");
  expect(Object.keys(readRunObject(run, "keys.json"))).toEqual(["__proto__", "deep"]);
  expect({}).not.toHaveProperty("polluted");
  expect(readRunObject(run, "brackets.json")["text"]).toHaveLength(1_003);
  expect(() => readRunObject(run, "deep.json")).toThrow("deep.json is damaged");
});
