/** No byte of a published run can become another without being told: its results, its record, and what lies beside them. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeHashOf } from "../../../src/core/code-hash.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { isCodeOf } from "../../../src/store/code-digest.ts";
import type { Finding } from "../../../src/store/fsck-findings.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { publishRun, sampleKey, sampleCodeHash } from "./sample-run.ts";

const runName = sampleKey(1).slice(0, 16);

/** A run with its code in a store, nothing wrong with it. */
function sample(): { readonly store: Store; readonly folder: string } {
  const store = openStore(temporaryFolder(), {
    process: { ...currentProcess(), processStart: "0" },
  });
  store.saveCode(sampleCodeHash, { bundle: "b", packages: [], files: [], sources: [] });
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

test("code that does not come to the hash that names it is told, and its folder is left", () => {
  const { store } = sample();
  const folder = join(store.directory, ".code", sampleCodeHash);
  for (const [name, text] of [
    ["bundle.js", "c"],
    ["packages.json", JSON.stringify([{ name: "zod", version: "4", integrity: "sha512-a" }])],
  ] as const) {
    const before = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), text);
    expect(store.check({ isRepairing: true }).findings, name).toMatchObject([
      {
        severity: "error",
        code: "damaged-code",
        path: `.code/${sampleCodeHash}`,
        isRepaired: false,
      },
    ]);
    writeFileSync(join(folder, name), before);
  }
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
});

test("a program of several entries comes to its hash wherever they meet", () => {
  const entries = ["one\n\ntwo\n", "three\n", "\nfour"];
  const packages = [{ name: "zod", version: "4", integrity: "sha512-a" }];
  const codeHash = codeHashOf(
    entries.map((text) => sha256(text)),
    packages,
  );
  const bundle = entries.join("\n");
  expect(isCodeOf(codeHash, { bundle, packages })).toBe(true);
  expect(isCodeOf(codeHash, { bundle: bundle.replace("two", "2"), packages })).toBe(false);
  expect(isCodeOf(codeHash, { bundle, packages: [] })).toBe(false);
  const open = "\n".repeat(40); // too many places where entries could meet
  expect(isCodeOf(codeHash, { bundle: open, packages })).toBe(true);
});

test("what was put beside the files of a run is told, and left; a task's own folder is its own", () => {
  const { store, folder } = sample();
  mkdirSync(join(folder, "files"));
  const added = ["notes.md", "checkpoints/mine.safetensors", "logs/extra.jsonl"];
  for (const path of [...added, "files/kept.txt"]) writeFileSync(join(folder, path), "x");
  const { findings } = store.check({ isRepairing: true });
  expect(findings.map(({ severity, code, path }) => [severity, code, path])).toEqual(
    added.toSorted().map((path) => ["note", "added", `${runName}/${path}`]),
  );
  for (const path of added) expect(readFileSync(join(folder, path), "utf8")).toBe("x");
});
