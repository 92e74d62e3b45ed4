/**
 * The bits of 50 training steps of each model on `wasm`, with dropout, clipping and accumulation: the digests of the trace
 * and of the weights. They are the same for every number of threads (LOCKSTEP_THREADS) and every Node.js: see `make golden`. They hold the
 * numerics version: a change that moves one must also raise NUMERICS_VERSION, which is part of run keys.
 */
import { describe, expect, test } from "vitest";
import { NUMERICS_VERSION } from "../../../src/backend/choose.ts";
import { chooseThreads } from "../../../src/backend/threads.ts";
import { currentBackend } from "../../../src/backend/wasm/current.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { weightsDigest } from "../../../src/train/results.ts";
import { trainStep } from "../../../src/train/step.ts";
import { comparedCases, openCase, type ModelCase } from "../../compare/models.ts";

const goldenDigests: Readonly<Record<string, readonly [trace: string, weights: string]>> = {
  "2/bert": [
    "d6e5e105ec9d38602e46b465fb943690287757924a7f69b63e9059f817a8c77c",
    "b52dd77c6df32db62090a12d749c6705b6518fe3cf3ab422f3660ff45c4858b6",
  ],
  "2/bert, pre-norm": [
    "052df1a4ba4785a3af5275f2a6afbc3ba932bdbbf399b9bb78b77872b2d970ff",
    "2a50ef1cbf1ba28aa9a48d2cffee4e6f080f3eac57ea2017c95fee96a831ef88",
  ],
  "2/gpt": [
    "d474d753c87782d01600406062b45938b83032d4b56b76fd659be3aba0f1aaf4",
    "b0ace39f3191e9c0d3a560037a4cacbd5865300cb38e1567063b8e546b900949",
  ],
  "2/mlp": [
    "f279b69427a97d9a3b78fc95dee9f4768889376d9eb892d3e6bd741fc26c0872",
    "c2282d4d76d61986c91054e9054aada6d1e3c2cf6f4745bcc6690dce9b0c7c68",
  ],
  "2/cnn": [
    "8442f2c8933eeaeec1c4e7abb36b34a839b1dc8de840c6002801fce48e3ba6cb",
    "91bac822f4cf48307ce5fae00c74e61d6f85f8a7a6e7c474fa7fd6e63f039d1a",
  ],
};

const numSteps = 50;

async function digestsOf(modelCase: ModelCase): Promise<readonly [trace: string, weights: string]> {
  const { setup, state } = await openCase(modelCase, {
    backend: "wasm",
    numSteps,
    dropoutRate: 0.1,
    training: { batchSize: 6, gradientAccumulationSteps: 2, maxGradNorm: 0.5 },
  });
  const rows: string[] = [];
  while (state.step < numSteps) {
    const pieces = trainStep(setup, state);
    let piece = pieces.next();
    while (piece.done !== true) piece = pieces.next();
    if (piece.value.kind !== "done") throw new Error(`a step was ${piece.value.kind}`);
    rows.push(JSON.stringify(piece.value.traceRow));
  }
  return [sha256(rows.join("\n")), weightsDigest(state.parameters)];
}

const numThreads = chooseThreads(undefined);

// `make golden` reads here that it tested what it meant to test.
describe(`Node.js ${process.versions.node}, threads ${numThreads}`, () => {
  test.each(comparedCases)(
    "50 steps of $name have the trace and the weights of this numerics version",
    async (modelCase) => {
      const golden = goldenDigests[`${NUMERICS_VERSION}/${modelCase.name}`];
      expect(await digestsOf(modelCase)).toEqual(golden);
      expect(currentBackend()?.pool.numThreads).toBe(numThreads);
    },
  );
});
