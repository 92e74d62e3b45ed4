/** Tags and notes of runs, as look-ups see them right afterwards. */
import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listRuns } from "../../../../src/app/lookups/list-runs.ts";
import { meantRuns } from "../../../../src/app/manage/meant-runs.ts";
import { noteRun, tagRuns } from "../../../../src/app/manage/tag-runs.ts";
import { madeUpRun } from "../../../bench/made-up-runs.ts";
import { createStore } from "../../store/index/stores.ts";
import { errorOf } from "../../store/helpers.ts";

const [first, second] = [madeUpRun(0).name, madeUpRun(1).name]; // the first has the tag `first` in its config

function createContext(numRuns: number) {
  const runsDirectory = createStore(numRuns);
  return { runsDirectory, workingDirectory: runsDirectory, environment: {} };
}

type Context = ReturnType<typeof createContext>;

function names(context: Context, filter: string): readonly string[] {
  return listRuns({ ...context, filter }).runs.map(({ name }) => name);
}

interface Tagging {
  readonly words: readonly string[];
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

function tag(context: Context, { words, add = [], remove = [] }: Tagging) {
  return tagRuns({ ...context, words, add, remove });
}

test("tags are added to each run that is meant and found at once, also where runs had some before", () => {
  const context = createContext(3);
  expect(tag(context, { words: [second.slice(0, 8)], add: ["paper"] })).toMatchObject([
    { tags: ["paper"] },
  ]);
  expect(names(context, 'tag = "paper"')).toEqual([second]);
  const root = join(context.runsDirectory, ".annotations");
  const past = new Date(Date.now() - 3_600_000);
  for (const name of readdirSync(root)) utimesSync(join(root, name), past, past);
  utimesSync(root, past, past);
  names(context, ""); // the index takes the folder for settled now
  tag(context, { words: [second, "seed = 0"], add: ["good"] });
  expect(names(context, "tag = good").toSorted()).toEqual([first, second].toSorted());
  expect(names(context, "tag = paper and tag = good")).toEqual([second]);
});

test("a tag of the config can be taken away and put back, and what changes nothing writes nothing", () => {
  const context = createContext(2);
  expect(tag(context, { words: [first], add: ["new"], remove: ["first"] })).toMatchObject([
    { tags: ["new"] },
  ]);
  expect(names(context, "tag = first")).toEqual([]);
  expect(names(context, "tags = null")).toEqual([second]);
  const folder = join(context.runsDirectory, ".annotations", first);
  expect(tag(context, { words: [first], add: ["new"], remove: ["first"] })).toMatchObject([
    { isChanged: false },
  ]);
  expect(readdirSync(folder)).toHaveLength(1);
  expect(tag(context, { words: [first], add: ["first"] })).toMatchObject([
    { tags: ["first", "new"] },
  ]);
  expect(names(context, "tag = first")).toEqual([first]);
});

test("notes are kept with their lines and found by their words", () => {
  const context = createContext(2);
  const [run] = meantRuns(context, [first]);
  if (run === undefined) throw new Error("the run is there");
  expect(noteRun(context, run, "\r\n overfits\r\nlater \n").text).toBe("overfits\nlater");
  expect(names(context, "note ~ OVERFITS")).toEqual([first]);
  expect(errorOf(() => noteRun(context, run, " \n ")).message).toContain("empty");
});

test("words that mean no run, and tags that are none, are refused before anything is written", () => {
  const context = createContext(2);
  const refused: readonly (readonly [readonly string[], string[], string[], string])[] = [
    [["paper"], ["x"], [], "does not name a run"],
    [["ffffffff"], ["x"], [], "begins with ffffffff"],
    [["seed = 99"], ["x"], [], "No run matches seed = 99"],
    [["sed = 0"], ["x"], [], "Did you mean seed?"],
    [[first], ["x"], ["x"], "both added and taken away"],
    [[first], [""], [], "cannot be a tag"],
    [[first], ["two\nlines"], [], "cannot be a tag"],
    [[first], ["x".repeat(101)], [], "cannot be a tag"],
  ];
  for (const [words, add, remove, message] of refused) {
    expect(errorOf(() => tag(context, { words, add, remove })).message).toContain(message);
  }
  expect(readdirSync(context.runsDirectory)).not.toContain(".annotations");
});
