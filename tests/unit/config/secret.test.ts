import { afterEach, expect, test } from "vitest";
import { readSecret, secret } from "../../../src/config/secret.ts";
import { isExpError } from "../../../src/core/errors.ts";
import { forgetSecrets, scrub } from "../../../src/core/secrets.ts";
import { misuseOf, untyped } from "./sum-task.ts";

const variable = "LOCKSTEP_TEST_SECRET";

afterEach(() => {
  forgetSecrets();
  delete process.env[variable];
});

function failureOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

test("a secret is a frozen reference that cannot become part of a text", () => {
  const token = secret(variable);
  expect(JSON.stringify(token)).toBe(`{"$secret":"${variable}"}`);
  expect(Object.isFrozen(token)).toBe(true);
  expect(() => String(untyped(token))).toThrow(TypeError);
});

test("naming a secret is enough to keep its value out of texts", () => {
  process.env[variable] = "S3CR3T-named";
  secret(variable);
  expect(scrub("S3CR3T-named")).toBe(`[secret ${variable}]`);
});

test("what cannot name a variable is refused without being repeated", () => {
  for (const wrong of ["hunter2 hunter2", "", "a-b", "1a", 7, undefined]) {
    const text = misuseOf(() => secret(untyped(wrong)));
    expect(text).toMatch(/^secret\.test\.ts:\d+:\d+: secret\(\) takes the name of an environment/);
    expect(text).not.toContain("hunter2");
  }
});

test("reading gives the value of the variable as it is now", () => {
  process.env[variable] = "S3CR3T-first";
  expect(readSecret({ $secret: variable })).toBe("S3CR3T-first");
  process.env[variable] = "S3CR3T-other";
  expect(readSecret({ $secret: variable })).toBe("S3CR3T-other");
  expect(scrub("S3CR3T-first S3CR3T-other")).not.toContain("S3CR3T");
});

test("a variable that is not set, empty, or too short to be kept out of texts is an error", () => {
  const read = (): unknown => readSecret({ $secret: variable });
  const missing = `environment: The environment variable ${variable}, which holds a secret, is not set.`;
  expect(failureOf(read)).toBe(missing);
  process.env[variable] = "  ";
  expect(failureOf(read)).toBe(missing);
  process.env[variable] = "abc";
  expect(failureOf(read)).toMatch(/holds fewer than 6 characters/);
  expect(failureOf(() => readSecret({ $secret: "constructor" }))).toMatch(/is not set/);
});

test("what is no reference cannot be read", () => {
  for (const wrong of ["hunter2", { $secret: 1 }, { $secret: "A", more: 1 }, null]) {
    expect(failureOf(() => readSecret(untyped(wrong)))).toMatch(
      /^config: .*readSecret\(\) takes a secret of the config\.$/,
    );
  }
});
