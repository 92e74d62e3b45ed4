import { join } from "node:path";
import { expect, test } from "vitest";
import { projectLocation } from "../../../src/resolve/locations.ts";
import { base, configOf, projectDirectory, smallTask } from "./support/small-task.ts";

const { extend } = smallTask;
// This test is the module that writes; it lies one folder above the project of these tests.

test("in code a location is relative to the folder of the module that writes it", () => {
  expect(configOf(extend(base, { data: { path: "corpus" } })).data.path).toBe("../corpus");
  expect(configOf(extend(base, { data: { path: "./support/a/b" } })).data.path).toBe("a/b");
});

test("on the command line it is relative to the working directory", () => {
  expect(configOf(base, ["data.path=corpus"]).data.path).toBe("work/corpus");
  expect(configOf(base, ["data.path=.."]).data.path).toBe(".");
});

test("an absolute location becomes relative to the project", () => {
  const path = join(projectDirectory, "x", "y.tsv");
  expect(configOf(extend(base, { data: { path } })).data.path).toBe("x/y.tsv");
});

test("a location inside of another stays as written while the other is set", () => {
  const inside = extend(base, { data: { train: "train.tsv" } });
  expect(configOf(inside).data.train).toBe("../train.tsv");
  expect(configOf(inside, ["data.path=corpus"]).data).toEqual({
    path: "work/corpus",
    train: "train.tsv",
  });
});

test("axes over locations are relative in the same way", () => {
  expect(configOf(base, ["data.path=choice(a)"]).data.path).toBe("work/a");
});

test("places in a project have forward slashes", () => {
  expect(projectLocation(join(projectDirectory, "a", "b"), projectDirectory)).toBe("a/b");
  expect(projectLocation(projectDirectory, projectDirectory)).toBe(".");
});
