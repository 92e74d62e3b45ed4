/** Repetitions of one run at one moment: each waits for its turn, compares, and none is taken for the run itself. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { claimInTurn } from "../../../src/app/claim-in-turn.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { attemptOptions, documents, runEvents, sampleKey } from "../store/sample-run.ts";

function createStore(): Store {
  const directory = mkdtempSync(join(tmpdir(), "lockstep-turn-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return openStore(join(directory, "runs"));
}

/** Waits for the turn, as `--force` does. */
function claim(store: Store, { signal = new AbortController().signal, seed = 1 } = {}) {
  const told: string[] = [];
  const runKey = sampleKey(seed);
  const attempt = claimInTurn({
    store,
    runKey,
    signal,
    claim: async () => {
      const isRepeat = store.findPublished(runKey) !== undefined;
      return store.beginAttempt(attemptOptions(seed, { isRepeat }));
    },
    tell: (text) => void told.push(text),
  });
  return { attempt, told };
}

function complete(attempt: Attempt): string {
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  return attempt.publish(documents).kind;
}

test("of three that begin at once each executes the run in its turn, and compares", async () => {
  const store = createStore();
  const first = await claim(store).attempt;
  const [second, third] = [claim(store), claim(store)];
  const kinds = [second, third].map(async ({ attempt }) => complete(await attempt));
  expect(complete(first)).toBe("published");
  expect(await Promise.all(kinds)).toEqual(["duplicate", "duplicate"]);
  const told = [...second.told, ...third.told];
  expect(told[0]).toMatch(/^Process \d+ on .* executes this run now; it is executed again, and/u);
  expect(second.told.length).toBeLessThanOrEqual(1);
  const kept = store.annotations(sampleKey(1)).annotations.map(({ kind }) => kind);
  expect(kept).toEqual(["duplicate", "duplicate"]);
});

test("who waits stops at a signal, and leaves no attempt", async () => {
  const store = createStore();
  const first = await claim(store).attempt;
  const controller = new AbortController();
  const waiting = claim(store, { signal: controller.signal });
  controller.abort();
  await expect(waiting.attempt).rejects.toMatchObject({ code: "interrupted" });
  expect(store.listAttempts(sampleKey(1))).toHaveLength(1);
  expect(complete(first)).toBe("published");
});
