/** Runs that are stopped from outside: at which point, and what they leave behind. */
import { memory } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { bitsOf, eventsOf, pointsInput, runToy, traceOf } from "./toy.ts";
import { membersWith } from "./user-kinds.ts";

beforeAll(async () => {
  await prepareBackend("cpu"); // tensors cannot be counted before
});

test("an abort ends the run after the step with a checkpoint of it", async () => {
  const controller = new AbortController();
  const options = {
    signal: controller.signal,
    onEvent: ({ kind }: { kind: string }) => {
      if (kind === "progress" && ++numSteps === 3) controller.abort();
    },
  };
  let numSteps = 0;
  const run = await runToy(pointsInput, options);
  expect(run.error).toMatchObject({
    code: "interrupted",
    message: "Stopped after step 3 of 10, as asked.",
  });
  expect(run.events.at(-1)).toMatchObject({ kind: "checkpoint", names: ["last"], step: 3 });
  expect(traceOf(run).map(({ step }) => step)).toEqual([1, 2, 3]);
  const whole = await runToy({ ...pointsInput, checkpointing: { interval: 3 } });
  const [numbered, stopped] = [eventsOf(whole, "checkpoint")[0], eventsOf(run, "checkpoint")[0]];
  expect(stopped && bitsOf(stopped.tensors)).toEqual(numbered && bitsOf(numbered.tensors));
  expect(stopped?.state).toEqual(numbered?.state);
});

test("a run that is aborted while it loads computes no step", async () => {
  const controller = new AbortController();
  const onEvent = ({ kind }: { kind: string }) => {
    if (kind === "ready") controller.abort();
  };
  const before = memory().numTensors;
  for (const options of [{ signal: AbortSignal.abort() }, { signal: controller.signal, onEvent }]) {
    const run = await runToy(pointsInput, options);
    expect(run.error).toMatchObject({
      code: "interrupted",
      message: "Stopped after step 0 of 10, as asked.",
    });
    expect(traceOf(run)).toEqual([]);
    expect(eventsOf(run, "progress")).toEqual([]);
    expect(run.events.at(-1)).toMatchObject({ kind: "checkpoint", names: ["last"], step: 0 });
  }
  expect(memory().numTensors).toBe(before);
});

/** The MLP, whose forward pass draws from `Math.random` and tells of each pass in training. */
function watchedMembers(onPass: (step: number, position: number) => void) {
  return membersWith((mlp) => ({
    forward: (parameters, batch, mode) => {
      if (batch.kind !== "features") throw new Error("points are features");
      if (mode.kind === "train") onPass(mode.step, mode.position);
      const features = batch.features.map((value) => value + 0.1 * Math.random());
      return mlp.forward(parameters, { ...batch, features }, mode);
    },
  }));
}

test("an abort between two passes ends the run with what they came to, and the generator as it is then", async () => {
  const training = { numSteps: 4, batchSize: 2, gradientAccumulationSteps: 4 };
  const model = { kind: "broken" };
  const input = { ...pointsInput, model, training, ambientRandomness: "seeded" };
  const controller = new AbortController();
  const passes: string[] = [];
  const members = watchedMembers((step, position) => {
    passes.push(`${step}+${position}`);
    if (step === 3 && position === 2) controller.abort();
  });
  const numTensors = memory().numTensors;
  const run = await runToy(input, { members, signal: controller.signal });
  expect(run.error).toMatchObject({
    code: "interrupted",
    message: "Stopped after step 2 of 4 and 2 of the passes of the next, as asked.",
  });
  expect(passes.slice(-3)).toEqual(["2+6", "3+0", "3+2"]);
  expect(memory().numTensors).toBe(numTensors);
  const whole = await runToy(
    { ...input, checkpointing: { interval: 2 } },
    { members: watchedMembers(() => undefined) },
  );
  const [stopped, numbered] = [run, whole].map((each) => eventsOf(each, "checkpoint")[0]);
  expect(stopped).toMatchObject({ names: ["last"], step: 2 });
  expect(numbered).toMatchObject({ names: ["step-000002"], step: 2 });
  const names = [...(stopped?.tensors.keys() ?? [])];
  const gradients = names.filter((name) => name.startsWith("accumulated/"));
  expect(gradients).toEqual([
    "accumulated/layers.0.weight",
    "accumulated/layers.0.bias",
    "accumulated/layers.1.weight",
    "accumulated/layers.1.bias",
  ]);
  const between = new Map(
    [...(stopped?.tensors ?? [])].filter(([name]) => !gradients.includes(name)),
  );
  expect(bitsOf(between)).toEqual(numbered && bitsOf(numbered.tensors));
  expect(stopped?.state).toMatchObject({ microStep: 2, accumulatedLoss: expect.any(Number) });
  expect(stopped?.state["ambientState"]).not.toEqual(numbered?.state["ambientState"]);
});

test("a consumer that stops early leaves no tensors and no seal behind", async () => {
  const [numTensors, random] = [memory().numTensors, Math.random];
  const stop = new Error("enough");
  const run = await runToy(pointsInput, {
    onEvent: ({ kind }) => {
      if (kind === "progress") throw stop;
    },
  });
  expect(run.error).toBe(stop);
  expect(memory().numTensors).toBe(numTensors);
  expect(Math.random).toBe(random);
});
