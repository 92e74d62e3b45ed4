/** Runs on `native` that end before they are done, by a signal to the command or a crash of the library: both go on. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sha256 } from "../../src/core/hash.ts";
import { findInstallation } from "../../src/backend/native/installation.ts";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  tinyProject,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";

/** Long enough that it is not over when its first checkpoint is seen. */
const command = [
  "experiments/tiny.ts",
  "backend=native",
  "threads=1",
  "training.numEpochs=30",
  "checkpointing.interval=5",
];
const isInstalled = findInstallation("native", process.env) !== undefined;

describe.runIf(isInstalled)("a run on native", () => {
  test("that was stopped goes on to the bits of the unbroken one", async () => {
    const project = createProject(tinyProject);
    const whole = document(await exp(project, [...command, "--json", "--runs-dir", "whole"]));
    const stopped = await expUntilCheckpoint(project, (pid) => {
      process.kill(pid, "SIGINT");
      return pid;
    });
    expect(stopped.status).toBe(75);
    const resumed = document(await exp(project, [...command, "--json"]));
    const [expected, actual] = [whole, resumed].map(({ runs: [run] }) =>
      join(project.directory, run?.directory ?? ""),
    );
    expect(logOf(actual)).toMatch(/goes on after step [1-9]\d*, from a checkpoint of attempt 1/u);
    expect(weightsOf(actual)).toEqual(weightsOf(expected));
  });

  test("whose library crashes fails with the signal, and the same command goes on", async () => {
    const project = createProject(tinyProject);
    const crashed = await expUntilCheckpoint(project, (pid) => {
      const child = childOf(pid);
      process.kill(child, "SIGSEGV");
      return child;
    });
    expect(crashed.status).toBe(1);
    expect(crashed.stderr).toContain(
      `The process of this run (${crashed.signalled}) was ended by SIGSEGV.`,
    );
    expect(crashed.stderr).toContain("The same command goes on from the last checkpoint");
    expect(crashed.stderr).not.toContain("absl");
    const next = await exp(project, [...command, "--json"]);
    const [run] = document(next).runs;
    expect(logOf(join(project.directory, run?.directory ?? ""))).toMatch(
      /goes on after step \d*[05], from a checkpoint of attempt 1/u,
    );
    // Rows after the checkpoint are computed once more and compared.
    expect(next.stderr).not.toContain("does not repeat bit for bit");
    expect({ status: next.status, numRuns: publishedRuns(project).length }).toEqual({
      status: 0,
      numRuns: 1,
    });
    const verified = await exp(project, ["verify", run?.directory ?? ""]);
    expect(verified.stdout).toContain("bitwise equal");
    expect(verified.stderr).not.toContain("absl");
  });
});

/**
 * The command, met by `signal` once it has saved a checkpoint: not by what it shows, since progress is shown so many times a
 * second, and a short run may be over before.
 * @param signal - Given the process of the command; gives back that which it sent a signal to.
 */
async function expUntilCheckpoint(
  project: Project,
  signal: (pid: number) => number,
): Promise<Finished & { readonly signalled: number | undefined }> {
  let signalled: number | undefined;
  let look: NodeJS.Timeout | undefined;
  const finished = await exp(project, command, {
    onStart: (child) => {
      look = setInterval(() => {
        if (signalled === undefined && hasCheckpoint(project)) signalled = signal(child.pid ?? -1);
      }, 5);
    },
  });
  clearInterval(look);
  expect(signalled).toBeDefined();
  return { ...finished, signalled };
}

/** Whether an attempt has saved a numbered checkpoint. */
function hasCheckpoint({ directory }: Project): boolean {
  const attempts = join(directory, "runs/.attempts");
  if (!existsSync(attempts)) return false;
  const files = readdirSync(attempts, { recursive: true, encoding: "utf8" });
  return files.some((name) => /checkpoints.step-\d+\.safetensors$/u.test(name));
}

/** The process that another one started and that is still there. */
function childOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return Number(children.trim().split(" ").at(-1));
}

function logOf(directory = ""): string {
  return readFileSync(join(directory, "logs/train.log"), "utf8");
}

/** The digest of the last checkpoint's file. */
function weightsOf(directory = ""): string {
  return sha256(readFileSync(join(directory, "checkpoints/last.safetensors")));
}
