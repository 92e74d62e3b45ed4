/** What a run costs beside its steps: rows of the trace, lines of the log and checkpoints, as a share of the steps. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256 } from "../../src/core/hash.ts";
import { createFileSystem } from "../../src/store/file-system.ts";
import { createRecorder, type Recorder } from "../../src/store/recorder.ts";
import { runFolders } from "../../src/store/run-layout.ts";
import { createAmbientSeal } from "../../src/train/ambient-seal.ts";
import { stepLine } from "../../src/train/log-lines.ts";
import { saveState, type Session } from "../../src/train/session.ts";
import { namedParameters } from "../../src/train/state.ts";
import type { DoneStep } from "../../src/train/step.ts";
import { isDenseStep, tensorChecksums } from "../../src/train/trace.ts";
import { tellRows } from "../../src/train/waiting-rows.ts";
import type { OpenedCase } from "../compare/models.ts";

/**
 * Lines of the log every 10 steps and checkpoints after each evaluation, as by default, of which every other one is the
 * best; `experiments/mnist-mlp.ts` has an evaluation after 111 steps, and ten of them.
 */
const [logInterval, evaluationInterval] = [10, 100];

/**
 * Trains with everything written down, as a run does, and times what is not training.
 * @param step - Does the next step of the case.
 * @param numSteps - A multiple of 100, so that the rare things have their share. What is not saved by then is saved at the
 *   end, which counts too.
 * @returns A share, 0.01 for one part in a hundred.
 */
export async function recordingCost(
  opened: OpenedCase,
  step: () => DoneStep,
  numSteps: number,
): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "lockstep-recording-"));
  for (const folder of runFolders) mkdirSync(join(directory, folder));
  const clock = (): Date => new Date();
  const settle = (): void => undefined;
  const digest = "0".repeat(64);
  const hashes = { configHash: digest, groupHash: digest, codeHash: digest, dataHash: digest };
  const identities = { ...hashes, runKey: digest, environmentClass: "wasm" };
  const options = { directory, clock, logInterval, isRepeat: false, settle, identities };
  const recorder = createRecorder(createFileSystem(), options);
  const seal = await createAmbientSeal(opened.setup.config);
  const { signal } = new AbortController();
  const setup = withRealDigests(opened.setup);
  const session: Session = { ...opened, setup, seal, signal, untold: [], saved: undefined };
  const spent = { steps: 0, recording: 0 };
  try {
    for (let done = 0; done < numSteps; done++) {
      const start = performance.now();
      const outcome = step();
      spent.steps += performance.now() - start;
      const middle = performance.now();
      record(session, recorder, outcome);
      checksumsAgain(session, outcome);
      spent.recording += performance.now() - middle;
    }
    const start = performance.now();
    recorder.close();
    spent.recording += performance.now() - start;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return spent.recording / spent.steps;
}

/** Those of made-up examples are a few digits, which are digested in no time. */
function withRealDigests(setup: Session["setup"]): Session["setup"] {
  const { parts } = setup.dataset;
  const digests = Array.from({ length: parts.train.size }, (_, index) => sha256(String(index)));
  const train = { ...parts.train, digest: (index: number): string => digests[index] ?? "" };
  return { ...setup, dataset: { ...setup.dataset, parts: { ...parts, train } } };
}

function record(session: Session, recorder: Recorder, outcome: DoneStep): void {
  const { step, epoch, loss } = outcome.facts;
  const { numSteps } = session.setup.plan;
  session.untold.push(outcome);
  // A line of the log comes before as many rows wait as may.
  if (step % logInterval === 0) for (const event of tellRows(session)) recorder.record(event);
  recorder.record({ kind: "progress", phase: "training", step, numSteps, epoch, loss });
  if (step % logInterval === 0) {
    const text = stepLine(outcome.facts, numSteps);
    recorder.record({ kind: "log", level: "info", text, mayWait: true });
  }
  if (step % evaluationInterval === 0) {
    const isBest = step % (2 * evaluationInterval) !== 0;
    recorder.record(saveState(session, isBest ? ["last", "best"] : ["last"]));
  }
}

/** A step takes its checksums itself, in the middle of it; taken once more here, they can be timed. */
function checksumsAgain({ state }: Session, { facts }: DoneStep): void {
  if (!isDenseStep(facts.step)) return;
  const { parameters, slots } = state;
  tensorChecksums(parameters); // the gradients have these sizes, too
  tensorChecksums(namedParameters(state), slots);
}
