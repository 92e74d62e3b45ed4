import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { faultyProject, verify } from "./faulty-project.ts";
import { createProject, exp, publishedRuns, repository } from "../end-to-end/project.ts";

test("a run goes through an archive into another project, and comes out there bit for bit", async () => {
  const project = faultyProject();
  await exp(project, ["experiments/line.ts"]);
  const [run = ""] = publishedRuns(project);
  const written = await exp(project, ["archive", run, "--with-data", "--to", "line.tar.gz"]);
  expect(written.stdout).toMatch(/^line\.tar\.gz: \d+ files, \d+ bytes\nSHA-256 [0-9a-f]{64}\n$/u);
  expect(written.status, written.stderr).toBe(0);

  const audit = await exp(project, ["audit", run, "--json"]);
  const failing = (text: string): readonly string[] => {
    const { items } = JSON.parse(text) as { items: { id: string; status: string }[] };
    return items.filter(({ status }) => status === "fail").map(({ id }) => id);
  };
  expect(failing(audit.stdout)).toEqual(["commit", "lock-file", "verified"]);
  expect(audit.status).toBe(1);

  const other = createProject({});
  const archive = join(project.directory, "line.tar.gz");
  const imported = await exp(other, ["import", archive]);
  expect(imported.stdout).toContain(`line: imported into runs/${run}\nnot signed\n`);
  expect(imported.status, imported.stderr).toBe(0);
  const again = await exp(other, ["import", archive, "--json"]);
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: "present", experiment: "line" });

  const wrong = await exp(other, ["import", archive, "--relocate", "points.tsv"]);
  expect(wrong.stderr).toContain('--relocate is old=new, found "points.tsv"');
  expect(wrong.status).toBe(2);

  const copied = await exp(other, ["checkout", run, "--to", "copy", "--json"]);
  const { project: place, data } = JSON.parse(copied.stdout) as { project: string; data: string[] };
  expect(data.map((path) => basename(path))).toEqual(["points.tsv"]);
  const image = readFileSync(join(other.directory, "copy/.run/Dockerfile"), "utf8");
  expect(image).toContain(`FROM node:${process.versions.node}-bookworm-slim\n`);
  expect(image).toMatch(/^RUN npm install .* zod@\d+\.\d+\.\d+$/mu);
  const copy = { ...other, directory: join(other.directory, "copy", place) };
  installLinks(copy.directory, join(other.directory, "copy"));
  const verified = await verify(copy, [run, "--runs-dir", join(other.directory, "runs")]);
  expect(verified.verdict).toMatchObject({ verdict: "bitwise", comparedSteps: 60 });
  const audited = await exp(other, ["audit", run, "--json"]);
  expect(failing(audited.stdout)).toEqual(["commit", "lock-file"]);
}, 240_000);

/** What an installation would do: packages beside the sources, and Lockstep, which is linked, from the copy itself. */
function installLinks(directory: string, copy: string): void {
  const root = foldersBelow(copy).find((folder) => existsSync(join(folder, "src/cli/exp.cjs")));
  if (root === undefined) throw new Error("the copy has no Lockstep");
  symlinkSync(join(repository, "node_modules"), join(root, "node_modules"), "dir");
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(root, join(directory, "node_modules/lockstep"), "dir");
  symlinkSync(join(repository, "node_modules/zod"), join(directory, "node_modules/zod"), "dir");
}

function foldersBelow(folder: string): readonly string[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders.flatMap(({ name }) => [join(folder, name), ...foldersBelow(join(folder, name))]);
}
