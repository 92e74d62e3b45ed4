/** `exp resume RUN`: the run goes on as the command line that started it would. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createProject, document, exp, tinyProject, type Project } from "../end-to-end/project.ts";

async function stopped(project: Project, args: readonly string[], at = "step "): Promise<string> {
  let isSent = false;
  const { status } = await exp(project, args, {
    onStderr: (text, child) => {
      if (isSent || !text.includes(at)) return;
      isSent = true;
      child.kill("SIGINT");
    },
  });
  expect(status).toBe(75);
  const [name = ""] = readdirSync(join(project.directory, "runs/.attempts"));
  return name;
}

test("a stopped run of a sweep goes on alone, and is finished then", async () => {
  const project = createProject(tinyProject);
  const args = ["experiments/tiny.ts", "seed=4,5", "training.numEpochs=300"];
  const name = await stopped(project, args);
  // What is stopped once more goes on too: its second attempt was started by no more than the run's name.
  expect(await stopped(project, ["resume", name], "started\n")).toBe(name);
  expect(readdirSync(join(project.directory, "runs/.attempts", name))).toEqual(["1", "2"]);
  const gone = await exp(project, ["resume", name.slice(0, 8), "--json"]);
  expect(gone.status, gone.stderr).toBe(0);
  expect(gone.stderr).toContain(
    `exp experiments/tiny.ts seed=4,5 training.numEpochs=300 --only ${name}`,
  );
  const { runs } = document(gone);
  expect(runs.map(({ runKey, status }) => [runKey.slice(0, 16), status])).toEqual([
    [name, "finished"],
  ]);
  const again = await exp(project, ["resume", name]);
  expect([again.status, again.stderr]).toEqual([0, `The run ${name} is finished: runs/${name}\n`]);
}, 240_000);

test("a run whose code or config has changed is another one, and its checkpoint is not obeyed", async () => {
  const project = createProject(tinyProject);
  const name = await stopped(project, ["experiments/tiny.ts", "training.numEpochs=300"]);
  const { "experiments/tiny.ts": text } = tinyProject;
  project.write("experiments/tiny.ts", text.replace("hiddenSize: 16", "hiddenSize: 8"));
  const refused = await exp(project, ["resume", name]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(/tiny: the run has another key than [0-9a-f]{64}\./u);
  expect(refused.stderr).toContain("Its config, code or data have changed since it was stopped");
  const unknown = await exp(project, ["resume", "0123456789"]);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toBe(
    `"0123456789" has no attempt; expected 8 or more digits.\nRuns with attempts: ${name}.\n`,
  );
}, 240_000);
