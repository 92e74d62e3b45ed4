/** Stored code in a project whose packages are not there. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FrozenPlan } from "../../../src/app/frozen-plan.ts";
import { openSnapshot } from "../../../src/app/open-snapshot.ts";
import { temporaryFolder } from "../store/helpers.ts";

test("where the project's packages are not installed, installing them is what is asked for", async () => {
  const projectDirectory = temporaryFolder();
  mkdirSync(join(projectDirectory, "node_modules"));
  const tree = join(projectDirectory, "runs/.code/c/snapshots/s/tree");
  mkdirSync(join(tree, "experiments"), { recursive: true });
  writeFileSync(join(tree, "experiments/x.ts"), "export default 1;\n");
  const facts = {
    project: ".",
    file: "experiments/x.ts",
    code: ["experiments/x.ts"],
    packages: ["node_modules"],
    lockstep: null,
  };
  const plan = {
    code: { codeHash: "c", snapshot: "s", lockstep: { version: "0.1.0", integrity: null } },
    store: { readSnapshot: () => ({ tree, facts }) },
    projectDirectory,
  };
  await expect(openSnapshot(plan as object as FrozenPlan)).rejects.toMatchObject({
    code: "module",
    message: `Lockstep is not installed in ${projectDirectory}.`,
    hint: expect.stringContaining("install the dependencies of the project") as string,
  });
});
