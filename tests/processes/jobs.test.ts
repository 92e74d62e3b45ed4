/** Several runs at once, in processes of their own: the same bytes, whatever the number, and no process left behind. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  repository,
  tinyProject,
  type Project,
} from "../end-to-end/project.ts";

/** Factor 2 kills its own process; from 3 on a run takes long and minds signals, from 4 on it does not mind them. */
const task = `import { defineTask } from "lockstep";
import { z } from "zod";

export const numeric = defineTask({
  name: "numeric",
  schema: z.strictObject({ factor: z.number() }),
  run: async function* ({ config, signal }) {
    console.log("threads", process.env.LOCKSTEP_THREADS, process.execArgv.join(" "));
    yield { kind: "ready", numSteps: 1000, numParameters: 0, facts: {} };
    if (config.factor === 2) process.kill(process.pid, "SIGKILL");
    for (let step = 1; config.factor >= 3 && step <= 1000; step += 1) {
      yield { kind: "progress", phase: "training", step, numSteps: 1000, epoch: 0, loss: 1 };
      await new Promise((resolve) => setTimeout(resolve, 50));
      if (config.factor < 4) signal.throwIfAborted();
    }
    yield { kind: "result", step: 1, metrics: { value: config.factor, odd: NaN }, details: {} };
  },
});
`;

function taskProject(factors: string): Project {
  const project = createProject({
    "experiments/numeric.ts": `import { choice } from "lockstep";
import { numeric } from "../tasks/numeric.ts";

export default numeric.defineConfig({ factor: choice(${factors}) });
`,
    "tasks/numeric.ts": task,
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  return project;
}

function manifests(project: Project, folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(join(project.directory, folder)).filter((name) =>
    /^[0-9a-f]{16}$/u.test(name),
  );
  const read = (name: string): string =>
    readFileSync(join(project.directory, folder, name, "manifest.json"), "utf8");
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

/** Processes of workers, from the records of their attempts. */
function workerPids(project: Project): readonly number[] {
  const attempts = join(project.directory, "runs/.attempts");
  return readdirSync(attempts, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("attempt.json"))
    .map((path) => (JSON.parse(readFileSync(join(attempts, path), "utf8")) as { pid: number }).pid);
}

async function waitUntil(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    if (tries > 600) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Running, not a process that only waits to be collected. */
function isAlive(pid: number): boolean {
  try {
    return !/\) [ZX] /u.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

test("one worker and three give the same manifests, byte for byte, and so does no worker", async () => {
  const project = createProject(tinyProject);
  const sweep = ["experiments/tiny.ts", "seed=1,2,3", "training.numEpochs=1", "--json"];
  const [none, one, three] = [
    await exp(project, [...sweep, "--runs-dir", "none"]),
    await exp(project, [...sweep, "--runs-dir", "one", "--jobs", "1"]),
    await exp(project, [...sweep, "--runs-dir", "three", "-j", "3"]),
  ];
  expect([none.status, one.status, three.status], three.stderr).toEqual([0, 0, 0]);
  const facts = (finished: typeof none): unknown =>
    document(finished).runs.map((run) => ({ ...run, directory: "" }));
  expect(facts(one)).toEqual(facts(none));
  expect(facts(three)).toEqual(facts(none));
  const expected = manifests(project, "none");
  expect(Object.keys(expected)).toHaveLength(3);
  expect(manifests(project, "one")).toEqual(expected);
  expect(manifests(project, "three")).toEqual(expected);
  const [name = ""] = Object.keys(expected);
  const read = (folder: string, file: string): string =>
    readFileSync(join(project.directory, folder, name, file), "utf8");
  expect(read("three", "provenance.json")).toBe(read("none", "provenance.json"));
  expect(JSON.parse(read("three", "environment.json"))).toMatchObject({
    variables: { LOCKSTEP_THREADS: "1" },
  });
});

test("a worker that is killed is one failed run; the others go on in another", async () => {
  const project = taskProject("0.5, 2, 1, 1.5");
  const finished = await exp(project, ["experiments/numeric.ts", "--jobs", "9", "--json"]);
  expect(finished.status).toBe(1);
  const { runs } = document(finished);
  expect(runs.map(({ status }) => status)).toEqual(["finished", "failed", "finished", "finished"]);
  expect(runs[0]?.metrics).toEqual({ value: 0.5, odd: "NaN" });
  expect(runs[1]?.error?.message).toMatch(
    /^The process of this run \(\d+\) was ended by SIGKILL\./u,
  );
  expect(existsSync(join(project.directory, runs[1]?.directory ?? "", "attempt.json"))).toBe(true);
  expect(finished.stderr).toMatch(/\[1\/4\] threads 1 .*--max-old-space-size=\d+/u);
  const stopped = await exp(project, [
    "experiments/numeric.ts",
    "factor=2,7,8",
    "-j1",
    "--on-error",
    "stop",
    "--json",
  ]);
  expect(document(stopped).runs.map(({ status }) => status)).toEqual([
    "failed",
    "planned",
    "planned",
  ]);
});

test("the first Ctrl-C stops all in good order, the second at once; nothing stays behind", async () => {
  const project = taskProject("3, 3.5");
  const interrupt = (times: number) => {
    let numSent = 0;
    return (text: string, child: { kill(signal: NodeJS.Signals): boolean }): void => {
      const numStarted = text.split("started\n").length - 1;
      if (numStarted === 2 && numSent === 0) numSent += Number(child.kill("SIGINT"));
      if (!text.includes("Once more") || numSent !== 1) return;
      numSent += 1;
      child.kill("SIGINT"); // an echo of the first
      if (times === 2) setTimeout(() => child.kill("SIGINT"), 300);
    };
  };
  const sweep = ["experiments/numeric.ts", "--jobs", "2", "--json"];
  const once = await exp(project, [...sweep, "factor=3,3.5"], { onStderr: interrupt(1) });
  expect(once.status).toBe(75);
  const both = await exp(project, [...sweep, "factor=3,4"], { onStderr: interrupt(2) });
  expect(both.status).toBe(130);
  const pids = workerPids(project);
  expect(pids.length).toBeGreaterThan(2);
  await waitUntil(() => !pids.some(isAlive));
  expect(publishedRuns(project)).toEqual([]);
});

test("workers of a parent that is killed end by themselves", async () => {
  const project = taskProject("3, 4");
  const killed = await exp(project, ["experiments/numeric.ts", "--jobs", "2"], {
    onStderr: (text, child) => {
      if (text.split("started\n").length === 3) child.kill("SIGKILL");
    },
  });
  expect(killed.status).toBe(null);
  const pids = workerPids(project);
  expect(pids).toHaveLength(2);
  await waitUntil(() => !pids.some(isAlive));
});

test("a number of jobs that is none is refused before anything is planned", async () => {
  const project = taskProject("1, 2");
  const refused = await exp(project, ["experiments/numeric.ts", "--jobs", "0"]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('--jobs is a whole number from 1 to 1000, found "0"');
});
