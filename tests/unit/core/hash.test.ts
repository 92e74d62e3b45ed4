import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createSha256, hashJson, sha256 } from "../../../src/core/hash.ts";

test("sha256 gives the published digests", () => {
  // FIPS 180-2, appendix B.1; and of the empty text
  expect(sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});

test("a text counts as its UTF-8 bytes", () => {
  expect(sha256("é😀")).toBe(sha256(new TextEncoder().encode("é😀")));
});

test("a hash fed in pieces equals the hash of the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      const hash = createSha256();
      for (const piece of pieces) hash.update(piece);
      expect(hash.digest()).toBe(sha256(Uint8Array.from(pieces.flatMap((piece) => [...piece]))));
    }),
  );
});

test("hashJson hashes the canonical text", () => {
  expect(hashJson({ b: [1.5, null], a: "x" })).toBe(sha256('{"a":"x","b":[1.5,null]}'));
  // Pinned: a change here changes every identity that was ever stored.
  expect(hashJson({ format: "x/1", seed: 0 })).toBe(
    "1aeaeffea70be94311176f841be6597f4fecfcdcfbd73f9ed8df3297a6ad0a0f",
  );
});

test("hashJson refuses what JSON cannot say", () => {
  expect(() => hashJson({ rate: NaN })).toThrowError("rate cannot be written as canonical JSON.");
});
