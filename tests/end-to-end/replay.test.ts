import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { faultyProject } from "./faulty-project.ts";
import { exp, publishedRuns } from "./project.ts";

test("a finished run is executed again by --force and by replay, and what does not repeat is kept aside", async () => {
  const project = faultyProject();
  const file = "experiments/line.ts";
  await exp(project, [file]);
  const [run = ""] = publishedRuns(project);
  const kinds = (): readonly string[] =>
    readdirSync(join(project.directory, "runs/.annotations", run)).map(
      (name) => name.split("-")[1] ?? "",
    );

  const forced = await exp(project, [file, "--force"]);
  expect(forced.status, forced.stderr).toBe(0);
  expect(kinds()).toEqual(["duplicate"]);

  project.write("kinds.ts", "throw new Error('the working tree is not what runs');\n");
  const replayed = await exp(project, ["replay", run]);
  expect(replayed.status, replayed.stderr).toBe(0);
  expect(kinds()).toEqual(["duplicate", "duplicate"]);

  const other = await exp(project, ["replay", run], { environment: { FAULT: "kernel" } });
  expect(other.status).not.toBe(0);
  expect(kinds()).toContain("conflict");
  expect(existsSync(join(project.directory, "runs/.conflicts", run))).toBe(true);
}, 240_000);

test("checkout writes what a run was made from, and nothing over what is there", async () => {
  const project = faultyProject();
  project.write("package-lock.json", "{}\n");
  await exp(project, ["experiments/line.ts"]);
  const [run = ""] = publishedRuns(project);
  const source = readFileSync(join(project.directory, "experiments/line.ts"), "utf8");
  project.write("experiments/line.ts", "changed since\n");
  const written = await exp(project, ["checkout", run, "--to", "copy", "--json"]);
  const { file, records } = JSON.parse(written.stdout) as { file: string; records: string[] };
  const copy = join(project.directory, "copy");
  expect(readFileSync(join(copy, file), "utf8")).toBe(source);
  expect(existsSync(join(copy, file, "../../package-lock.json"))).toBe(true);
  expect(records).toContain(".run/config.json");
  for (const record of records) expect(existsSync(join(copy, record))).toBe(true);
  const again = await exp(project, ["checkout", run, "--to", "copy"]);
  expect(again.stderr).toContain("is not empty");
  expect(again.status).toBe(2);
}, 240_000);
