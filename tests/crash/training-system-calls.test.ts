/**
 * A real training that is killed, or told of a fault, at system calls spread over its whole run, the publishing among
 * them: nothing half-done is shown, the command says what failed, and the same command again comes to the same manifest.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import {
  createProject,
  exp,
  repository,
  tinyExperiment,
  tinyProject,
} from "../end-to-end/project.ts";
import type { Project } from "../end-to-end/project.ts";
import {
  callsBelow,
  faults,
  mayBeKilled,
  needStrace,
  placesOf,
  runWithFault,
  type Fault,
  type Outcome,
  type Place,
} from "./system-calls.ts";
import { crashFolder } from "./writers.ts";

/** Of each fault. */
const numPlaces = process.env["CRASH"] === "full" ? 40 : 2;

const experiment = tinyExperiment
  .replace("numEpochs: 4, batchSize: 16", "numEpochs: 1, batchSize: 16")
  .replace(
    "hiddenSize: 16, numHeads: 2, feedForwardSize: 32",
    "hiddenSize: 8, numHeads: 2, feedForwardSize: 8",
  );
const command = ["experiments/tiny.ts", "checkpointing.interval=3", "--json", "--runs-dir"];

function traced(project: Project, runs: string) {
  const args = [join(repository, "src/cli/exp.cjs"), ...command, runs];
  return { args, cwd: project.directory, scratch: crashFolder() };
}

/** The manifest of the one run of a store, and what is wrong in it. */
function resultIn(runs: string): { readonly manifest: string; readonly wrong: readonly string[] } {
  const store = openStore(runs);
  const { runs: published, damaged } = store.listPublished();
  const errors = store.check({ isRepairing: false }).findings;
  return {
    manifest: published
      .map(({ directory }) => readFileSync(join(directory, "manifest.json"), "utf8"))
      .join(),
    wrong: [
      ...damaged.map(({ directory, reason }) => `${directory}: ${reason}`),
      ...errors.flatMap(({ severity, path, message }) =>
        severity === "error" ? [`${path}: ${message}`] : [],
      ),
    ],
  };
}

test.for(faults)(
  `$name at ${numPlaces} system calls of a training breaks no promise`,
  { timeout: 7_200_000 },
  async (fault, { skip }) => {
    needStrace(skip);
    const project = createProject({ ...tinyProject, "experiments/tiny.ts": experiment });
    const whole = join(crashFolder(), "runs");
    const all = placesOf(fault, callsBelow(traced(project, whole), whole), 1);
    const expected = resultIn(whole).manifest;
    expect(expected).toContain("best.safetensors");
    const stride = all.length / numPlaces;
    // From the last call back: the publishing is always among them.
    const places = Array.from(
      { length: numPlaces },
      (_, index) => all.at(-1 - Math.floor(index * stride)) as Place, // fewer than there are
    );
    const found: { readonly place: Place; readonly problems: readonly string[] }[] = [];
    for (const place of places) {
      const problems = await tryAt(project, { fault, place, expected });
      if (problems.length > 0) found.push({ place, problems });
    }
    expect(found).toEqual([]);
    console.log(`${fault.name}: ${places.length} of ${all.length} places, 0 violations`);
  },
);

async function tryAt(
  project: Project,
  { fault, place, expected }: { fault: Fault; place: Place; expected: string },
): Promise<readonly string[]> {
  const runs = join(crashFolder(), "runs");
  const outcome = await runWithFault(traced(project, runs), fault, place);
  const cut = resultIn(runs);
  const problems = [...wrongEnd({ fault, runs }, outcome), ...cut.wrong];
  if (cut.manifest !== "" && cut.manifest !== expected) problems.push("another result is shown");
  if (outcome.status === 0 && cut.manifest === "") problems.push("it said that it had finished");
  const again = await exp(project, [...command, runs]);
  if (again.status !== 0) problems.push(`it cannot be run again: ${again.stderr}`);
  const after = resultIn(runs);
  if (after.manifest !== expected) problems.push("it came to another result");
  return [...problems, ...after.wrong];
}

/**
 * A fault that costs nothing (a heartbeat, a folder that is there) may pass unnoticed. Not every call comes at the same place
 * each time: one that meets a source file instead ends the run with what the loader says of it, and never as a bug of ours.
 */
function wrongEnd(
  { fault, runs }: { readonly fault: Fault; readonly runs: string },
  outcome: Outcome,
): readonly string[] {
  const { status, stderr, isHanging, struck } = outcome;
  if (isHanging) return ["it did not end"];
  if (status === 0) return [];
  if (status === null || status === 137) {
    return mayBeKilled(fault, outcome) ? [] : ["it was killed"];
  }
  const isElsewhere = struck.length > 0 && !struck.some((call) => call.includes(runs));
  if (isElsewhere && status !== 70) return [];
  return fault.says.source !== "^$" && fault.says.test(stderr)
    ? []
    : [`it ended with ${status}: ${stderr}`];
}
