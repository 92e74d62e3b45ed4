import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const repository = new URL(".", import.meta.url);

/** `import … from "lockstep"` means the sources here, as it does under tsx, never a built copy. */
const alias = { lockstep: fileURLToPath(new URL("src/index.ts", repository)) };

/** Gives fast-check its seed. */
const seed = fileURLToPath(new URL("tests/property-seed.ts", repository));

/** Where a machine-readable report is wanted too, as in .ci/run. */
const report = process.env["TEST_REPORT"];

/** Too slow for every run of the suite: `make leaks`. */
const slow = {
  extends: true as const,
  test: { name: "slow", include: ["tests/slow/**/*.test.ts"], testTimeout: 120_000 },
};

/**
 * What starts the command by the dozen: the pages of `docs/`, wrong input, shells, editors, runs that are stopped, gone on with and executed again:
 * `make processes`.
 */
const processes = {
  extends: true as const,
  test: {
    name: "processes",
    include: ["tests/processes/**/*.test.ts"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
};

/** What other tools read of runs, with the tools themselves: `make track`. */
const track = {
  extends: true as const,
  test: {
    name: "track",
    include: ["tests/track/**/*.test.ts"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
};

/** Kills, faults and losses of power by the hundred: `make crash`. */
const crash = {
  extends: true as const,
  test: { name: "crash", include: ["tests/crash/**/*.test.ts"], testTimeout: 120_000 },
};

/** Seeds what a file draws with fast-check before it draws; as a set-up file it would load fast-check for every test file. */
const seededProperties = {
  name: "seeded-properties",
  transform(code: string, id: string): { code: string; map: null } | undefined {
    if (!id.endsWith(".ts") || !code.includes('from "fast-check"') || id === seed) return undefined;
    return { code: `import ${JSON.stringify(seed)}; ${code}`, map: null }; // in its first line: no other moves
  },
};

/**
 * Folders whose unit tests change nothing that other tests read: their files are run by the same two processes, one after the
 * other, which load the sources once. The others have state of the process (a seal, a backend, memory that is counted) and
 * get a process for each file.
 */
const shared = [
  "command",
  "config",
  "core",
  "data",
  "diff",
  "engine",
  "lint",
  "optim",
  "report",
  "resolve",
  "schemas",
  "track",
].map((folder) => `tests/unit/${folder}/**/*.test.ts`);

export default defineConfig({
  plugins: [seededProperties],
  resolve: { alias },
  test: {
    pool: "forks",
    maxWorkers: 2,
    reporters: report === undefined ? ["default"] : ["default", "json"],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    passWithNoTests: false,
    projects: [
      ...(process.env["SLOW_TESTS"] === undefined ? [] : [slow]),
      ...(process.env["PROCESS_TESTS"] === undefined ? [] : [processes]),
      ...(process.env["TRACK_PYTHON"] === undefined ? [] : [track]),
      ...(process.env["CRASH"] === undefined ? [] : [crash]),
      {
        extends: true,
        test: {
          name: "unit",
          include: ["tests/unit/**/*.test.ts"],
          exclude: shared,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { name: "unit-shared", include: shared, isolate: false, testTimeout: 20_000 },
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
