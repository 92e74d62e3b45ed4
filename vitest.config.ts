import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const repository = new URL(".", import.meta.url);

/** `import … from "lockstep"` means the sources here, as it does under tsx, never a built copy. */
const alias = { lockstep: fileURLToPath(new URL("src/index.ts", repository)) };

export default defineConfig({
  resolve: { alias },
  test: {
    pool: "forks",
    maxWorkers: 2,
    // Tests that run the command line do so in directories of their own and never in this one's `runs/`.
    reporters: process.env["CI"] ? ["dot", "json"] : ["default"],
    outputFile: { json: process.env["TEST_REPORT"] ?? "node_modules/.cache/test-report.json" },
    passWithNoTests: false,
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["tests/unit/**/*.test.ts"], testTimeout: 20_000 },
      },
      {
        extends: true,
        test: {
          name: "architecture",
          include: ["tests/architecture/**/*.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: "end-to-end",
          include: ["tests/end-to-end/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
