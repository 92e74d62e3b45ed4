import * as oxc from "oxc-parser";
import { expect, test } from "vitest";
import { docBefore, moduleDoc } from "../../../src/resolve/doc-comments.ts";
import { parseModule } from "../../../src/resolve/parsed-module.ts";

function before(text: string): string | undefined {
  return docBefore(parseModule(oxc, "/a.ts", text), text.indexOf("x"));
}

test("a doc comment is one line of words, up to the first tag", () => {
  expect(before("/** One. */\nx;")).toBe("One.");
  expect(before("/**\n * One,\n *   two.\n *\n * Three.\n * @see y\n */ x;")).toBe(
    "One, two. Three.",
  );
});

test("only a doc comment directly before counts", () => {
  expect(before("/** One. */ const a = 1; x;")).toBeUndefined();
  expect(before("/* One. */ x;")).toBeUndefined();
  expect(before("/** One. */ // two\nx;")).toBeUndefined();
  expect(before("/** @internal */ x;")).toBeUndefined();
});

test("a module's doc is the comment above everything else", () => {
  const doc = (text: string): string | undefined => moduleDoc(parseModule(oxc, "/a.ts", text));
  expect(doc("/** About. */\nimport a from './a.ts';")).toBe("About.");
  expect(doc("#!/usr/bin/env node\n/** About. */\n")).toBe("About.");
  expect(doc("import a from './a.ts';\n/** Not about. */\nfoo();")).toBeUndefined();
});
