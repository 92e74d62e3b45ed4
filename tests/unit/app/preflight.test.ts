import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { PreparedPlan } from "../../../src/app/plan-experiment.ts";
import { checkRuns } from "../../../src/app/preflight.ts";
import { ExpError } from "../../../src/core/errors.ts";
import type { Preflight } from "../../../src/core/task.ts";

/** A plan over `size`, checked by the given function; only what the check reads of it is there. */
function planOf(sizes: readonly number[], preflight: Preflight<{ size: number }>): PreparedPlan {
  const runsDirectory = mkdtempSync(join(tmpdir(), "lockstep-preflight-"));
  onTestFinished(() => rmSync(runsDirectory, { recursive: true, force: true }));
  const runs = sizes.map((size, index) => ({
    index,
    axisValues: { size },
    config: { size },
    backend: "cpu",
    dataHash: "data",
  }));
  const parts = {
    plan: { runs },
    runsDirectory: join(runsDirectory, "not", "there"),
    resolution: { task: { preflight }, projectDirectory: "/" },
    data: { currentFiles: async () => ({ dataHash: "data", files: [], paths: [] }) },
  };
  return parts as never;
}

test("the largest memory and the whole disk are told", async () => {
  const plan = planOf([3, 5, 4], async ({ config }) => ({
    findings: [],
    numMemoryBytes: config.size,
    numDiskBytes: config.size * 10,
  }));
  const summary = await checkRuns(plan, plan.plan.runs);
  expect(summary).toMatchObject({ numDiskBytes: 120, warnings: [] });
  expect(summary.numMemoryBytes - summary.numProcessBytes).toBe(5);
  expect(summary.numProcessBytes).toBeGreaterThan(100e6);
  expect(summary.numFreeDiskBytes).toBeGreaterThan(0);
});

test("every run is checked although one fails, and one cause is told once", async () => {
  const seen: number[] = [];
  const plan = planOf([1, 2, 3], async ({ config }) => {
    seen.push(config.size);
    if (config.size > 1) throw new ExpError("config", "Too large.", { hint: "Make it smaller." });
    return { findings: [] };
  });
  await expect(checkRuns(plan, plan.plan.runs)).rejects.toMatchObject({
    code: "config",
    message: "2 of 3 runs cannot start; nothing was run.",
    hint: "Make it smaller.",
    issues: [{ path: [], message: "size=2; size=3: Too large." }],
  });
  expect(seen).toEqual([1, 2, 3]);
});

test("runs that would fill the disk are refused; memory that may not be there is a warning", async () => {
  const full = planOf([1, 2], async () => ({ findings: [], numDiskBytes: 1e18 }));
  await expect(checkRuns(full, full.plan.runs)).rejects.toMatchObject({ code: "environment" });
  const code = planOf([1], async () => ({ findings: [], numDiskBytes: 1 }));
  await expect(checkRuns(code, code.plan.runs, { numCodeBytes: 1e18 })).rejects.toMatchObject({
    code: "environment",
    message: expect.stringMatching(
      /^The run needs about .* of disk, and .* are free in /u,
    ) as string,
  });
  const large = planOf([1], async () => ({ findings: [], numMemoryBytes: 1e15 }));
  const { warnings } = await checkRuns(large, large.plan.runs);
  expect(warnings).toEqual([expect.stringContaining("need about 1000 TB of memory")]);
});

test("several jobs need their memory at the same time", async () => {
  const half = process.availableMemory() * 0.6;
  const plan = planOf([1, 2], async () => ({ findings: [], numMemoryBytes: half }));
  expect((await checkRuns(plan, plan.plan.runs)).warnings).toEqual([]);
  const { warnings } = await checkRuns(plan, plan.plan.runs, { numJobs: 2 });
  expect(warnings).toEqual([expect.stringContaining("Lower --jobs")]);
  expect(warnings[0]).toContain("at a time, in 2 processes, each with 280 MB of it for Node.js");
});

test("the processes of small runs are counted too, and nothing where no run tells its memory", async () => {
  const numMany = Math.ceil(process.availableMemory() / 200e6);
  const sizes = Array.from({ length: numMany }, (_, index) => index);
  const small = planOf(sizes, async () => ({ findings: [], numMemoryBytes: 1 }));
  const { warnings } = await checkRuns(small, small.plan.runs, { numJobs: numMany });
  expect(warnings).toEqual([expect.stringContaining(`in ${numMany} processes`)]);
  const silent = planOf([1], async () => ({ findings: [] }));
  expect(await checkRuns(silent, silent.plan.runs)).toMatchObject({ numMemoryBytes: 0 });
});
