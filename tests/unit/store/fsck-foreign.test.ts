/** What was put into a store and is not its own is named, left alone, and no repair claims what it could not do. */
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore, type Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "./helpers.ts";
import { publishRun, sampleKey, sampleCodeHash } from "./sample-run.ts";

const runName = sampleKey(1).slice(0, 16);
const code = sampleCodeHash;

/** A store with one run and its code, nothing wrong with it. */
function sample(): { readonly store: Store; readonly at: (path: string) => string } {
  const store = openStore(temporaryFolder());
  store.saveCode(code, { bundle: "b", packages: [], files: [], sources: [] });
  publishRun(store);
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  return { store, at: (path) => join(store.directory, path) };
}

function told(store: Store, isRepairing = false): readonly string[] {
  const { findings } = store.check({ isRepairing });
  return findings.map(({ severity, code: what, path }) => `${severity} ${what} ${path}`);
}

test("names that the store never gives are told, beside and in its folders, and stay", () => {
  const { store, at } = sample();
  mkdirSync(at("..evil"));
  mkdirSync(at(".annotations"), { recursive: true });
  symlinkSync("/etc/passwd", at(`.annotations/${runName}.json`));
  mkdirSync(at(".conflicts/mine"), { recursive: true });
  writeFileSync(at(".code/notes.txt"), "");
  writeFileSync(at(".gitignore"), "*");
  mkdirSync(at(".code/.new-1"));
  const expected = [
    "note foreign ..evil",
    "note foreign .conflicts/mine",
    `note foreign .annotations/${runName}.json`,
    "note foreign .code/notes.txt",
  ];
  expect(told(store, true)).toEqual(expected);
  expect(told(store)).toEqual(expected);
  const { findings } = store.check({ isRepairing: false });
  expect(findings[2]?.message).toBe(
    "A link that is nothing of the store's; it was not followed, and left alone.",
  );
});

test("a trash that is a link is told, and a repair that fails for it is no repair", () => {
  const { store, at } = sample();
  const elsewhere = temporaryFolder();
  symlinkSync(elsewhere, at(".trash"));
  writeFileSync(at(`${runName}/results/better.json`), "{}");
  const { findings } = store.check({ isRepairing: true });
  expect(findings.map(({ code: what, repair, isRepaired }) => [what, repair, isRepaired])).toEqual([
    ["not-a-folder", undefined, false],
    ["damaged-run", undefined, false],
  ]);
  expect(findings[1]?.message).toMatch(/It could not be repaired: .*\.trash is a link or a file/u);
  expect(existsSync(at(`${runName}/results/better.json`))).toBe(true);
  rmSync(at(".trash"));
  expect(told(store, true)).toEqual([`error damaged-run ${runName}`]);
  expect(told(store)).toEqual([]);
});

test("links in the place of what is made anew are moved away", () => {
  const { store, at } = sample();
  const elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, "mine"), "mine");
  for (const name of [".cache", ".index"]) symlinkSync(elsewhere, at(name));
  expect(told(store, true)).toEqual(["error not-a-folder .cache", "error not-a-folder .index"]);
  expect(told(store)).toEqual([]);
  expect(readFileSync(join(elsewhere, "mine"), "utf8")).toBe("mine");
});

test("a file beside the results that is gone is not told as one with other bytes", () => {
  const { store, at } = sample();
  rmSync(at(`${runName}/config.json`));
  expect(store.check({ isRepairing: false }).findings).toMatchObject([
    {
      code: "damaged-file",
      path: `${runName}/config.json`,
      message: "It is gone; the results are whole.",
    },
  ]);
});
