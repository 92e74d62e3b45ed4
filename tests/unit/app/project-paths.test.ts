/** How documents of a run name places: without the folders of the machine that made it. */
import { expect, test } from "vitest";
import { placeText, runsFolderText } from "../../../src/app/project-paths.ts";

const projectDirectory = "/home/me/project";

test.each([
  ["/home/me/project/runs", "runs"],
  ["/home/me/project/made/here", "made/here"],
  ["/home/me/project/..runs", "..runs"],
  ["/home/me/project", "."],
  ["/data/my runs", "runs"],
  ["/home/me/other", "runs"],
])("the runs in %s are %s in the commands of a document", (runsDirectory, text) => {
  expect(runsFolderText({ projectDirectory, runsDirectory })).toBe(text);
});

test("a model of another run is named among the runs, wherever they lie", () => {
  const elsewhere = { projectDirectory, runsDirectory: "/data/my runs" };
  expect(placeText(elsewhere, "/data/my runs/0123456789abcdef")).toBe("runs/0123456789abcdef");
  expect(placeText(elsewhere, "/home/me/project/a.safetensors")).toBe("a.safetensors");
  expect(placeText(elsewhere, "/models/a.safetensors")).toBe("/models/a.safetensors");
});
