import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { DigestList } from "../../../src/core/digest-list.ts";
import { sha256 } from "../../../src/core/hash.ts";

const digests = Array.from({ length: 5 }, (_, number) => sha256(String(number)));

/** A list of digests that are set in another order than they stand in. */
function listOf(texts: readonly string[]): DigestList {
  const list = new DigestList(texts.length);
  for (const index of [...texts.keys()].toReversed()) {
    expect(list.set(index, Buffer.from(`..${texts[index]}`), 2)).toBe(true);
  }
  return list;
}

test("it prints as the list of its texts, wherever it stands", () => {
  for (const length of [0, 1, 2, 5]) {
    const texts = digests.slice(0, length);
    const document = { runs: listOf(texts), rest: [listOf(texts), 1] };
    expect(canonicalJson(document)).toBe(canonicalJson({ runs: texts, rest: [texts, 1] }));
    expect([...listOf(texts)]).toEqual(texts);
  }
  expect(listOf(digests).at(3)).toBe(digests[3]);
  expect(listOf(digests).at(5)).toBeUndefined();
});

test("a place takes a digest in lower-case hex alone, and a list with a place that has none is not printed", () => {
  const list = listOf(digests);
  const [digest = ""] = digests;
  for (const wrong of [
    digest.toUpperCase(),
    `"${digest.slice(1)}`,
    digest.slice(1),
    "",
    "\u0000",
  ]) {
    expect(list.set(2, Buffer.from(wrong), 0)).toBe(false);
    expect(list.at(2)).toBeUndefined();
    expect([...list]).toEqual(digests.toSpliced(2, 1));
    expect(() => canonicalJson({ groups: [{ runs: list }] })).toThrow(
      expect.objectContaining({
        issues: [
          {
            path: ["groups", 0, "runs"],
            message: "is a list of digests of which some are missing",
          },
        ],
      }),
    );
  }
  expect(list.set(2, Buffer.from(digest), 0)).toBe(true);
  expect(list.at(2)).toBe(digest);
  expect(() => canonicalJson(new DigestList(1))).toThrow("canonical JSON");
});

test("a class of others cannot print itself in its own way", () => {
  class Other extends DigestList {
    toJSON(): string {
      return "x";
    }
    override at(): string {
      return "y";
    }
  }
  expect(canonicalJson(new Other(0))).toBe("[]");
});
