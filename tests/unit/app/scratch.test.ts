/** Folders of executions for comparison: gone with their process, whatever ended it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { abandonedScratch, openScratch } from "../../../src/app/verify/scratch.ts";

function storeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-scratch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Another process that opens a folder and ends in some way. */
function elsewhere(store: string, end: string): void {
  const module = new URL("../../../src/app/verify/scratch.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(module)}).then(({ openScratch }) => { openScratch(${JSON.stringify(store)}); ${end} })`;
  spawnSync(process.execPath, ["--import", "tsx", "--eval", code]);
}

const cache = (store: string): readonly string[] => readdirSync(join(store, ".cache"));

test("a folder is there while its process is, and others leave it alone", () => {
  const store = storeFolder();
  const first = openScratch(store);
  const second = openScratch(store);
  expect([first, second].map(({ directory }) => existsSync(directory))).toEqual([true, true]);
  first.remove();
  second.remove();
  expect(cache(store)).toEqual([]);
});

test("a process that ends at once takes its folder with it; that of a killed one goes with the next call", () => {
  const store = storeFolder();
  elsewhere(store, "process.exit(130)");
  expect(cache(store)).toEqual([]);
  elsewhere(store, 'process.kill(process.pid, "SIGKILL")');
  expect(cache(store)).toHaveLength(1);
  expect(abandonedScratch(store)).toHaveLength(1);
  openScratch(store).remove();
  expect(cache(store)).toEqual([]);
});

test("a folder without an owner is somebody's who has just made it, until it is a minute old", () => {
  const store = storeFolder();
  const nameless = join(store, ".cache/verify-old");
  mkdirSync(nameless, { recursive: true });
  mkdirSync(join(store, ".cache/data"));
  expect(abandonedScratch(store)).toEqual([]);
  const longAgo = new Date(Date.now() - 120_000);
  utimesSync(nameless, longAgo, longAgo);
  expect(abandonedScratch(store)).toEqual([nameless]);
});
