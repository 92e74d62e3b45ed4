import * as fc from "fast-check";
import { expect, test } from "vitest";
import { redactRemote, redactText } from "../../../src/store/redact.ts";

test.each([
  ["https://github.com/owner/repo.git", "https://github.com/owner/repo.git"],
  ["https://user:canary@github.com/owner/repo.git", "https://github.com/owner/repo.git"],
  ["https://canary@github.com/owner/repo.git", "https://github.com/owner/repo.git"],
  ["https://user:ca@nary@example.com:8443/r", "https://example.com:8443/r"],
  ["https://example.com/r.git?access_token=canary#canary", "https://example.com/r.git"],
  ["HTTPS://canary@example.com/r", "HTTPS://example.com/r"],
  ["ssh://git@example.com:2222/owner/repo", "ssh://git@example.com:2222/owner/repo"],
  ["ssh://canary@example.com/owner/repo", "ssh://example.com/owner/repo"],
  ["ssh://git:canary@example.com/owner/repo", "ssh://example.com/owner/repo"],
  ["git@example.com:owner/repo.git", "git@example.com:owner/repo.git"],
  ["canary@example.com:owner/repo.git", "example.com:owner/repo.git"],
  ["/srv/repositories/repo.git", "/srv/repositories/repo.git"],
  ["../beside", "../beside"],
  ["/srv/with space/repo", "/srv/with space/repo"],
  ["https://example.com?token=canary", "https://example.com"],
  ["file:///srv/repo", "file:///srv/repo"],
  ["ext::sh -c 'curl canary'", "[redacted]"],
  ["https://example.com/ghp_abcdefghijklmnopqrstuvwxyz0123/r", "https://example.com/[redacted]/r"],
])("the remote %s is recorded as %s", (remote, recorded) => {
  expect(redactRemote(remote)).toBe(recorded);
});

test("no part of the user information of a URL survives", () => {
  const part = fc.stringMatching(/^[a-zA-Z0-9:%!$&'()*+,;=@._~-]{1,20}$/);
  fc.assert(
    fc.property(part, fc.constantFrom("https", "ssh", "http", "git+ssh"), (user, scheme) => {
      fc.pre(user !== "git");
      expect(redactRemote(`${scheme}://${user}@host.example/r`)).toBe(`${scheme}://host.example/r`);
    }),
  );
});

test("known tokens are taken out of text, and counted", () => {
  const text = [
    "token = ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "key = AKIAABCDEFGHIJKLMNOP",
    "-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----",
    "url = https://user:canary@example.com/",
    "learningRate = 3e-4",
  ].join("\n");
  expect(redactText(text)).toEqual({
    text: [
      "token = [redacted]",
      "key = [redacted]",
      "[redacted]",
      "url = https://example.com/",
      "learningRate = 3e-4",
    ].join("\n"),
    numRedacted: 4,
  });
});

test.each([
  `ghp_${"a".repeat(20)}`,
  `github_pat_${"a".repeat(20)}`,
  `glpat-${"a".repeat(16)}`,
  `hf_${"a".repeat(20)}`,
  `npm_${"a".repeat(30)}`,
  `sk-1A${"a".repeat(18)}`,
  `xoxb-${"a".repeat(10)}`,
  `AKIA${"A".repeat(16)}`,
  `AIza${"a".repeat(35)}`,
  `eyJ${"a".repeat(10)}.eyJ${"a".repeat(10)}.${"a".repeat(10)}`,
  "-----BEGIN PRIVATE KEY-----",
  "ssh://a:b@host",
])("the shortest token of its kind is found: %s", (token) => {
  expect(redactText(token).numRedacted).toBe(1);
});
