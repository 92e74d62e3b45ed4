import * as oxc from "oxc-parser";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { findExperiments } from "../../../src/resolve/list-experiments.ts";
import { createProject } from "./support/project.ts";

test("experiments are found by what they export, each with its doc, and other modules are not", () => {
  const folder = createProject({
    "a.ts":
      '/** First. */\nimport { defineConfig } from "lockstep";\nexport default defineConfig({});',
    "deep/b.ts":
      'import { numeric } from "../tasks/t.ts";\nexport default numeric.extend(base, {});',
    "c.ts":
      'import { extend as grow } from "lockstep";\nconst own = grow(b, {});\nexport default own;',
    "helper.ts": "export const defineConfig = (x: object) => x;",
    "vitest.config.ts":
      'import { defineConfig } from "vitest/config";\nexport default defineConfig({});',
    "function.ts": "export default function defineConfig() {}",
    "presets/p.ts": 'import { defineConfig } from "lockstep";\nexport default defineConfig({});',
    "types.d.ts": "export default defineConfig({});",
    "broken.ts": "export default defineConfig({ ",
  });
  const found = findExperiments(oxc, folder).map(({ file, doc }) => [relative(folder, file), doc]);
  expect(found).toEqual([
    ["a.ts", "First."],
    ["c.ts", undefined],
    ["deep/b.ts", undefined],
  ]);
});
