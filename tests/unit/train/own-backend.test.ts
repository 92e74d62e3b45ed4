/** A process has one active backend: a run keeps its own, or fails. */
import { setBackend } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import type { AmbientSeal } from "../../../src/train/ambient-seal.ts";
import { holdOwnBackend } from "../../../src/train/own-backend.ts";
import { preflightTraining } from "../../../src/train/preflight.ts";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { eventsOf, pointsInput, resolved, runToy, toyMembers, type FinishedToy } from "./toy.ts";

/** A run on cpu, and what `disturb` came to after its second step. */
async function disturbed<Result>(
  disturb: () => Promise<Result>,
): Promise<{ readonly run: FinishedToy; readonly found: Result | undefined }> {
  let numSteps = 0;
  let found: Promise<Result> | undefined;
  const run = await runToy(pointsInput, {
    onEvent: ({ kind }) => {
      if (kind === "progress" && ++numSteps === 2) found = disturb();
    },
  });
  return { run, found: await found };
}

const refusal = {
  code: "usage",
  message:
    "The backend wasm cannot be used while a run of this process is under way on cpu: one process computes on one backend at a time.",
};

test("a run on another backend is refused, and the one that is under way is not touched", async () => {
  const alone = await runToy(pointsInput);
  const { run, found } = await disturbed(() => runToy(pointsInput, { backend: "wasm" }));
  expect(found?.error).toMatchObject(refusal);
  expect(run.error).toBeUndefined();
  expect(eventsOf(run, "result")).toEqual(eventsOf(alone, "result"));
  expect((await runToy(pointsInput, { backend: "wasm" })).error).toBeUndefined();
});

test("so is its check, before anything starts", async () => {
  const config = resolved<TrainingConfig>(pointsInput);
  const context = { config, projectDirectory: "/", backend: "wasm", shared: new Map() };
  const { run, found } = await disturbed(() =>
    preflightTraining(toyMembers, context).catch((error: unknown) => error),
  );
  expect(found).toMatchObject(refusal);
  expect(run.error).toBeUndefined();
});

test("a run on the same backend goes beside it, with the same results", async () => {
  const { run, found } = await disturbed(() => runToy(pointsInput));
  expect([run.error, found?.error]).toEqual([undefined, undefined]);
  expect(found && eventsOf(found, "result")).toEqual(eventsOf(run, "result"));
});

test("a run whose backend was taken away fails", async () => {
  await prepareBackend("wasm");
  const { run } = await disturbed(async () => setBackend("wasm"));
  expect(run.error).toMatchObject({
    code: "training",
    message:
      "The run computes on the backend cpu, and code in this process made wasm the active one.",
  });
  expect(eventsOf(run, "result")).toEqual([]);
});

test("what a model throws after it took the backend away is told as that", async () => {
  await prepareBackend("wasm");
  await prepareBackend("cpu");
  const plain: AmbientSeal = {
    run: (work) => work(),
    load: (work) => work(),
    state: () => null,
    restore: () => undefined,
  };
  const { seal, release } = holdOwnBackend("cpu", plain);
  const work = (): void => {
    void setBackend("wasm");
    throw new Error("Kernel 'LockstepCrossEntropy' not registered for backend 'wasm'");
  };
  expect(() => seal.run(work)).toThrow("code in this process made wasm the active one.");
  release();
});
