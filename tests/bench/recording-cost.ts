/**
 * What a run writes down of its steps, as a share of them: rows of the trace, lines of the log and checkpoints, from the step that
 * is done to the disk. Left out is the loop around it, which a run without records would have too: generators, a turn of the
 * event loop a step, and evaluations with their own lines.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { sha256 } from "../../src/core/hash.ts";
import { createEventGate } from "../../src/app/event-gate.ts";
import { tellEvents } from "../../src/app/tell-events.ts";
import { createTellingPace } from "../../src/app/telling-pace.ts";
import type { RunEvent } from "../../src/core/run-events.ts";
import { createFileSystem, type FileSystem } from "../../src/store/file-system.ts";
import { openStore } from "../../src/store/store.ts";
import { createAmbientSeal } from "../../src/train/ambient-seal.ts";
import { saveState, type Session } from "../../src/train/session.ts";
import {
  copyTensors,
  namedParameters,
  type BestState,
  type TrainingState,
} from "../../src/train/state.ts";
import type { DoneStep } from "../../src/train/step.ts";
import { isTold, tellSteps } from "../../src/train/tell-steps.ts";
import { isDenseStep, tensorChecksums } from "../../src/train/trace.ts";
import { attemptOptions } from "../unit/store/sample-run.ts";
import type { OpenedCase } from "../compare/models.ts";

/**
 * Steps between two evaluations, each with a checkpoint, of which every other one is the best. By default that is an epoch: of
 * the digits, which `experiments/mnist.ts` and `experiments/mnist-mlp.ts` train on, 222 batches of 32. For all
 * others it is 100.
 */
function evaluationIntervalOf({ setup }: OpenedCase): number {
  return setup.dataset.input.kind === "features" ? 220 : 100;
}

/**
 * Trains with everything written down, as a run does, and times what is not training.
 * @param step - Does the next step of the case.
 * @param mostSteps - So many are done, or as many fewer as end with an evaluation. What is not saved by then is saved at the
 *   end, which counts too.
 * @returns A share, 0.01 for one part in a hundred.
 */
export async function recordingCost(
  opened: OpenedCase,
  step: () => DoneStep,
  mostSteps: number,
): Promise<number> {
  const evaluationInterval = evaluationIntervalOf(opened);
  const numSteps = Math.max(1, Math.floor(mostSteps / evaluationInterval)) * evaluationInterval;
  const folder = mkdtempSync(join(tmpdir(), "lockstep-recording-"));
  const begun = openStore(folder, { files: withoutBeginning() }).beginAttempt({
    ...attemptOptions(),
    logInterval: opened.setup.config.logging.interval,
  });
  if (begun.kind !== "started") throw new Error("a new folder held a run");
  const { attempt } = begun;
  // As `src/app` does it for a run that nobody watches.
  const strays = { take: () => undefined };
  const gate = createEventGate(tellEvents({ attempt, observe: () => undefined, strays }));
  const tell = (event: RunEvent): void => gate.send(event);
  const seal = await createAmbientSeal(opened.setup.config);
  const { signal } = new AbortController();
  const setup = withRealDigests(opened.setup);
  const state = { untold: [], saved: undefined, mayTellLater: createTellingPace() };
  const session: Recorded = { ...opened, setup, seal, signal, ...state, evaluationInterval };
  const spent = { steps: 0, recording: 0 };
  try {
    for (let done = 0; done < numSteps; done++) {
      const start = performance.now();
      const outcome = step();
      spent.steps += performance.now() - start;
      const middle = performance.now();
      record(session, tell, outcome);
      checksumsAgain(session, outcome);
      spent.recording += performance.now() - middle;
    }
    const start = performance.now();
    for (const event of tellSteps(session)) tell(event);
    tell({ kind: "result", step: opened.state.step, metrics: {}, details: {} });
    spent.recording += performance.now() - start;
  } finally {
    attempt.fail(new Error("nobody needs it"));
    opened.state.best = undefined;
    rmSync(folder, { recursive: true, force: true });
  }
  return spent.recording / spent.steps;
}

/**
 * What makes the attempt's own folder durable, once before its first checkpoint, belongs to the beginning of a run: it takes
 * some milliseconds, whatever the run records. Checkpoints and logs are synced as ever.
 */
function withoutBeginning(): FileSystem {
  const files = createFileSystem();
  const syncUp: FileSystem["syncUp"] = (path, root) => {
    if (basename(path) === "checkpoints") files.syncUp(path, root);
  };
  return { ...files, syncFile: () => undefined, syncUp };
}

/** Those of made-up examples are a few digits, which are digested in no time. */
function withRealDigests(setup: Session["setup"]): Session["setup"] {
  const { parts } = setup.dataset;
  const digests = Array.from({ length: parts.train.size }, (_, index) => sha256(String(index)));
  const train = { ...parts.train, digest: (index: number): string => digests[index] ?? "" };
  return { ...setup, dataset: { ...setup.dataset, parts: { ...parts, train } } };
}

interface Recorded extends Session {
  readonly evaluationInterval: number;
}

function record(session: Recorded, tell: (event: RunEvent) => void, outcome: DoneStep): void {
  const { step } = outcome.facts;
  const { evaluationInterval, state } = session;
  state.isEvaluationDue = step % evaluationInterval === 0;
  if (isTold(session, outcome)) for (const event of tellSteps(session)) tell(event);
  if (!state.isEvaluationDue) return;
  const isBest = step % (2 * evaluationInterval) !== 0;
  if (isBest) state.best = bestOf(state);
  state.isEvaluationDue = false;
  tell(saveState(session, isBest ? ["last", "best"] : ["last"]));
}

/** What a run keeps of an evaluation that was the best, and what later checkpoints hold as well. */
function bestOf({ parameters, step, best }: TrainingState): BestState {
  const figures = { kind: "text", part: "validation", loss: 1, values: {}, numTokens: 1 } as const;
  return { step, value: 1, figures, parameters: copyTensors(parameters, best?.parameters) };
}

/** A step takes its checksums itself, in the middle of it; taken once more here, they can be timed. */
function checksumsAgain({ state }: Session, { facts }: DoneStep): void {
  if (!isDenseStep(facts.step)) return;
  const { parameters, slots } = state;
  tensorChecksums(namedParameters(state), parameters, slots); // gradients have the sizes of parameters
}
