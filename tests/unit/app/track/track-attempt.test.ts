/** An attempt that writes its event file while it goes on. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { trackAttempt } from "../../../../src/app/track/track-attempt.ts";
import { ExpError } from "../../../../src/core/errors.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import type { RunEvent } from "../../../../src/core/run-events.ts";
import type { Attempt } from "../../../../src/store/attempt.ts";
import { openStore } from "../../../../src/store/store.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "../../store/sample-run.ts";
import { readEvents, type ReadEvents } from "../../track/tensorboard/read-events.ts";

function tracked(config: JsonObject = {}, root = temporaryFolder()): [Attempt, RunEvent[]] {
  const warnings: RunEvent[] = [];
  const attempt = begin(openStore(root), attemptOptions());
  const warn = (event: RunEvent): void => void warnings.push(event);
  return [trackAttempt(attempt, { store: root, config, warn }), warnings];
}

function eventsOf(directory: string): ReadEvents {
  const folder = join(directory, "logs/tensorboard");
  const [name = ""] = readdirSync(folder);
  return readEvents(readFileSync(join(folder, name)));
}

test("what is published has the curves, the result and the end; fsck finds nothing", () => {
  const root = temporaryFolder();
  const [attempt, warnings] = tracked({}, root);
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish(documents);
  const { scalars, plugins } = eventsOf(run.directory);
  expect(scalars.map(({ tag }) => tag)).toEqual([
    "train/loss",
    "train/loss",
    "train/loss",
    "result/test.accuracy",
    "result/validation.accuracy",
  ]);
  expect(plugins).toHaveLength(2);
  expect(warnings).toEqual([]);
  const manifest = readFileSync(join(run.directory, "manifest.json"), "utf8");
  expect(manifest).not.toContain("tensorboard");
  const { findings } = openStore(root).check({ isRepairing: false });
  expect(findings.map(({ code }) => code)).toEqual(["missing-code"]);
});

test.each([
  ["a failure", new Error("no luck"), 2],
  ["a stop, after which it may go on", new ExpError("interrupted", "Stopped."), 1],
])("after %s the rows so far are there", (_name, error, numPlugins) => {
  const [attempt] = tracked();
  for (const event of runEvents().slice(0, 8)) attempt.record(event);
  attempt.fail(error);
  const { scalars, plugins } = eventsOf(attempt.directory);
  expect([scalars.length, plugins.length]).toEqual([1, numPlugins]);
});

test.each([
  [{ tracking: [] }, false],
  [{ tracking: ["mlflow"] }, false],
  [{ tracking: ["mlflow", "tensorboard"] }, true],
  [{ tracking: [{ kind: "tensorboard" }] }, true],
])("%j: written %s", (config, isWritten) => {
  const [attempt] = tracked(config);
  expect(existsSync(join(attempt.directory, "logs/tensorboard"))).toBe(isWritten);
});

test("a file that cannot be written is a warning, and the run is published", () => {
  const root = temporaryFolder();
  const own = begin(openStore(root), attemptOptions());
  writeFileSync(join(own.directory, "logs/tensorboard"), "in the way");
  const warnings: RunEvent[] = [];
  const warn = (event: RunEvent): void => void warnings.push(event);
  const attempt = trackAttempt(own, { store: root, config: {}, warn });
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  expect(attempt.publish(documents).kind).toBe("published");
  expect(warnings).toMatchObject([{ kind: "log", level: "warning" }]);
});
