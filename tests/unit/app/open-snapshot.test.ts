/** Stored code in a project whose packages are not there. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { FrozenPlan } from "../../../src/app/frozen-plan.ts";
import { openSnapshot } from "../../../src/app/open-snapshot.ts";
import { temporaryFolder } from "../store/helpers.ts";

/** A plan whose stored code lies in `tree`. */
function planOf(projectDirectory: string, tree: string, facts: object): FrozenPlan {
  const plan: object = {
    code: { codeHash: "c", snapshot: "s", lockstep: { version: "0.1.0", integrity: null } },
    store: { readSnapshot: () => ({ tree, facts }) },
    projectDirectory,
  };
  return plan as FrozenPlan; // what opening a snapshot looks at
}

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
  await expect(openSnapshot(planOf(projectDirectory, tree, facts))).rejects.toMatchObject({
    code: "module",
    message: `Lockstep is not installed in ${projectDirectory}.`,
    hint: expect.stringContaining(
      `install the dependencies of the project. Packages are looked for in ${projectDirectory}: start`,
    ) as string,
  });
});

test("so it is where the stored code needs another package, with the folder where it is looked for", async () => {
  const projectDirectory = temporaryFolder();
  const tree = join(projectDirectory, "tree");
  const lockstep = join(tree, "node_modules/lockstep");
  mkdirSync(lockstep, { recursive: true });
  writeFileSync(join(tree, "x.ts"), 'import "no-such-package";\n');
  const facts = { project: ".", file: "x.ts", code: ["x.ts"], packages: [], lockstep: "." };
  writeFileSync(join(lockstep, "package.json"), '{"name":"lockstep","version":"0.1.0"}');
  await expect(openSnapshot(planOf(projectDirectory, tree, facts))).rejects.toMatchObject({
    code: "module",
    message: expect.stringContaining("no-such-package") as string,
    hint: expect.stringContaining(`looked for in ${projectDirectory}: start`) as string,
  });
});
