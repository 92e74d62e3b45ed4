import { expect, test } from "vitest";
import type { FoundRun } from "../../../../src/app/import-foreign/found-runs.ts";
import { withoutSecrets } from "../../../../src/app/import-foreign/foreign-secrets.ts";

const plain: FoundRun = {
  id: "a",
  name: "first",
  experiment: "bert",
  tags: ["team=a b", "baseline"],
  config: { lr: 0.1 },
  rows: [],
  results: new Map(),
};

test("secrets in tags, name and experiment are masked like those of the config", () => {
  const github = `ghp_${"a1".repeat(12)}`;
  const secret = {
    ...plain,
    name: `with ${github}`,
    experiment: "sync https://me:hunter2@host/x",
    tags: ["team=a b", "db_password=hunter2", `by ${github}`],
    config: { apiKey: "hunter2" },
  };
  const { runs, warnings } = withoutSecrets({ runs: [secret, plain], warnings: [] });
  expect(JSON.stringify(runs)).not.toMatch(/hunter2|ghp_/u);
  expect(runs[0]).toMatchObject({
    name: "with [redacted]",
    tags: ["team=a b", "db_password=[redacted]", "by [redacted]"],
  });
  expect(runs[1]).toEqual(plain);
  expect(warnings).toEqual([expect.stringMatching(/^apiKey, experiment, tags, name: the values/u)]);
});

test("runs without secrets are as they were", () => {
  expect(withoutSecrets({ runs: [plain], warnings: ["a"] })).toEqual({
    runs: [plain],
    warnings: ["a"],
  });
});
