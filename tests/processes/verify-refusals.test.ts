/** Runs that no verdict can be given about: their files, code or data are not what they were, and that is said at once. */
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exp, publishedRuns, type Finished } from "../end-to-end/project.ts";
import { faultyProject } from "./faulty-project.ts";

const project = faultyProject(afterAll);
let run = "";

beforeAll(async () => {
  await exp(project, ["experiments/line.ts"]);
  [run = ""] = publishedRuns(project);
});

/** Verifies while one byte of a file is another, of which the file has as many as before. */
async function verifyChanged(path: string, change: (bytes: Buffer) => void): Promise<Finished> {
  const file = join(project.directory, "runs", path);
  const before = readFileSync(file);
  const bytes = Buffer.from(before);
  change(bytes);
  expect(bytes.equals(before)).toBe(false);
  writeFileSync(file, bytes);
  try {
    return await exp(project, ["verify", run]);
  } finally {
    writeFileSync(file, before);
  }
}

/** Makes another digit of the last one. */
function otherDigit(bytes: Buffer): void {
  const at = bytes.findLastIndex((byte) => byte >= 0x30 && byte <= 0x39);
  bytes[at] = bytes[at] === 0x31 ? 0x32 : 0x31;
}

test("files of equal length with other bytes are refused by name before anything is executed", async () => {
  const changed = {
    "results/metrics.json": otherDigit,
    "logs/trace.jsonl": otherDigit,
    "checkpoints/last.safetensors": (bytes: Buffer): void => {
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    },
  };
  for (const [path, change] of Object.entries(changed)) {
    const { status, stdout, stderr } = await verifyChanged(join(run, path), change);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(`The files of the run ${run} are not those that were published:`);
    expect(stderr).toContain(`${path} has other bytes than its manifest says`);
    expect(stderr).toContain("exp fsck names all that is damaged");
  }
});

test("a manifest that says another digest than the files that it lists was changed: no verdict is about that", async () => {
  for (const name of ["weightsDigest", "traceDigest", "dataHash"]) {
    const { status, stdout, stderr } = await verifyChanged(join(run, "manifest.json"), (bytes) => {
      const at = bytes.indexOf(`"${name}": "`) + name.length + 5;
      bytes[at] = bytes[at] === 0x61 ? 0x62 : 0x61; // a, b
    });
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(
      `manifest.json has a${name === "dataHash" ? " runKey" : `nother ${name} than`} `,
    );
    expect(stderr).not.toContain("diverged");
  }
});

test("missing data are told once, as data, and are no failure of the run", async () => {
  const points = join(project.directory, "points.tsv");
  renameSync(points, `${points}.away`);
  const { status, stdout, stderr } = await exp(project, ["verify", run]);
  renameSync(`${points}.away`, points);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr.match(/The data file points\.tsv/gu), stderr).toHaveLength(1);
  expect(stderr).toContain("does not exist");
  expect(stderr).toContain("Put the data back where the run read them");
});

test("damaged stored code is told as that, with exp fsck, and no plan is spoken of", async () => {
  const [codeHash = ""] = readdirSync(join(project.directory, "runs/.code"));
  const snapshots = join(".code", codeHash, "snapshots");
  const kinds = fileBelow(join(project.directory, "runs", snapshots), "kinds.ts"); // unpacked by the test before
  const { status, stderr } = await verifyChanged(
    relative(join(project.directory, "runs"), kinds),
    otherDigit,
  );
  expect(status).toBe(2);
  expect(stderr).toContain("The stored code cannot be used: tree/");
  expect(stderr).toContain("kinds.ts is not as it was stored");
  expect(stderr).toContain("exp fsck names all that is damaged");
  expect(stderr).not.toMatch(/of the plan|Plan again/u);
});

test("Ctrl-C leaves no verdict, and no run that could be finished is spoken of", async () => {
  const reached = join(project.directory, "reached");
  const { status, stdout, stderr } = await exp(project, ["verify", run], {
    environment: { FAULT: "wait", FAULT_FILE: reached },
    onStart: (child) => {
      const timer = setInterval(() => {
        if (existsSync(reached)) child.kill("SIGINT");
        if (existsSync(reached) || child.exitCode !== null) clearInterval(timer);
      }, 50);
    },
  });
  expect([status, stdout]).toEqual([75, ""]);
  expect(stderr).toContain("Stopped before there was a verdict.");
  expect(stderr).toContain("the same exp verify begins anew");
  expect(stderr).not.toContain("to finish the run");
});

/** The first file of that name below a folder, without following links: the packages of the project are one. */
function fileBelow(folder: string, name: string): string {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const found = entry.isDirectory() ? fileBelow(path, name) : entry.name === name ? path : "";
    if (found !== "") return found;
  }
  return "";
}
