import { expect, test } from "vitest";
import { findConfig } from "../../../../src/app/diff/find-config.ts";

const context = { workingDirectory: "/nowhere", environment: {}, runsDirectory: undefined };

test("what is not 8 to 64 hex digits is refused, also where it begins every key", async () => {
  for (const digits of ["", "0", "031a65", "x".repeat(8), "a".repeat(65)]) {
    await expect(findConfig(digits, context), digits).rejects.toThrow(
      "names neither a run nor a config",
    );
  }
});
