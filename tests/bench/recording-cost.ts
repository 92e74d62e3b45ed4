/** What a run costs beside its steps: rows of the trace, lines of the log and checkpoints, as a share of the steps. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunEvent } from "../../src/core/run-events.ts";
import { createFileSystem } from "../../src/store/file-system.ts";
import { createRecorder, type Recorder } from "../../src/store/recorder.ts";
import { runFolders } from "../../src/store/run-layout.ts";
import { createAmbientSeal } from "../../src/train/ambient-seal.ts";
import { wholeBatch } from "../../src/train/batches.ts";
import { batchExamples } from "../../src/train/data-order.ts";
import { stepLine } from "../../src/train/log-lines.ts";
import { saveState, type Session } from "../../src/train/session.ts";
import { namedParameters } from "../../src/train/state.ts";
import type { StepOutcome } from "../../src/train/step.ts";
import { batchDigest, isDenseStep, tensorChecksums, traceRow } from "../../src/train/trace.ts";
import type { OpenedCase } from "../compare/models.ts";

/**
 * Lines of the log every 10 steps and checkpoints after each evaluation, as by default, of which every other one is the
 * best; `experiments/mnist-mlp.ts` has an evaluation after 111 steps, and ten of them.
 */
const [logInterval, evaluationInterval] = [10, 100];

type DoneStep = Extract<StepOutcome, { readonly kind: "done" }>;

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
  const session: Session = { ...opened, seal, signal, saved: undefined };
  const spent = { steps: 0, recording: 0 };
  try {
    for (let done = 0; done < numSteps; done++) {
      const start = performance.now();
      const outcome = step();
      spent.steps += performance.now() - start;
      const { streams, plan } = opened.setup; // which the step needs, whether recorded or not
      const examples = batchExamples(streams, plan, wholeBatch(plan, outcome.facts.step));
      const middle = performance.now();
      record(session, recorder, outcome);
      traceAgain(session, outcome, examples);
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

function record(session: Session, recorder: Recorder, { facts, traceRow: row }: DoneStep): void {
  const { step, epoch, loss } = facts;
  const { numSteps } = session.setup.plan;
  const events: RunEvent[] = [
    { kind: "trace", row },
    { kind: "progress", phase: "training", step, numSteps, epoch, loss },
  ];
  if (step % logInterval === 0) {
    events.push({ kind: "log", level: "info", text: stepLine(facts, numSteps), mayWait: true });
  }
  if (step % evaluationInterval === 0) {
    const isBest = step % (2 * evaluationInterval) !== 0;
    events.push(saveState(session, isBest ? ["last", "best"] : ["last"]));
  }
  for (const event of events) recorder.record(event);
}

/** A step makes its row itself, in the middle of it; made once more here, it can be timed. */
function traceAgain(
  { setup, state }: Session,
  { facts }: DoneStep,
  examples: readonly number[],
): void {
  const { train } = setup.dataset.parts;
  const batch = batchDigest(
    examples.map((index) => ({ digest: train.digest(index), label: train.labels[index] ?? -1 })),
  );
  const named = namedParameters(state);
  const { parameters, slots } = state;
  const checksums = isDenseStep(facts.step)
    ? [...tensorChecksums(parameters), ...tensorChecksums(named, slots)] // the gradients have these sizes, too
    : undefined;
  traceRow({ ...facts, batch }, checksums);
}
