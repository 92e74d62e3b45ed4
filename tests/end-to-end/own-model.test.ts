import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownModel, ownModelProject } from "./own-model-project.ts";
import { createProject, document, exp, repository } from "./project.ts";

test("a model of one's own trains in a project of one's own, in 30 lines", async () => {
  expect(ownModel.trimEnd().split("\n").length).toBeLessThanOrEqual(30);
  const project = createProject(ownModelProject);
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  const finished = await exp(project, ["experiments/words.ts", "--json"]);
  expect(finished.stderr).toContain("words: 1 run");
  expect(finished.status).toBe(0);
  expect(document(finished).runs[0]?.metrics["test.accuracy"]).toBeGreaterThan(0.9);
  const wrong = await exp(project, ["experiments/words.ts", "model.numWords=0"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain("model.numWords");
});
