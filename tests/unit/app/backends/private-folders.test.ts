import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makePrivate, removeAbandoned } from "../../../../src/app/backends/private-folders.ts";

function createParent(): string {
  const parent = mkdtempSync(join(tmpdir(), "lockstep-private-"));
  onTestFinished(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

/** A folder as another process would have made it, by what its name says. */
function made(parent: string, change: (name: string) => string): string {
  const own = makePrivate(parent);
  const name = change(basename(own));
  renameSync(own, join(parent, name));
  return name;
}

test("what a process left that is gone is removed, and what a living one makes is not", () => {
  const parent = createParent();
  const own = basename(makePrivate(parent));
  made(parent, (name) => name.replace(/-\d+-(\d+)-/u, "-999999999-$1-"));
  made(parent, (name) => name.replace(/-(\d+)-\d+-/u, "-$1-1-")); // its number was given out again
  mkdirSync(join(parent, "tensorflow-2.21.0-x64-1a2b3c4d"));
  removeAbandoned(parent);
  expect(readdirSync(parent).toSorted()).toEqual([own, "tensorflow-2.21.0-x64-1a2b3c4d"]);
});

test("what a process of another container makes is left for a day", () => {
  const parent = createParent();
  const other = made(parent, (name) =>
    name.replace(/^\.building-[0-9a-f]+-\d+/u, ".building-0123456789ab-7"),
  );
  mkdirSync(join(parent, ".building-7-x")); // as versions of before named them
  removeAbandoned(parent);
  expect(readdirSync(parent).toSorted()).toEqual([other, ".building-7-x"].toSorted());
  const hours = (number: number): Date => new Date(Date.now() - number * 3_600_000);
  utimesSync(join(parent, other), hours(23), hours(23));
  utimesSync(join(parent, ".building-7-x"), hours(25), hours(25));
  removeAbandoned(parent);
  expect(readdirSync(parent)).toEqual([other]);
});

test("what cannot be removed keeps nobody from installing, and the rest is removed", () => {
  const parent = createParent();
  for (const pid of [999_999_998, 999_999_999])
    made(parent, (name) => name.replace(/-\d+-(\d+)-/u, `-${pid}-$1-`));
  const removed: string[] = [];
  const remove = (path: string): void => {
    if (path.includes("999999998")) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
    removed.push(path);
  };
  removeAbandoned(parent, { remove });
  expect(removed).toHaveLength(1);
});
