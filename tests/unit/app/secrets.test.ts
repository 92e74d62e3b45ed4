import { expect, test } from "vitest";
import { refuseTokens } from "../../../src/app/secrets.ts";
import { isExpError } from "../../../src/core/errors.ts";

/** In two parts, so that nobody who looks for tokens finds one here. */
const token = ["hf_", "aB3dE6gH9jK2mN5pQ8sT"].join("");

function refusal(config: Parameters<typeof refuseTokens>[0][number]["config"]): unknown {
  try {
    refuseTokens([{ config }]);
    return undefined;
  } catch (error) {
    return error;
  }
}

test("a token in a config is refused by its place, and is not repeated", () => {
  const error = refusal({ data: { headers: ["a", `Bearer ${token}`] }, seed: 1 });
  if (!isExpError(error)) throw new Error("expected a refusal");
  expect(error.code).toBe("config");
  expect(error.issues.map(({ path }) => path)).toEqual([["data", "headers", 1]]);
  expect(JSON.stringify(error.issues)).not.toContain(token);
  expect(refusal({ url: "https://user:password@example.org/x" })).toBeDefined();
});

test("names that only begin like a token are taken", () => {
  const harmless = {
    name: "sk-learn-baseline-with-logistic-regression-2",
    path: "data/hf_small.tsv",
  };
  expect(refusal({ ...harmless, secret: { $secret: "HF_TOKEN" } })).toBeUndefined();
});
