/** No byte of a published run can become another without being told: its results, its record, and what lies beside them. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import type { Finding } from "../../../src/store/fsck-findings.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { publishRun, sampleKey } from "./sample-run.ts";

const runName = sampleKey(1).slice(0, 16);

/** A run with its code in a store, nothing wrong with it. */
function sample(): { readonly store: Store; readonly folder: string } {
  const store = openStore(temporaryFolder(), {
    process: { ...currentProcess(), processStart: "0" },
  });
  store.saveCode(sha256("code"), { bundle: "b", packages: [], files: [], sources: [] });
  publishRun(store, 1);
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  return { store, folder: join(store.directory, runName) };
}

/** What is found while a file says something else. */
function findingsWith(
  { store, folder }: ReturnType<typeof sample>,
  changes: Readonly<Record<string, (bytes: Buffer) => Buffer | string>>,
): readonly Pick<Finding, "code" | "path" | "message">[] {
  const before = Object.keys(changes).map(
    (path) => [path, readFileSync(join(folder, path))] as const,
  );
  for (const [path, bytes] of before) {
    const after = Buffer.from(changes[path]?.(Buffer.from(bytes)) ?? "");
    expect(after.equals(bytes), path).toBe(false);
    writeFileSync(join(folder, path), after);
  }
  const { findings } = store.check({ isRepairing: false });
  for (const [path, bytes] of before) writeFileSync(join(folder, path), bytes);
  return findings.map(({ code, path, message }) => ({ code, path, message }));
}

const replaced =
  (from: string | RegExp, to: string) =>
  (bytes: Buffer): string =>
    bytes.toString("latin1").replace(from, to);

test("a byte of any file of a run, wherever it stands, is missed", () => {
  const whole = sample();
  const files = readdirSync(whole.folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(whole.folder, path)).isFile(),
  );
  expect(files.length).toBeGreaterThan(14);
  const unnoticed: string[] = [];
  for (const path of files) {
    const { size } = statSync(join(whole.folder, path));
    const numPlaces = Math.min(24, size);
    for (let place = 0; place < numPlaces; place++) {
      const at = Math.floor((place * size) / numPlaces);
      const flipped = (bytes: Buffer): Buffer => {
        bytes[at] = (bytes[at] ?? 0) ^ 1;
        return bytes;
      };
      if (findingsWith(whole, { [path]: flipped }).length === 0) unnoticed.push(`${path} at ${at}`);
    }
  }
  expect(unnoticed).toEqual([]);
});

test("an identity in a manifest that is another one is told by what it contradicts", () => {
  const whole = sample();
  const other = (name: string) =>
    replaced(new RegExp(`"${name}": "[0-9a-f]`, "u"), `"${name}": "x`);
  const said = (name: string): readonly string[] =>
    findingsWith(whole, {
      "manifest.json": (bytes) =>
        other(name)(bytes).replace('"x', bytes.includes(`"${name}": "a`) ? '"b' : '"a'),
    }).map(({ code, message }) => `${code}: ${message}`);
  for (const name of ["codeHash", "dataHash"]) {
    expect(said(name)[0], name).toContain(
      "damaged-run: This is no whole run: manifest.json has a runKey that",
    );
  }
  expect(said("configHash")[0]).toContain("another configHash than identity.json");
  expect(said("groupHash")[0]).toBe("damaged-file: It says another groupHash than manifest.json.");
  const task = { "manifest.json": replaced('"version": 1', '"version": 2') };
  expect(findingsWith(whole, task)[0]?.message).toBe(
    "It was written beside another manifest.json: that one was changed since.",
  );
});

test("a result that was changed together with its digest in the manifest is told by the record", () => {
  const whole = sample();
  const metrics = readFileSync(join(whole.folder, "results/metrics.json"), "utf8");
  const better = metrics.replace("0.5", "0.9");
  const findings = findingsWith(whole, {
    "results/metrics.json": () => better,
    "manifest.json": replaced(sha256(metrics), sha256(better)),
  });
  expect(findings).toMatchObject([{ code: "damaged-file", path: `${runName}/attempt.json` }]);
});

test("a record that was edited is told, and so is a numbered checkpoint", () => {
  const whole = sample();
  const edited = { "attempt.json": replaced(/"endTime": "\d+/u, '"endTime": "1999') };
  expect(findingsWith(whole, edited)).toEqual([
    {
      code: "damaged-file",
      path: `${runName}/attempt.json`,
      message: "It says something else than when the run was published; the results are whole.",
    },
  ]);
  const path = "checkpoints/step-000002.safetensors";
  const [found] = findingsWith(whole, {
    [path]: (bytes) => {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return bytes;
    },
  });
  expect(found).toMatchObject({ code: "damaged-file", path: `${runName}/${path}` });
  expect(found?.message).toBe(
    "Nothing can go on from it; the results are whole. The checkpoint cannot be used: its digest is another one.",
  );
  const foreign = openStore(temporaryFolder());
  const other = readFileSync(join(publishRun(foreign, 2), path));
  expect(findingsWith(whole, { [path]: () => other })[0]?.message).toContain("its configHash is ");
});
