/** Executing a finished run from one of its own checkpoints, in a store of its own. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { openStore } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "./sample-run.ts";

const events = runEvents(4);

/** The events after the checkpoint of a step. */
function eventsAfter(step: number): readonly RunEvent[] {
  const at = events.findIndex((event) => event.kind === "checkpoint" && event.step === step);
  return events.slice(at + 1);
}

test("an attempt in another store goes on from any whole checkpoint, to the manifest of the run", () => {
  const runs = openStore(temporaryFolder());
  const attempt = begin(runs, attemptOptions());
  for (const event of events) attempt.record(event);
  const { manifest } = attempt.finish();
  const { run } = attempt.publish(documents);
  const { whole, problems } = runs.checkpoints(run);
  expect(problems).toEqual([]);
  const numbered = whole.filter(({ name }) => name.startsWith("step-"));
  expect(numbered.map(({ step }) => step)).toEqual([3, 4]); // the newest two are kept
  expect(numbered.map(({ numRows }) => numRows)).toEqual(
    [3, 4].map((step) => ({ trace: step + 1, metrics: step })),
  );
  for (const { step, place } of numbered) {
    const folder = temporaryFolder();
    place(folder);
    const again = begin(openStore(folder), attemptOptions());
    expect(again.resume().point).toMatchObject({ step, attempt: 1 });
    for (const event of eventsAfter(step)) again.record(event);
    expect(again.finish().manifest).toEqual(manifest);
  }
});

test("a damaged checkpoint is no start, and says why", () => {
  const runs = openStore(temporaryFolder());
  const attempt = begin(runs, attemptOptions());
  for (const event of events) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish(documents);
  const file = join(run.directory, "checkpoints/step-000003.safetensors");
  writeFileSync(file, readFileSync(file).subarray(0, -1));
  const { whole, problems } = runs.checkpoints(run);
  expect(whole.map(({ name }) => name)).not.toContain("step-000003");
  expect(problems).toEqual([expect.stringContaining("step-000003.safetensors: ")]);
});
