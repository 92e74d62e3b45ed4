import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isSecretName, redactDiff } from "../../../src/store/redact-assignments.ts";

const inFile = (path: string, ...lines: string[]): string =>
  [
    `diff --git a/${path} b/${path}`,
    "--- /dev/null",
    `+++ b/${path}`,
    `@@ -0,0 +1,${lines.length} @@`,
    ...lines.map((line) => `+${line}`),
    "",
  ].join("\n");

const added = (path: string, ...lines: string[]): string[] =>
  redactDiff(inFile(path, ...lines))
    .text.split("\n")
    .slice(4, -1)
    .map((line) => line.slice(1));

test.each([
  ["API_KEY=canary", "API_KEY=[redacted]"],
  ["export DB_PASSWORD=canary", "export DB_PASSWORD=[redacted]"],
  ["DB_PASSWORD=123456", "DB_PASSWORD=[redacted]"],
  ["MY_SECRET_VALUE='canary'", "MY_SECRET_VALUE='[redacted]'"],
  ["AWS_SECRET_ACCESS_KEY=canary/+canary==", "AWS_SECRET_ACCESS_KEY=[redacted]"],
  ["access_key=canary", "access_key=[redacted]"],
  ["HF_API_TOKENS=canary,canary2", "HF_API_TOKENS=[redacted],canary2"],
  ['const password = "canary";', 'const password = "[redacted]";'],
  ['const password: string = "canary";', 'const password: string = "[redacted]";'],
  ["  clientSecret: 'canary',", "  clientSecret: '[redacted]',"],
  ['  "access_key": "canary",', '  "access_key": "[redacted]",'],
  ["const SERVICE_KEY = `canary`;", "const SERVICE_KEY = `[redacted]`;"],
  ['process.env["HF_TOKEN"] = "canary";', 'process.env["HF_TOKEN"] = "[redacted]";'],
  [
    'const key = process.env.API_KEY ?? "canary";',
    'const key = process.env.API_KEY ?? "[redacted]";',
  ],
  ['{"user":"a","password":"can\\"ary","port":1}', '{"user":"a","password":"[redacted]","port":1}'],
  ['"start": "API_KEY=canary node a.ts",', '"start": "API_KEY=[redacted] node a.ts",'],
  [`run('curl -d password="canary"');`, `run('curl -d password="[redacted]"');`],
  [`const body = '{"token":"canary"}';`, `const body = '{"token":"[redacted]"}';`],
  [
    String.raw`const body = "{\"token\":\"canary\"}";`,
    String.raw`const body = "{\"token\":\"[redacted]\"}";`,
  ],
  ["fetch(`https://h/?token=canary&x=1`)", "fetch(`https://h/?token=[redacted]&x=1`)"],
])("the added line %s is kept as %s", (line, kept) => {
  expect(added("src/a.ts", line)).toEqual([kept]);
  expect(redactDiff(inFile("src/a.ts", line)).numRedacted).toBe(1);
});

test("a value that stands on the next line is taken out too", () => {
  const lines = ["const password =", '  "canary";', "const other =", '  "kept";'];
  expect(added("a.ts", ...lines)).toEqual([lines[0], '  "[redacted]";', ...lines.slice(2)]);
});

test("in files of one machine's settings, a value that nobody made up is taken out whatever its name", () => {
  const value = "q7Zt0pXv91LmWc3RkD5y8Bn2"; // like a key, and none
  expect(added(".env", `SENTRY=${value}`)).toEqual(["SENTRY=[redacted]"]);
  expect(added("deploy/.env.local", `export X="${value}"`)).toEqual(['export X="[redacted]"']);
  const kept = ["CACHE_FOLDER=/var/cache/lockstep/packages-2026", "MODE=production", "N=1000000"];
  expect(added(".env", ...kept)).toEqual(kept);
  expect(added("src/a.ts", `const digest = "${value}";`)).toEqual([`const digest = "${value}";`]);
});

test("files of settings need no quotes", () => {
  const lines = ["db:", "  user: a", "  password: canary # mine", "  port: 5432", "  size: 3"];
  const kept = ["db:", "  user: a", "  password: [redacted] # mine", "  port: 5432", "  size: 3"];
  expect(added("config/db.yaml", ...lines)).toEqual(kept);
  expect(added(".npmrc", "//r/:_authToken=canary")).toEqual(["//r/:_authToken=[redacted]"]);
  expect(added(".env.local", "password = canary")).toEqual(["password = [redacted]"]);
  expect(added("a.ts", "  password: string")).toEqual(["  password: string"]);
});

test.each([
  `const weightsDigest = "${"0a".repeat(32)}";`,
  `const tokenHash = "${"0a".repeat(32)}";`,
  `const RUN_KEY = "${"0a".repeat(32)}";`,
  `const runKey = "${"0a".repeat(32)}";`,
  `  "integrity": "sha512-${"a".repeat(86)}==",`,
  'tokenizer: { kind: "words", vocabSize: 100 },',
  'const tokenizer = "wordpiece";',
  'const unknownToken = "[UNK]";',
  'const padToken = "<pad>";',
  'const separatorToken = "##";',
  "const numTokens = 5;",
  "MAX_TOKENS=512",
  "TOKEN_LIMIT=512",
  'const SORT_KEY = "name";',
  'if (token === "word") return;',
  'if (token == "word") return;',
  "const token = process.env.HF_TOKEN;",
  "const token = readToken();",
  "const token=readToken();",
  "API_KEY=$OTHER node a.ts",
  "const password = `${prompt}`;",
  "interface A { password: string; token?: string }",
  "const map = tokens.map((token) => token.text);",
  "<Field password={value} />",
  'const monkey = "banana";',
])("the added line %s is kept as it is", (line) => {
  expect(redactDiff(inFile("src/a.ts", line))).toEqual({
    text: inFile("src/a.ts", line),
    numRedacted: 0,
  });
});

test("lines that a diff takes away or leaves alone stay, or it would not apply", () => {
  const diff = [
    "--- a/password=x.ts",
    "+++ b/password=x.ts",
    "@@ -1,2 +1,2 @@",
    ' const password = "committed";',
    '-const token = "committed";',
    '+const token = "canary";',
    "",
  ];
  const kept = diff.map((line) => line.replace("canary", "[redacted]"));
  expect(redactDiff(diff.join("\n"))).toEqual({ text: kept.join("\n"), numRedacted: 1 });
});

test("redacting again finds nothing, and never changes the number of lines", () => {
  const part = fc.constantFrom(
    "\n+",
    "password",
    "API_KEY",
    "=",
    ": ",
    '"',
    "'",
    "`",
    "\\",
    "canary",
    " ",
    "{",
    "}",
    "?? ",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      const diff = `+++ b/a.ts\n+${parts.join("")}`;
      const once = redactDiff(diff).text;
      expect(redactDiff(once).text).toBe(once);
      expect(once.split("\n")).toHaveLength(diff.split("\n").length);
    }),
  );
});

test("a line of a megabyte takes seconds of the processor at most", () => {
  for (const piece of ["a", 'password:"', "token=", "key ", "x=\\'", "password   "]) {
    const line = piece.repeat(Math.ceil(1e6 / piece.length));
    const start = process.cpuUsage(); // not the clock: other tests are running too
    redactDiff(inFile("a.ts", line));
    expect(process.cpuUsage(start).user).toBeLessThan(3e6);
  }
});

test.each([
  ["HF_TOKEN", true],
  ["clientSecret", true],
  ["db.password", true],
  ["AWS_ACCESS_KEY", true],
  ["accessKey", true],
  ["service_key", true],
  ["keys", false],
  ["tokenize", false],
  ["secretariat", false],
  ["primary_key", false],
])("that %s is the name of a secret: %s", (name, isSecret) => {
  expect(isSecretName(name)).toBe(isSecret);
});
