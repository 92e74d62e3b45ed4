/** What one process reads, repairs and removes while another one, at any instant, removes, restores or claims the same run. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { isExpError } from "../../../src/core/errors.ts";
import { prettyJson } from "../../../src/store/json-file.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import type { TrashEntry } from "../../../src/store/trash.ts";
import { errorOf } from "./helpers.ts";
import { errorIn, everywhere, folder, sharedStore, type SharedStore } from "./interleaved.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
  sampleKey,
} from "./sample-run.ts";

const runKey = sampleKey(1);
const name = runKey.slice(0, 16);
const removal = { runKey, experiment: "bert-lr", reason: "exp rm" };
const events = runEvents(1);
const dayMs = 86_400_000;

function prepare({ store }: SharedStore): void {
  publishRun(store, 1, events);
  store.annotate({ runKey, kind: "note", facts: { text: "good" } });
}

/** Does it unless the other process holds the run, as any process would find. */
function unlessClaimed(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!isExpError(error) || error.code !== "run-active") throw error;
  }
}

/** A claim of a living process, made a moment ago. */
function claim({ files }: SharedStore, directory: string, facts: object = {}): void {
  files.ensureFolders(directory);
  const own = { id: "a", runKey, experiment: "bert-lr", startTime: "2026-01-02T03:04:05Z" };
  const record = { format: "lockstep/attempt/1", ...own, argv: [], ...currentProcess(), ...facts };
  files.overwrite(join(directory, "attempt.json"), prettyJson(record));
  files.overwrite(join(directory, "heartbeat"), "");
}

test("a run that is removed while it is read is there or not there, and never called damaged", () => {
  const numCalls = everywhere(
    {
      prepare,
      look: ({ store }) => ({
        damaged: store.listPublished().damaged,
        found: store.findPublished(runKey)?.runKey,
        findings: store.check({ isRepairing: false }).findings.map(({ code }) => code),
      }),
      act: ({ store }) => void store.removeRun(removal),
    },
    ({ call, result }) => {
      const { damaged, found, findings } = result;
      expect([call, damaged]).toEqual([call, []]);
      expect([call, runKey, undefined]).toContain(found);
      expect([call, findings.filter((code) => code !== "missing-code")]).toEqual([call, []]);
    },
  );
  expect(numCalls).toBeGreaterThan(100);
});

test("results of a run that is gone are not called broken", () => {
  everywhere(
    {
      prepare: (shared) => {
        prepare(shared);
        return shared.store.listPublished().runs;
      },
      look: ({ store }, [run]) =>
        run === undefined ? undefined : errorIn(() => store.readResults(run)),
      act: ({ store }) => void store.removeRun(removal),
    },
    ({ result }) =>
      expect(result ?? "read").toMatch(/^read$|was moved away while it was being read/u),
  );
});

test("a repair takes nothing out that is whole, or that a living process has just claimed", () => {
  const numCalls = everywhere(
    {
      prepare: ({ store }) => {
        const attempt = begin(store, attemptOptions());
        for (const event of events) attempt.record(event);
        attempt.finish();
        return attempt;
      },
      look: ({ store }) => store.check({ isRepairing: true }).findings,
      // The attempt is published, so its number is free, and a repeat takes it.
      act: (_shared, attempt) => void attempt.publish(documents),
      actAgain: ({ store }) => {
        unlessClaimed(() => begin(store, attemptOptions(1, { isRepeat: true })));
      },
    },
    ({ call, shared, result }) => {
      const found = result.filter(({ code }) => code !== "missing-code");
      expect([call, found]).toEqual([call, []]);
      expect([call, shared.store.trash()]).toEqual([call, []]);
      expect(shared.store.findPublished(runKey)).toBeDefined();
    },
  );
  expect(numCalls).toBeGreaterThan(20);
});

test("a repair takes no run out that was removed, and put back, while it was looked at", () => {
  everywhere(
    {
      prepare: (shared) => {
        prepare(shared);
        return { entry: undefined as TrashEntry | undefined };
      },
      look: ({ store }) => store.check({ isRepairing: true }).findings,
      act: ({ store }, made) => {
        unlessClaimed(() => (made.entry = store.removeRun(removal)));
      },
      actAgain: ({ store }, { entry }) => {
        if (entry !== undefined) unlessClaimed(() => store.restore(entry));
      },
    },
    ({ call, result, shared: { store } }) => {
      expect([call, result.filter(({ code }) => code !== "missing-code")]).toEqual([call, []]);
      for (const entry of store.trash()) {
        expect([call, entry.run?.runKey]).toEqual([call, runKey]);
        store.restore(entry);
      }
      expect(store.findPublished(runKey)).toBeDefined();
    },
  );
});

test("who removes a run leaves the claim of a process that is about to step back", () => {
  const rival = join(folder, ".attempts", name, "7");
  everywhere(
    {
      prepare,
      look: ({ store }) => errorIn(() => store.removeRun(removal)),
      act: (shared) => {
        claim(shared, rival);
      },
    },
    ({ call, shared }) => {
      expect([call, shared.files.status(join(rival, "attempt.json"))?.kind]).toEqual([
        call,
        "file",
      ]);
    },
  );
});

test("nothing is collected that is on its way into the trash or out of it, nor what has got the number since", () => {
  everywhere(
    {
      prepare,
      look: ({ store }) => store.removeRun(removal),
      act: ({ store }) => void store.collectGarbage({ olderThanMs: 0, isRemoving: true }),
    },
    ({ call, shared: { store } }) => {
      const entries = store.trash();
      for (const entry of entries) store.restore(entry);
      const isThere = store.findPublished(runKey) !== undefined;
      const numSayings = store.annotations(runKey).annotations.length;
      const isWhole = entries.length === 1 && isThere && numSayings === 1;
      const isGone = entries.length === 0 && !isThere && numSayings === 0;
      expect([call, isWhole || isGone]).toEqual([call, true]);
    },
  );
  everywhere(
    {
      prepare: (shared): TrashEntry => {
        prepare(shared);
        publishRun(shared.store, 2, events);
        const { directory, time } = shared.store.removeRun(removal);
        const note = join(directory, "origin.json");
        const text = shared.files.readText(note) ?? "";
        shared.files.overwrite(note, text.replace(time, "2020-01-02T03:04:05.678Z"));
        return shared.store.trash()[0] as TrashEntry; // it was listed
      },
      look: ({ store }) => store.collectGarbage({ olderThanMs: dayMs, isRemoving: true }).items,
      act: ({ store }, entry) => {
        unlessClaimed(() => {
          if (store.trash().length === 0) return;
          store.restore(entry);
          store.removeRun({ ...removal, runKey: sampleKey(2) });
        });
      },
    },
    ({ call, shared: { store }, result }) => {
      const isTaken = result.some(({ kind }) => kind === "trash");
      expect([call, store.findPublished(runKey) !== undefined]).toEqual([call, !isTaken]);
      const isOther = store.findPublished(sampleKey(2)) !== undefined || store.trash().length === 1;
      expect([call, isOther]).toEqual([call, true]);
    },
  );
});

test("what another process removed first is no failure to collect", () => {
  const left = join(folder, ".attempts/.new-x");
  everywhere(
    {
      prepare: (shared) => {
        prepare(shared);
        claim(shared, left, { processStart: "0" });
      },
      look: ({ store }) => store.collectGarbage({ olderThanMs: 0, isRemoving: true }).failures,
      act: ({ files }) => {
        files.removeTree(left);
      },
    },
    ({ call, result }) => expect([call, result]).toEqual([call, []]),
  );
});

test("an entry of the trash that somebody else put back is said to be gone", () => {
  const { store } = sharedStore();
  publishRun(store, 1, events);
  const entry = store.removeRun(removal);
  store.restore(entry);
  expect(errorOf(() => store.restore(entry))).toMatchObject({
    code: "usage",
    message: "Entry 1 of the trash is gone: another process put it back, or removed it.",
  });
});

test("what is said about a run while it is removed is kept beside it, or said not to be safe", () => {
  everywhere(
    {
      prepare,
      look: ({ store }) =>
        errorIn(() => store.annotate({ runKey, kind: "note", facts: { text: "better" } })),
      act: ({ store }) => void store.removeRun(removal),
    },
    ({ call, shared: { store, files }, result }) => {
      expect([call, result ?? "could not sync"]).toEqual([
        call,
        expect.stringContaining("could not sync"),
      ]);
      for (const entry of store.trash()) store.restore(entry);
      expect([call, store.annotations(runKey).annotations.length]).toEqual([call, 2]);
      expect(files.list(join(folder, ".annotations"))).toEqual([name]);
    },
  );
});

test("a run begins once whoever removed, restored or repaired it is through", () => {
  const brief = join(folder, ".attempts", name, "1");
  const shared = sharedStore((): void => shared.files.removeTree(brief));
  claim(shared, brief);
  const attempt = begin(shared.store, attemptOptions());
  expect(shared.store.liveAttempt(runKey)?.directory).toBe(attempt.directory);
  attempt.fail(new Error("stopped"));
  const patient = sharedStore();
  claim(patient, brief);
  expect(errorOf(() => begin(patient.store, attemptOptions()))).toMatchObject({
    code: "run-active",
    message: expect.stringMatching(
      /^This run is being removed, restored or repaired: process \d+ on /u,
    ) as string,
  });
});
