/** Filters on a page that is passed on. */
import { expect, test } from "vitest";
import { redactFilter } from "../../../../src/store/query/redact-filter.ts";

test.each([
  ["service.apiKey = hunter2", "service.apiKey = [redacted]"],
  ["a = 1 and password!='x y' or seed = 2", "a = 1 and password!=[redacted] or seed = 2"],
  ["token in (abc, 12, 3d) and a = b", "token in ([redacted], [redacted], [redacted]) and a = b"],
  ["not (db.password contains abc)", "not (db.password contains [redacted])"],
  ['config["apiKey"] !~ abc', 'config["apiKey"] !~ [redacted]'],
  ["note = hf_abcdefghijklmnopqrstu", "note = [redacted]"],
  ["apiKey=a;b", "apiKey=[redacted]"],
])("%s", (text, expected) => {
  expect(redactFilter(text)).toBe(expected);
});

test.each([
  "031a6508",
  "runs/031a65080303b5d3",
  "data.tokenizer.kind  =  'bert'",
  "maxTokens<5",
  "",
])("%s is left as it is", (text) => {
  expect(redactFilter(text)).toBe(text);
});
