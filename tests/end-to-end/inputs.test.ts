import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, tinyProject } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const child = `import { env, external, extend } from "lockstep";
import tiny from "./tiny.ts";

export default extend(tiny, {
  description: external("motto", async () => "slow and steady"),
  training: { batchSize: env("BATCH_SIZE", 16) },
});
`;
const impure = child
  .replace("import { env", "import { derived, env")
  .replace(
    'external("motto", async () => "slow and steady")',
    "derived(() => String(((globalThis as any).times = ((globalThis as any).times ?? 0) + 1)))",
  );
const files = { ...tinyProject, "experiments/child.ts": child, "experiments/impure.ts": impure };

test("inputs are listed, looked up, pinned, and stored with what was read", async () => {
  const project = createProject(files);
  const refused = await exp(project, ["plan", "experiments/child.ts"]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("exp inputs update FILE motto");
  const environment = { BATCH_SIZE: "8" };
  const listed = await exp(project, ["inputs", "experiments/child.ts"], { environment });
  expect(listed.status).toBe(0);
  expect(listed.stdout).toMatch(
    /env BATCH_SIZE\s+training\.batchSize\s+8\s+environment\s+experiments\/child\.ts:6/,
  );
  expect(listed.stdout).toMatch(
    /external motto\s+description\s+not pinned: exp inputs update experiments\/child\.ts motto/,
  );
  const updated = await exp(project, ["inputs", "update", "experiments/child.ts", "--json"]);
  expect(JSON.parse(updated.stdout)).toEqual({
    updated: [{ key: "motto", change: "added", value: "slow and steady" }],
  });
  const lock = readFileSync(join(project.directory, "inputs.lock.json"), "utf8");
  const wrong = await exp(project, ["plan", "experiments/child.ts"], {
    environment: { BATCH_SIZE: "many" },
  });
  expect(wrong.stderr).toMatch(
    /experiments\/child\.ts:6:\d+\s+training\.batchSize: .*\(read from env BATCH_SIZE\) \(found "many"\)/,
  );
  project.write("inputs.lock.json", lock.replace("slow", "fast"));
  const edited = await exp(project, ["plan", "experiments/child.ts"]);
  expect(edited.status).toBe(2);
  expect(edited.stderr).toMatch(
    /experiments\/child\.ts:5:\d+\s+description: is external\("motto"\), whose entry in inputs\.lock\.json was changed by hand/,
  );
});

test("a misspelt update is told", async () => {
  const project = createProject(files);
  const told = await exp(project, ["inputs", "upate", "experiments/child.ts"]);
  expect([told.status, told.stderr]).toEqual([
    2,
    'exp inputs: "upate" is neither update nor an experiment file.\nDid you mean exp inputs update?\n',
  ]);
});

test("an experiment that is not the same twice is told with values and lines", async () => {
  const project = createProject(files);
  const pure = await exp(project, ["plan", "experiments/tiny.ts", "--twice"]);
  expect([pure.status, pure.stderr]).toEqual([0, ""]);
  const twice = await exp(project, ["plan", "experiments/impure.ts", "--twice"]);
  expect(twice.status).toBe(1);
  expect(twice.stderr).toMatch(
    /description\n\s+first\s+\d\s+experiments\/impure\.ts:5:\d+\n\s+second\s+\d\s+experiments\/impure\.ts:5:\d+\n/,
  );
});
