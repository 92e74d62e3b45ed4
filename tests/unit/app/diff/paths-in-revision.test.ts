import { expect, test } from "vitest";
import { notInTree, pathsInRevision } from "../../../../src/app/diff/source-sides.ts";

const places = {
  repository: "/repository",
  project: "/repository/my project",
  workingDirectory: "/repository/my project/experiments",
};

test("a path of a revision counts from the working directory, the repository's top, or the project's folder", () => {
  expect(pathsInRevision("experiments/x.ts", places)).toEqual([
    "my project/experiments/experiments/x.ts",
    "experiments/x.ts",
    "my project/experiments/x.ts",
  ]);
  expect(pathsInRevision("my project/experiments/x.ts", places)).toContain(
    "my project/experiments/x.ts",
  );
  expect(pathsInRevision("./x.ts", places)[0]).toBe("my project/experiments/x.ts");
});

test("nothing outside the repository is looked for, and no place twice", () => {
  expect(pathsInRevision("../../../etc/passwd", places)).toEqual([]);
  const top = { repository: "/r", project: "/r", workingDirectory: "/r" };
  expect(pathsInRevision("experiments/x.ts", top)).toEqual(["experiments/x.ts"]);
});

test("what is not there is told with its tree", () => {
  expect(notInTree({ kind: "revision", name: "main" }, "x.ts").message).toBe(
    "main:x.ts is not there: the revision has no module x.ts.",
  );
  expect(notInTree({ kind: "working tree" }, "x.ts").message).toContain("the working tree has no");
});
