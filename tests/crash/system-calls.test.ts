/** A writer that is killed, or told of a fault, at one system call after the other: no promise breaks. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
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
import { bundleWriter, crashFolder, promisesIn, wrongIn } from "./writers.ts";
import { finishRun, type Promised } from "./workload.ts";
import { sampleKey } from "../unit/store/sample-run.ts";

const program = bundleWriter();
const isFull = process.env["CRASH"] === "full";
/** Of each kind of call, one in so many; a prime, so that the steps of the run are met at different calls. */
const stride = isFull ? 1 : 41;

test.for(faults)(
  "$name at any single system call of a writer breaks no promise",
  { timeout: 7_200_000 },
  async (fault, { skip }) => {
    needStrace(skip);
    const counted = crashFolder();
    const inCount = { args: [program, "one", join(counted, "runs")], scratch: counted };
    const places = placesOf(fault, callsBelow(inCount, join(counted, "runs")), stride);
    expect(places.length).toBeGreaterThan(isFull ? 50 : 1);
    const expected = expectedManifest();
    const found: { readonly place: Place; readonly problems: readonly string[] }[] = [];
    for (const place of places) {
      const problems = await tryAt(fault, place, expected);
      if (problems.length > 0) found.push({ place, problems });
    }
    expect(found).toEqual([]);
    console.log(`${fault.name}: ${places.length} places, ${found.length} violations`);
  },
);

/** Sentences about what is wrong after a writer met a fault. */
async function tryAt(fault: Fault, place: Place, expected: string): Promise<readonly string[]> {
  const scratch = crashFolder();
  const folder = join(scratch, "runs");
  const outcome = await runWithFault({ args: [program, "one", folder], scratch }, fault, place);
  const lines = outcome.stdout.split("\n");
  const promises = promisesIn(lines);
  return [
    ...wrongEnd(fault, outcome),
    ...wrongIn(folder, promises),
    ...wrongAfterwards(folder, promises, expected),
  ];
}

function wrongEnd(fault: Fault, outcome: Outcome): readonly string[] {
  const { status, stdout, stderr, isHanging } = outcome;
  if (isHanging) return ["it did not end"];
  const last = stdout.trimEnd().split("\n").at(-1) ?? "";
  if (status === 0 && last === "done") return [];
  if (status === null || status === 137) {
    return mayBeKilled(fault, outcome) ? [] : ["it was killed"];
  }
  return fault.says.source !== "^$" && fault.says.test(last)
    ? []
    : [`it ended with ${status}: ${last} ${stderr}`];
}

/** The run goes through afterwards, without doing again what a checkpoint had promised, and comes to the same. */
function wrongAfterwards(
  folder: string,
  promises: readonly Promised[],
  expected: string,
): readonly string[] {
  const store = openStore(folder);
  const problems: string[] = [];
  if (store.findPublished(runKey) === undefined) {
    const saved = promises.flatMap((one) => (one.kind === "checkpoint" ? [one.step] : []));
    const newest = Math.max(0, ...saved);
    finishRun(store, 3, (promise) => {
      if (promise.kind === "checkpoint" && promise.step <= newest)
        problems.push(`step ${promise.step} was done again after that of ${newest} was saved`);
    });
  }
  const { manifest } = store.findPublished(runKey) ?? {};
  if (JSON.stringify(manifest) !== expected) problems.push("it came to another result");
  store.check({ isRepairing: true });
  const left = store.check({ isRepairing: false }).findings;
  const wrong = left.filter(({ severity, code }) => severity !== "note" && code !== "missing-code");
  return [...problems, ...wrong.map(({ path, message }) => `${path}: ${message}`)];
}

const runKey = sampleKey(3);

function expectedManifest(): string {
  const store = openStore(crashFolder());
  finishRun(store, 3);
  return JSON.stringify(store.findPublished(runKey)?.manifest);
}
