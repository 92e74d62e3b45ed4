import { expect, test } from "vitest";
import { changedCode } from "../../../src/resolve/code-changes.ts";

const files = [
  { path: "a.ts", text: "export const a: number = 1;\n" },
  { path: "b.ts", text: "export const b = 1;\n" },
  { path: "gone.ts", text: "" },
  { path: "broken.ts", text: "(" },
];
const packages = [
  { name: "zod", version: "4.1.0", integrity: "sha512-a" },
  { name: "patched", version: "1.0.0", integrity: "sha512-b" },
];

test("files that mean something else are named, comments and types passed over", () => {
  const now = [
    { path: "a.ts", text: "// one\nexport const a = 1" },
    { path: "b.ts", text: "export const b = 2;\n" },
    { path: "new.ts", text: "" },
    { path: "broken.ts", text: "((" },
  ];
  expect(changedCode({ files, packages }, { files: now, packages })).toEqual([
    "changed b.ts",
    "added new.ts",
    "changed broken.ts",
    "removed gone.ts",
  ]);
});

test("packages are named with their versions, builds of one version too", () => {
  const now = [
    { name: "zod", version: "4.2.0", integrity: "sha512-c" },
    { name: "patched", version: "1.0.0", integrity: "sha512-b+patch-1" },
    { name: "more", version: "2.0.0", integrity: "sha512-d" },
  ];
  expect(changedCode({ files, packages }, { files, packages: now })).toEqual([
    "package more (none) → 2.0.0",
    "package patched 1.0.0 in another build",
    "package zod 4.1.0 → 4.2.0",
  ]);
});

test("there is always something to say", () => {
  expect(changedCode({}, { files, packages })).toEqual(["other files, which ones is not known"]);
  expect(changedCode({ files, packages }, { files, packages })).toEqual([
    "the way it is put together",
  ]);
});
