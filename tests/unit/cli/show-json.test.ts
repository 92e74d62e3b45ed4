/** Printed JSON says the same as its value, and nothing in it can act on a terminal. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { escaped, jsonLine, prettyJson } from "../../../src/cli/show-json.ts";

/** C1 controls, DEL, marks and overrides of direction, line and paragraph separators. */
const acting = "a\u009b2Jb\u007f\u0085\u200e\u200f\u2028\u2029\u202e\u2066c\u001b[0m\r";

test.each([
  ["a line", jsonLine],
  ["indented", prettyJson],
] as const)("as %s, keys and texts are escaped and read back the same", (_, print) => {
  const value = { [acting]: [acting, 1, null], plain: "ü 漢 😀" };
  const text = print(value);
  expect(JSON.parse(text)).toEqual(value);
  const controls = Array.from(text).filter((c) => /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(c));
  expect(controls.filter((c) => c !== "\n")).toEqual([]);
  expect(text).toContain("ü 漢 😀");
});

test("JSON without such characters is printed as it is", () => {
  expect(escaped('{"a":"\\u001b é"}')).toBe('{"a":"\\u001b é"}');
  expect(escaped('{"a":"\u007f"}')).toBe('{"a":"\\u007f"}'); // ASCII, and acts all the same
  expect(jsonLine({ b: 1, a: [true] })).toBe('{"a":[true],"b":1}\n');
});

test("no command prints JSON past the escapes, but exp resolve --canonical, whose bytes are hashed", () => {
  const folder = join(import.meta.dirname, "../../../src/cli/commands");
  const raw = readdirSync(folder).filter((file) =>
    /\bcanonicalJson(?:\(|Pieces\()/u.test(readFileSync(join(folder, file), "utf8")),
  );
  expect(raw).toEqual(["plan.ts", "resolve.ts"]);
  expect(readFileSync(join(folder, "plan.ts"), "utf8")).toContain("stdout.write(escaped(piece))");
});
