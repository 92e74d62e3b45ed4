import { expect, test } from "vitest";
import { correctFindings, isHealthy } from "../../../../src/app/backends/self-tests.ts";

const health = { backend: "native", threads: 2, gigaflops: 100, digest: "00" } as const;

test("bits of dense models must not depend on threads, those of the library's own threads may", () => {
  const others = { ...health, repeats: true, sameWithOneThread: false };
  expect(isHealthy(others)).toBe(true);
  expect(isHealthy({ ...others, models: "dense" })).toBe(false);
  expect(isHealthy({ ...others, models: "dense", sameWithOneThread: true })).toBe(true);
  expect(isHealthy({ ...others, repeats: false })).toBe(false);
  expect(isHealthy({ backend: "native", models: "dense", error: "gone" })).toBe(false);
});

test("an installation that looks well and does not compute is told as wrong, with what mends it", () => {
  const look = (topic: string) => ({ topic, status: "ok", text: "TensorFlow 2.21.0" }) as const;
  const findings = [look("native"), look("cuda"), look("Node.js")];
  const failed = { backend: "native", models: "dense", error: "invalid ELF header" } as const;
  const well = { ...health, repeats: true, sameWithOneThread: true };
  expect(correctFindings(findings, [well])).toEqual(findings);
  expect(correctFindings(findings, [well, failed])).toEqual([
    {
      topic: "native",
      status: "wrong",
      text: "does not compute: TensorFlow 2.21.0",
      hint: "exp backend install native --rebuild",
    },
    look("cuda"),
    look("Node.js"),
  ]);
});
