/** What runs share and what came from elsewhere is looked at too: digests of rows, snapshots of code, foreign runs. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { project } from "../app/import-foreign/project.ts";
import { temporaryFolder } from "./helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  runEvents,
  sampleCodeHash as codeHash,
  sampleKey,
} from "./sample-run.ts";

/** A run that can be executed again from a packed snapshot, and digests of the rows of its data. */
function createStore(): Store {
  const store = openStore(temporaryFolder());
  store.saveCode(codeHash, { bundle: "b", packages: [], files: [], sources: [] });
  const { digest } = store.packSnapshot(codeHash, {
    facts: {},
    files: [{ path: "src/a.ts", bytes: Buffer.from("a") }],
  });
  store.saveDataRows(sha256("a"), () => Uint8Array.of(1, 2, 3));
  const snapshot = { digest, lockstep: { version: "0.1.0", integrity: null } };
  const attempt = begin(store, attemptOptions(1, { snapshot }));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  attempt.publish(documents);
  return store;
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

test("a flipped byte in the digests of rows is told, and moved away so that they are stored again", () => {
  const store = createStore();
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  const path = `.data/rows/${sha256("a")}`;
  flipByte(join(store.directory, path));
  const found = { severity: "warning", code: "damaged-data-rows", path };
  expect(store.check({ isRepairing: true }).findings).toMatchObject([
    { ...found, isRepaired: true },
  ]);
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  store.saveDataRows(sha256("a"), () => Uint8Array.of(1, 2, 3));
  expect(store.readDataRows(sha256("a"))).toEqual(Buffer.of(1, 2, 3));
});

test("a run whose snapshot is gone cannot be executed again, and that is told", () => {
  const store = createStore();
  const snapshots = join(store.directory, ".code", codeHash, "snapshots");
  for (const name of readdirSync(snapshots)) rmSync(join(snapshots, name), { recursive: true });
  expect(store.check({ isRepairing: false }).findings).toMatchObject([
    {
      severity: "warning",
      code: "missing-code",
      path: sampleKey(1).slice(0, 16),
      message: expect.stringContaining("The snapshot of its code is not stored") as string,
    },
  ]);
});

test("a snapshot that was unpacked does as well as its pack", () => {
  const store = createStore();
  const snapshots = join(store.directory, ".code", codeHash, "snapshots");
  const [pack = ""] = readdirSync(snapshots);
  const content = { facts: {}, files: [{ path: "src/a.ts", bytes: Buffer.from("a") }] };
  store.saveSnapshot(codeHash, content);
  rmSync(join(snapshots, pack));
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
});

test("runs of other tools are counted where they are whole", async () => {
  const place = project({ "old.csv": "run,lr,metrics.f1\na,1,0.5\nb,2,0.75\n" });
  await place.take("csv", "old.csv");
  const store = openStore(place.at("runs"));
  expect(store.check({ isRepairing: false })).toMatchObject({ numRuns: 0, numForeign: 2 });
  const [source = ""] = readdirSync(join(store.directory, ".foreign"));
  const folder = join(store.directory, ".foreign", source);
  const [first = ""] = readdirSync(folder).filter((name) => !name.startsWith("."));
  const [record = ""] = readdirSync(join(folder, first)).filter((name) => name.endsWith(".json"));
  flipByte(join(folder, first, record));
  expect(store.check({ isRepairing: false })).toMatchObject({
    numForeign: 1,
    findings: [{ code: "damaged-foreign-run" }],
  });
});
