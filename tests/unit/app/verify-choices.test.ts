/** What `exp verify` refuses or counts before it executes anything. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { runNameOfPath } from "../../../src/app/runs-folder.ts";
import { stepBefore } from "../../../src/app/verify/choose-start.ts";
import { requireBackendName } from "../../../src/backend/choose.ts";
import type { RunCheckpoint } from "../../../src/store/start-checkpoint.ts";

const checkpoint: RunCheckpoint = {
  name: "step-000080",
  step: 80,
  sha256: "0".repeat(64),
  numRows: { trace: 80, metrics: 8 },
  place: () => undefined,
};

test("--steps counts from the step that --from names, not from the checkpoint before it", () => {
  expect(stepBefore(checkpoint, "100")).toBe(100);
  expect(stepBefore(checkpoint, "80")).toBe(80);
  expect(stepBefore(checkpoint, "best")).toBe(80);
  expect(stepBefore(undefined, undefined)).toBe(0);
});

test("the folder of a run, and any file in it, names the run", () => {
  const store = "/project/runs";
  const nameOf = (path: string): string | undefined => runNameOfPath(store, path, "/project");
  expect(nameOf("runs/0123456789abcdef")).toBe("0123456789abcdef");
  expect(nameOf(join(store, "0123456789abcdef/config.json"))).toBe("0123456789abcdef");
  expect(nameOf("./runs/.attempts/0123456789abcdef/1")).toBe("0123456789abcdef");
  expect(nameOf("0123456789abcdef")).toBeUndefined();
  expect(nameOf("other/0123456789abcdef")).toBeUndefined();
});

test("a backend that there is not is refused as wrong usage, one that is not installed is not", () => {
  expect(() => {
    requireBackendName("nativ");
  }).toThrow("There is no such backend.");
  expect(() => {
    requireBackendName("cuda");
  }).not.toThrow();
});
