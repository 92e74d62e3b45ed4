/** A training on a real disk that fills up: it ends clearly, shows nothing half-done, and goes on once there is room. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { createProject, exp, tinyExperiment, tinyProject } from "../end-to-end/project.ts";
import { crashFolder } from "./writers.ts";

/** Room for everything below a folder, in whole pages of 4 KiB, as a tmpfs counts. */
function roomFor(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => statSync(join(entry.parentPath, entry.name)))
    .map((status) => (status.isDirectory() ? 4_096 : Math.ceil(status.size / 4_096) * 4_096))
    .reduce((sum, size) => sum + size, 0);
}

test("a disk that fills up in the middle of a training", async ({ skip }) => {
  const project = createProject({ ...tinyProject, "experiments/tiny.ts": tinyExperiment });
  const folder = crashFolder();
  const [whole, disk] = [join(folder, "whole"), join(folder, "disk")];
  const train = (runs: string) =>
    exp(project, [
      "experiments/tiny.ts",
      "checkpointing.interval=2",
      "checkpointing.keep=100",
      "--runs-dir",
      runs,
    ]);
  expect((await train(whole)).status).toBe(0);
  const [run] = openStore(whole).listPublished().runs;
  const directory = run?.directory ?? "";
  const size = roomFor(whole) - Math.round(0.6 * roomFor(join(directory, "checkpoints")));
  mkdirSync(disk);
  const mount = (options: string): void => {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk], { stdio: "pipe" });
  };
  try {
    mount(`size=${size}`);
  } catch {
    skip("a tmpfs cannot be mounted here: that takes root");
  }
  onTestFinished(() => {
    execFileSync("umount", [disk]);
  });
  const runs = join(disk, "runs");
  const full = await train(runs);
  expect(full.status, full.stderr).not.toBe(0);
  expect(full.stderr).toMatch(/The disk is full: could not write .*checkpoints/u);
  const store = openStore(runs);
  expect(store.listPublished()).toEqual({ runs: [], damaged: [] });
  const wrong = store.check({ isRepairing: false }).findings;
  expect(wrong.filter(({ severity }) => severity === "error")).toEqual([]);
  mount("remount,size=64m");
  const again = await train(runs);
  expect(again.status, again.stderr).toBe(0);
  const [published] = store.listPublished().runs;
  expect(published?.manifest).toEqual(run?.manifest);
  const log = readFileSync(join(published?.directory ?? "", "logs/train.log"), "utf8");
  expect(log).toMatch(/goes on after step [1-9]/u);
}, 600_000);
