import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram, listProgramFiles } from "../../../src/command/program-files.ts";

function folder(...files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), "lockstep-program-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), file);
  }
  return root;
}

test("folders give their files by name, without what tools leave in them", async () => {
  const root = folder("b.py", "lib/z.py", "lib/a/x.py", "lib/__pycache__/z.pyc", "lib/.git/HEAD");
  const files = await listProgramFiles({ files: ["lib", "b.py"] }, root);
  expect(files.map(({ name }) => name)).toEqual(["lib/a/x.py", "lib/z.py", "b.py"]);
  expect(files[2]?.path).toBe(join(root, "b.py"));
  await expect(listProgramFiles({ files: ["c.py"] }, root)).rejects.toThrow(
    "c.py, one of the files of the command, does not exist.",
  );
});

test("a program is found in PATH by its name, and by its path from the working directory", () => {
  const root = folder("bin/tool", "one/tool", "script.sh");
  const find = (name: string): string =>
    findProgram(name, { workingDirectory: root, searchPath: `${join(root, "none")}::one:bin` })
      .path;
  chmodSync(join(root, "bin/tool"), 0o755);
  expect(find("tool")).toBe(join(root, "bin/tool")); // one/tool may not be executed
  expect(find("./bin/tool")).toBe(join(root, "bin/tool"));
  expect(() => find("other")).toThrow(
    'The program "other" was not found in the 3 folders of PATH.',
  );
  expect(() => find("./other")).toThrow(`was not found at ${join(root, "other")}.`);
  expect(() => find("./script.sh")).toThrow("may not be executed");
  expect(() => find("")).toThrow('The program "" was not found');
  const nowhere = { workingDirectory: join(root, "no"), searchPath: "" };
  expect(() => findProgram("tool", nowhere)).toThrow("does not exist");
});
