/** Offline runs of W&B: written once, written again where something is new. What they hold is read by W&B in `make track`. */
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../../../src/store/store.ts";
import { exportRun, type ExportOutcome } from "../../../../src/track/target.ts";
import { wandbSettings } from "../../../../src/track/wandb/settings.ts";
import { createWandbTarget } from "../../../../src/track/wandb/target.ts";
import { errorOf, temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, documents, publishRun, runEvents } from "../../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../helpers.ts";

interface Sending {
  readonly store: string;
  readonly directory: string;
  readonly folder: string;
  readonly isOnline?: boolean;
  readonly warnings?: string[];
}

function send(sending: Sending): Promise<ExportOutcome> {
  const { store, directory, folder, isOnline = false, warnings } = sending;
  const { files, now } = viewTools;
  const names = { project: undefined, entity: "me" };
  const target = createWandbTarget({ files, now, folder, isOnline, ...names });
  return exportRun(exportTools(warnings), target, viewOf(store, directory));
}

test("a run and its files, once", async () => {
  const store = temporaryFolder();
  const folder = temporaryFolder();
  const directory = publishRun(openStore(store));
  const outcome = await send({ store, directory, folder });
  expect(outcome).toMatchObject({ numRows: 3, isComplete: true, wasComplete: false });
  const shownAt = outcome.shownAt ?? "";
  const { name, runKey } = viewOf(store, directory);
  expect(shownAt).toMatch(/wandb\/offline-run-\d{8}_\d{6}-[0-9a-f]{16}$/u);
  const path = join(shownAt, `run-${name}.wandb`);
  expect(readFileSync(path, "latin1")).toContain(runKey);
  expect(readdirSync(join(shownAt, "files")).toSorted()).toEqual([
    "config.yaml",
    "wandb-metadata.json",
    "wandb-summary.json",
  ]);
  const { ino } = statSync(path);
  expect(await send({ store, directory, folder })).toMatchObject({ numRows: 0, wasComplete: true });
  expect(statSync(path).ino).toBe(ino);
  rmSync(shownAt, { recursive: true });
  expect(await send({ store, directory, folder })).toMatchObject({ numRows: 3, isComplete: true });
});

test("a run that goes on is written again with each row, and ends in one folder", async () => {
  const store = temporaryFolder();
  const folder = temporaryFolder();
  const attempt = begin(openStore(store), attemptOptions());
  const numRows: number[] = [];
  for (const event of runEvents(3)) {
    attempt.record(event);
    if (event.kind !== "metrics") continue;
    numRows.push((await send({ store, directory: attempt.directory, folder })).numRows);
  }
  attempt.finish();
  const { run } = attempt.publish(documents);
  const last = await send({ store, directory: run.directory, folder });
  expect(last).toMatchObject({ numRows: 0, isComplete: true });
  expect(numRows).toEqual([1, 1, 1]);
  expect(readdirSync(join(folder, "wandb"))).toHaveLength(1);
});

test("a run that was killed and began again goes on in the folder of its first attempt", async () => {
  const store = temporaryFolder();
  const folder = temporaryFolder();
  const view = viewOf(store, publishRun(openStore(store)));
  const { files, now } = viewTools;
  const names = { project: undefined, entity: "me", isOnline: false };
  const target = createWandbTarget({ files, now, folder, ...names });
  const killed = { ...view, status: "running" } as const;
  const first = await exportRun(exportTools(), target, killed);
  const again = { ...view, startedMs: (view.startedMs ?? 0) + 61_000 };
  const second = await exportRun(exportTools(), target, again);
  expect(second).toMatchObject({ shownAt: first.shownAt, isComplete: true });
  expect(readdirSync(join(folder, "wandb"))).toHaveLength(1);
});

test("what the variables say", async () => {
  const store = temporaryFolder();
  const folder = temporaryFolder();
  const directory = publishRun(openStore(store));
  const warnings: string[] = [];
  await send({ store, directory, folder, isOnline: true, warnings });
  expect(warnings).toEqual([expect.stringContaining("wandb sync")]);
  const variables = { WANDB_DIR: "a", WANDB_PROJECT: "p", WANDB_ENTITY: "", WANDB_MODE: "online" };
  expect(wandbSettings(variables)).toEqual({
    folder: "a",
    project: "p",
    entity: undefined,
    isOnline: true,
  });
  expect(wandbSettings({}).isOnline).toBe(false);
  for (const mode of ["disabled", "dryrun?"]) {
    expect(errorOf(() => wandbSettings({ WANDB_MODE: mode }))).toMatchObject({ code: "usage" });
  }
});
