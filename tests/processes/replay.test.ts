import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultyProject } from "./faulty-project.ts";
import { exp, publishedRuns } from "../end-to-end/project.ts";

const project = faultyProject(afterAll);
const file = "experiments/line.ts";
const source = readFileSync(join(project.directory, file), "utf8");
let run = "";

beforeAll(async () => {
  project.write("package-lock.json", "{}\n");
  await exp(project, [file]);
  [run = ""] = publishedRuns(project);
});

test("a finished run is executed again by --force and by replay, and what does not repeat is kept aside", async () => {
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
  expect(other.status, other.stderr).toBe(1);
  expect(kinds()).toContain("conflict");
  expect(existsSync(join(project.directory, "runs/.conflicts", run))).toBe(true);
});

test("checkout writes what a run was made from, and nothing over what is there", async () => {
  project.write("experiments/line.ts", "changed since\n");
  const written = await exp(project, ["checkout", run, "--to", "copy", "--json"]);
  const { file: module, records } = JSON.parse(written.stdout) as {
    file: string;
    records: string[];
  };
  const copy = join(project.directory, "copy");
  expect(readFileSync(join(copy, module), "utf8")).toBe(source);
  expect(existsSync(join(copy, module, "../../package-lock.json"))).toBe(true);
  expect(records).toContain(".run/config.json");
  for (const record of records) expect(existsSync(join(copy, record))).toBe(true);
  const again = await exp(project, ["checkout", run, "--to", "copy"]);
  expect(again.stderr).toContain("is not empty");
  expect(again.status).toBe(2);
});
