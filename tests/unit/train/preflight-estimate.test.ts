/** A run that its backend cannot address is refused by an estimate, which needs none of the model's first values. */
import { zeros } from "@tensorflow/tfjs-core";
import { expect, test, vi } from "vitest";
import type { TrainingConfig } from "../../../schemas/training.ts";
import type * as hostTensors from "../../../src/backend/host-tensors.ts";
import { preflightTraining } from "../../../src/train/preflight.ts";
import { training } from "../../../src/train/task.ts";
import { pointsInput, resolved } from "./toy.ts";
import { membersWith, type Mlp } from "./user-kinds.ts";

const limit = vi.hoisted(() => ({ numBytes: 4e6 }));

/** As if WebAssembly addressed 4 MB. */
vi.mock("../../../src/backend/host-tensors.ts", async (original) => ({
  ...(await original<typeof hostTensors>()),
  addressableBytes: () => limit.numBytes,
}));

/** What a model sees and does in its passes. */
interface Watched {
  numDrawn: number;
  /** The examples of each pass, with the first weight. */
  readonly passes: (readonly [size: number, weight: boolean])[];
  /** Of each `Math.random` in a pass. */
  readonly random: number[];
}

/** Checks a run of the MLP whose passes make so many further values an example; zeros may be refused by it. */
async function checked(
  numValues: number,
  refusesZeros = false,
): Promise<Watched & { error: unknown }> {
  const watched: Watched = { numDrawn: 0, passes: [], random: [] };
  const members = membersWith((mlp) => ({
    parameters: mlp.parameters.map((each) => ({
      ...each,
      initialise: (...given: Parameters<typeof each.initialise>) => {
        watched.numDrawn++;
        return each.initialise(...given);
      },
    })),
    forward: (...given: Parameters<Mlp["forward"]>) => {
      const [parameters, { size }] = given;
      const isDrawn = [...parameters.values()].some((each) => each.dataSync().some((x) => x !== 0));
      if (!isDrawn && refusesZeros) throw new Error("no zeros");
      watched.passes.push([size, isDrawn]);
      watched.random.push(Math.random());
      zeros([size, numValues]);
      return mlp.forward(...given);
    },
  }));
  const input = { ...pointsInput, model: { kind: "broken" }, ambientRandomness: "seeded" };
  const config = resolved<TrainingConfig>(input, training.with(members));
  const context = { config, projectDirectory: "/", backend: "wasm", shared: new Map() };
  const error = await preflightTraining(members, context).catch((thrown: unknown) => thrown);
  return { ...watched, error };
}

test("a batch that is too large is refused before the first values are drawn", async () => {
  const { numDrawn, passes, error } = await checked(150_000);
  expect(error).toMatchObject({
    code: "environment",
    message: expect.stringMatching(
      / batches of 8 examples need about [45]\.\d MB, and WebAssembly addresses 4\.0 MB\.$/u,
    ),
  });
  expect(numDrawn).toBe(0);
  expect(passes).toEqual([
    [1, false],
    [2, false],
  ]);
});

test("one that fits is tried with its first values, and the estimate has drawn nothing from Math.random", async () => {
  const small = await checked(1);
  expect(small.passes).toEqual([
    [1, false],
    [8, true],
  ]);
  expect(small.numDrawn).toBe(4);
  expect(small.error).toMatchObject({ findings: expect.any(Array) });
  expect(small.random[0]).toBe(small.random[1]);
});

test("a model that cannot compute with zeros is tried with its first values", async () => {
  const { passes, error } = await checked(1, true);
  expect(passes).toEqual([[8, true]]);
  expect(error).toMatchObject({ findings: expect.any(Array) });
});
