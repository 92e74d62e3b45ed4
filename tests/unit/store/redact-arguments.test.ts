import { expect, test } from "vitest";
import { redactArguments } from "../../../src/store/redact-arguments.ts";

test("values of keys and flags that are named for a secret are taken out of a command line", () => {
  const argv = [
    "password=canary",
    "+db.apiKey=canary",
    "service.access_token=canary",
    "wandbApiKey=canary",
    "--token",
    "canary",
    "--secret=canary",
    "env=hf_abcdefghijklmnopqrstuvwxyz",
  ];
  expect(redactArguments(argv).join(" ")).not.toContain("canary");
  expect(redactArguments(argv)[7]).toBe("env=[redacted]");
});

test("settings whose names only look alike stay", () => {
  const argv = ["tokenizer.vocabSize=100", "maxTokens=5", "--json", "seed=1", "model.tokenCount=3"];
  expect(redactArguments(argv)).toEqual(argv);
});

test.each([
  ['service["password"]=canary', 'service["password"]=[redacted]'],
  ["service={user:a,password:canary}", "service={user:a,password:[redacted]}"],
  ['service={"user":"a","apiKey":"canary"}', 'service={"user":"a","apiKey":"[redacted]"}'],
  ["command='API_KEY=canary node a.ts'", "command='API_KEY=[redacted] node a.ts'"],
  [
    "data.url=https://example.com/?access_token=canary&page=2",
    "data.url=https://example.com/?access_token=[redacted]&page=2",
  ],
  ["a=b=hf_abcdefghijklmnopqrstuvwxyz", "a=b=[redacted]"],
])("the override %s is written as %s", (override, recorded) => {
  expect(redactArguments([override])).toEqual([recorded]);
});
