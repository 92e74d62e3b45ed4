/** The real file system, where Node.js does something else than its name says. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

test("a folder is made with its parents, and the first that was missing is told", () => {
  const folder = temporaryFolder();
  const make = (path: string): string | undefined =>
    nodeFileOperations.makeDirectory(join(folder, path), true);
  expect(make("a/b/c")).toBe(join(folder, "a"));
  expect(make("a/b/c")).toBeUndefined();
  expect(make("a/b/d")).toBe(join(folder, "a/b/d"));
  symlinkSync(join(folder, "a"), join(folder, "link"));
  expect(make("link")).toBeUndefined();
  writeFileSync(join(folder, "file"), "");
  expect(() => make("file")).toThrow(expect.objectContaining({ code: "EEXIST" }));
  expect(() => make("file/a")).toThrow(expect.objectContaining({ code: "ENOTDIR" }));
});

test.skipIf(process.platform !== "linux")("a folder that cannot be made is told", () => {
  const make = (): unknown => nodeFileOperations.makeDirectory("/proc/nope/inner", true);
  expect(make).toThrow(expect.objectContaining({ code: "ENOENT", path: "/proc/nope" }));
});

test("a link, and a file of more than a text can hold, are named", () => {
  const folder = temporaryFolder();
  const files = createFileSystem();
  const path = join(folder, "file");
  writeFileSync(path, "");
  symlinkSync(path, join(folder, "link"));
  expect(errorOf(() => files.readText(join(folder, "link")))).toMatchObject({
    code: "store",
    message: `A link stands where a file should: could not read ${join(folder, "link")} (ELOOP).`,
  });
  truncateSync(path, 600_000_000); // a hole: takes no room
  expect(errorOf(() => files.readText(path))).toMatchObject({
    code: "store",
    message: `${path} has 600000000 bytes, more than one text can hold.`,
  });
  mkdirSync(join(folder, "folder"));
  expect(errorOf(() => files.readText(join(folder, "folder"))).message).toMatch(/could not read/u);
});
