import { assert, constantFrom, property, string } from "fast-check";
import { afterEach, expect, test } from "vitest";
import {
  forgetSecrets,
  registerSecret,
  registerSecretNames,
  scrub,
  scrubBytes,
  scrubValue,
  secretsWithin,
} from "../../../src/core/secrets.ts";

afterEach(forgetSecrets);

const planted = `S3CR3T-"quoted"/päss\\wörd+${"x".repeat(3)} 'end'`;

/** Everything that programs commonly do to a text before they write it. */
const encodings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  json: (text) => JSON.stringify(text),
  "json in json": (text) => JSON.stringify(JSON.stringify({ text })),
  "json in ASCII": (text) =>
    JSON.stringify(text).replace(
      /[\u0080-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  "json with every character escaped": (text) =>
    Array.from({ length: text.length }, (_, index) => text.charAt(index))
      .map((c) => `\\u${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`)
      .join(""),
  base64: (text) => Buffer.from(text).toString("base64"),
  base64url: (text) => Buffer.from(text).toString("base64url"),
  "basic authorization": (text) => Buffer.from(`user:${text}`).toString("base64"),
  "within base64, shifted once more": (text) =>
    Buffer.from(`ab${text}, and more`).toString("base64"),
  "base64 in a URL": (text) => encodeURIComponent(Buffer.from(text).toString("base64")),
  hex: (text) => Buffer.from(text).toString("hex"),
  "hex in capitals": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "URL component": (text) => encodeURIComponent(text),
  "form in a URL": (text) => new URLSearchParams({ text }).toString(),
  "every byte percent-encoded": (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  html: (text) =>
    text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replaceAll("&#39;", "&#x27;"),
  markdown: (text) => text.replace(/[\\`*_{}[\]()#+.!|-]/g, "\\$&"),
  shell: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
};

test.each(Object.keys(encodings))("a secret is taken out of %s", (name) => {
  registerSecret("TOKEN", planted);
  const encoded = encodings[name]?.(planted) ?? "";
  const safe = scrub(`before ${encoded} behind`);
  expect(safe).toContain("[secret TOKEN]");
  expect(safe.startsWith("before ")).toBe(true);
  expect(safe.endsWith(" behind")).toBe(true);
  expect(safe.length).toBeLessThan("before  behind".length + 45);
});

test("any secret is taken out of any text around it, in every encoding", () => {
  const secret = string({ unit: "binary", minLength: 8, maxLength: 40 }).filter(
    (text) => text.trim() === text && /^[^\r\n]*$/.test(text) && !/[\uD800-\uDFFF]/u.test(text),
  );
  assert(
    property(
      secret,
      string({ maxLength: 5 }),
      constantFrom(
        "plain",
        "json",
        "json in json",
        "hex",
        "URL component",
        "every byte percent-encoded",
      ),
      (value, around, name) => {
        forgetSecrets();
        registerSecret("TOKEN", value);
        const encoded = encodings[name]?.(value) ?? "";
        const inner = name.startsWith("json") ? encoded.slice(1, -1) : encoded;
        expect(scrub(`${around} ${encoded} ${around}`)).not.toContain(inner);
      },
    ),
    { numRuns: 60 },
  );
});

test("what is no secret stays as it is", () => {
  registerSecret("TOKEN", planted);
  const text = "S3CR3T- is a prefix, and päss a part";
  expect(scrub(text)).toBe(text);
  expect(secretsWithin(text)).toEqual([]);
  expect(secretsWithin(encodeURIComponent(planted))).toEqual(["TOKEN"]);
});

test("values of a few characters are passed over, blanks around a value do not belong to it", () => {
  registerSecret("SHORT", "abc");
  registerSecret("FILE", "  correct horse\n");
  expect(scrub("abc correct horse")).toBe("abc [secret FILE]");
});

test("each long line of a secret with several lines is a secret too", () => {
  const key = `-----BEGIN KEY-----\n${"A1b2".repeat(8)}\n${"C3d4".repeat(8)}\n-----END KEY-----`;
  registerSecret("KEY", key);
  expect(scrub(`x ${"C3d4".repeat(8)} y`)).toBe("x [secret KEY] y");
  expect(scrub(key)).toBe("[secret KEY]");
  expect(scrub(key.replaceAll("\n", " "))).toBe("[secret KEY]");
});

test("of two secrets, one of them part of the other, the longer is found first", () => {
  registerSecret("PART", "abcdef");
  registerSecret("WHOLE", "abcdefghij");
  expect(scrub("abcdefghij abcdef")).toBe("[secret WHOLE] [secret PART]");
});

test("values are scrubbed at any depth, keys too, and numbers and arrays of numbers stay", () => {
  const numbers = new Float32Array(2);
  const value = {
    list: [{ "S3CR3T-key": 1 }],
    map: new Map([["S3CR3T-key", { numbers }]]),
    step: 3,
  };
  expect(scrubValue(value)).toBe(value);
  registerSecret("KEY", "S3CR3T-key");
  const safe = scrubValue(value);
  expect(safe).toEqual({
    list: [{ "[secret KEY]": 1 }],
    map: new Map([["[secret KEY]", { numbers }]]),
    step: 3,
  });
  expect(safe.map.get("[secret KEY]")?.numbers).toBe(numbers);
});

test("bytes are scrubbed, also those that are no UTF-8", () => {
  registerSecret("KEY", "S3CR3T-key");
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
  expect(text(scrubBytes(Buffer.from("+a S3CR3T-key")))).toBe("+a [secret KEY]");
  expect(text(scrubBytes(Buffer.from("\xff\xfe S3CR3T-key", "latin1")))).toBe(
    "\xff\xfe [secret KEY]",
  );
});

test("variables are registered by name; what objects inherit is no variable", () => {
  process.env["LOCKSTEP_TEST_GIVEN"] = "S3CR3T-given";
  registerSecretNames(["constructor", "LOCKSTEP_TEST_GIVEN", "LOCKSTEP_TEST_ABSENT"]);
  delete process.env["LOCKSTEP_TEST_GIVEN"];
  expect(scrub("S3CR3T-given")).toBe("[secret LOCKSTEP_TEST_GIVEN]");
});

test("a long text of backslashes takes no time", () => {
  registerSecret("KEY", planted);
  const text = "\\".repeat(100_000);
  expect(scrub(text)).toBe(text);
});
