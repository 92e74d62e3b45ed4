import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeText } from "../../../src/data/text-file.ts";
import { errorOf } from "./helpers.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a byte order mark is not part of the text", () => {
  expect(decodeText(bytes("\ufeffaé"), "utf-8", "a.tsv")).toBe("aé");
});

test("latin1 gives each byte its own code point", () => {
  expect(decodeText(Uint8Array.of(0x61, 0x93, 0xe9), "latin1", "a.tsv")).toBe("a\u0093é");
});

test("a byte that is not UTF-8 is named with its row and position", async () => {
  const wrong = Uint8Array.of(...bytes("good\nbé"), 0xe9, 0x0a);
  const error = await errorOf(() => decodeText(wrong, "utf-8", "a.tsv"));
  expect(error.code).toBe("data");
  expect(error.message).toBe("a.tsv:2: byte 8 (0xe9) is not UTF-8.");
  expect(error.hint).toBe(
    "Convert the file to UTF-8, or set data.encoding=latin1 where that is what it is.",
  );
});

test("a character that the file's end cuts is named by its first byte", async () => {
  const error = await errorOf(() => decodeText(bytes("ab€").subarray(0, 4), "utf-8", "a.tsv"));
  expect(error.message).toBe("a.tsv:1: byte 2 (0xe2) is not UTF-8.");
});

test("the position is that of the first wrong byte, wherever it is", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.string(), async (before, after) => {
      const prefix = bytes(before);
      const wrong = Uint8Array.of(...prefix, 0xff, ...bytes(after));
      const error = await errorOf(() => decodeText(wrong, "utf-8", "a"));
      expect(error.message).toContain(`byte ${prefix.length} (0xff)`);
    }),
  );
});
