import { expect, test } from "vitest";
import {
  compiledPlace,
  filePath,
  formatPlace,
  framesAbove,
  framesOf,
  hostText,
  sourcePlace,
} from "../../../src/core/stack-frames.ts";

function namesAbove(limit: number): readonly (string | null)[] {
  return framesAbove(namesAbove, limit).map((frame) => frame.getFunctionName());
}

test("the frames begin with the caller and are no more than were asked for", () => {
  function inner(limit: number): readonly (string | null)[] {
    return namesAbove(limit);
  }
  function outer(limit: number): readonly (string | null)[] {
    const names = inner(limit);
    return names;
  }
  expect(outer(2)).toEqual(["inner", "outer"]);
  expect(outer(1)).toEqual(["inner"]);
  expect(outer(20).slice(0, 2)).toEqual(["inner", "outer"]);
});

test("an error gives its frames where its stack was not read before", () => {
  function thrower(): Error {
    return new Error("unread");
  }
  expect(framesOf(thrower())?.[0]?.getFunctionName()).toBe("thrower");
  const read = thrower();
  expect(read.stack).toContain("thrower");
  expect(framesOf(read)).toBeUndefined();
});

test("the stack settings of the process stay as they were, also where reading a stack throws", () => {
  const before = Object.getOwnPropertyDescriptors(Error);
  namesAbove(3);
  framesOf(new Error("unread"));
  const unreadable = Object.defineProperty(new Error("unreadable"), "stack", {
    get: () => {
      throw new Error("no stack");
    },
  });
  expect(framesOf(unreadable)).toBeUndefined();
  expect(Object.getOwnPropertyDescriptors(Error)).toEqual(before);
});

test("a frame of a file has a place in it; native code has none", () => {
  const frames: NodeJS.CallSite[] = [];
  [0].forEach(function visit() {
    frames.push(...framesAbove(visit, 2));
  });
  expect(frames.map((frame) => frame.getFunctionName())).toEqual(["forEach", null]);
  expect(frames.map((frame) => compiledPlace(frame)?.file)).toEqual([
    undefined,
    import.meta.filename,
  ]);
  expect(frames.slice(0, 1).map(sourcePlace)).toEqual([undefined]);
});

test("the text of a place is what terminals make a link of", () => {
  expect(formatPlace({ file: "/lab/a b.ts", line: 3, column: 14 })).toBe("/lab/a b.ts:3:14");
});

test("a host that formats stacks says where a frame stands", () => {
  const [frame] = framesOf(new Error("here")) ?? [];
  expect(frame && hostText(frame)).toMatch(/stack-frames\.test\.ts:\d+:\d+/);
});

test("a URL of a file becomes its path, and any other name stays as it is", () => {
  expect(filePath("file:///lab/a%20b.ts")).toBe("/lab/a b.ts");
  expect(filePath("/lab/a%20b.ts")).toBe("/lab/a%20b.ts");
  expect(filePath("node:fs")).toBe("node:fs");
});
