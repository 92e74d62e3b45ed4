import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/config/define-task.ts";
import { field } from "../../../src/core/marks.ts";
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

test("where a run may be named, its name is left as it is, and a file that looks like one is told apart", () => {
  const schema = z.strictObject({
    checkpoint: z.string().meta(field({ mark: "location", location: { orRun: true } })),
  });
  const task = defineTask({ name: "user", schema, run: async () => {} });
  const checkpointOf = (checkpoint: string): unknown =>
    configOf(task.defineConfig({ checkpoint: "x" }), [`checkpoint=${checkpoint}`])[
      "checkpoint" as never
    ];
  expect(checkpointOf("95bcb82c")).toBe("95bcb82c");
  expect(checkpointOf("12345678")).toBe("12345678");
  expect(checkpointOf("95bcb82")).toBe("work/95bcb82");
  expect(checkpointOf("../95bcb82c")).toBe("./95bcb82c");
  expect(checkpointOf("runs/95bcb82c01234567")).toBe("work/runs/95bcb82c01234567");
});

test("places in a project have forward slashes", () => {
  expect(projectLocation(join(projectDirectory, "a", "b"), projectDirectory)).toBe("a/b");
  expect(projectLocation(projectDirectory, projectDirectory)).toBe(".");
});
