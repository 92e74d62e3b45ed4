/** A store with one of everything, for tests of what a check of it tells. */
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import {
  attemptOptions,
  begin,
  publishRun,
  runEvents,
  sampleCodeHash as codeHash,
  sampleKey,
} from "./sample-run.ts";

export const runName = sampleKey(1).slice(0, 16);
export const dead = { ...currentProcess(), processStart: "0" };

export interface Sample {
  readonly folder: string;
  readonly store: Store;
  /** A path in the store. */
  readonly at: (path: string) => string;
}

/** A store with one of everything, nothing wrong with it. */
export function sample(): Sample {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: dead });
  store.saveCode(codeHash, {
    bundle: "b",
    packages: [],
    files: [],
    sources: [{ path: "a.ts", text: "a", sha256: sha256("a") }],
  });
  store.saveSnapshot(codeHash, {
    facts: {},
    files: [{ path: "src/a.ts", bytes: Buffer.from("a") }],
  });
  store.packSnapshot(codeHash, {
    facts: { packed: true },
    files: [{ path: "src/a.ts", bytes: Buffer.from("a") }],
  });
  store.saveDiff(codeHash, Buffer.from("diff"));
  store.saveDataList([["a.tsv", sha256("a")]]);
  publishRun(store, 1);
  store.annotate({ runKey: sampleKey(1), kind: "note", facts: { text: "good" } });
  const stopped = begin(store, attemptOptions(2));
  for (const event of runEvents(3).slice(0, -1)) stopped.record(event);
  stopped.fail(new Error("stopped"));
  return { folder, store, at: (path) => join(folder, path) };
}

/** The one thing in a folder. */
export function onlyIn(folder: string): string {
  const [name = "", ...others] = readdirSync(folder).filter((one) => !one.startsWith("."));
  expect(others).toEqual([]);
  return join(folder, name);
}

/** As if nobody had touched it for a day. */
export function age(path: string): void {
  utimesSync(path, new Date(Date.now() - 86_400_000), new Date(Date.now() - 86_400_000));
}

export const attempt2 = `.attempts/${sampleKey(2).slice(0, 16)}/1`;
