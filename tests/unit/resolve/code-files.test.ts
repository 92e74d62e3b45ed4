import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { codeFiles } from "../../../src/resolve/code-files.ts";
import { createProject } from "./support/project.ts";

test("files have names without the machine's folders; one that is not there has none", () => {
  const folder = realpathSync(createProject({ "tasks/t.ts": "1;\n" }));
  const files = [join(folder, "tasks/t.ts"), join(folder, "gone.ts")];
  expect(codeFiles(files, folder)).toEqual([{ path: "tasks/t.ts", text: "1;\n" }]);
});

test("a file that cannot be read is told by its name, and is no bug of Lockstep", () => {
  const folder = realpathSync(createProject({}));
  const path = join(folder, "t.ts");
  mkdirSync(path); // reading it fails as on a broken disk
  expect(() => codeFiles([path], folder)).toThrow(
    expect.objectContaining({
      code: "environment",
      message: `${path} cannot be read (EISDIR), and belongs to the code.`,
    }),
  );
});
