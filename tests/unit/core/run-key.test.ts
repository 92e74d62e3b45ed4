import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { runKey } from "../../../src/core/run-key.ts";

const parts = {
  configHash: "a".repeat(64),
  codeHash: "b".repeat(64),
  dataHash: "c".repeat(64),
  environmentClass: "wasm/1",
};

test("the run key is the hash of its four parts and the format", () => {
  const text = `{"codeHash":"${parts.codeHash}","configHash":"${parts.configHash}","dataHash":"${parts.dataHash}","environmentClass":"wasm/1","format":"lockstep/run/1"}`;
  expect(runKey(parts)).toBe(createHash("sha256").update(text).digest("hex"));
});

test("each part changes it", () => {
  const keys = (Object.keys(parts) as (keyof typeof parts)[]).map((part) =>
    runKey({ ...parts, [part]: "d" }),
  );
  expect(new Set([...keys, runKey(parts)]).size).toBe(5);
});
