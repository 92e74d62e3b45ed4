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
    "6e71822f900925c5ab17b94824c1e4467762e5f87d254f48f7436b9427e1d446",
    "c30e34d62b4134d5c642db9744d8ccd24da4decc87ebcafae5d367882b54ed78",
  ],
  "2/bert, pre-norm": [
    "d1e89b89a743078f19d6f4af0df1b456ed11dd4ada08831ac56a250db965b9e0",
    "f625f126d825407a3df1efdd7d7dabd183e783fc1aeb2efdba2e013c45429cb7",
  ],
  "2/gpt": [
    "6f865df77a2d619e91ad636a773c1cbacc003f8a22813114d8e25f4ce91041e3",
    "8e9351c45596eee8b5bfe94b498e5b345db92f7c966a7bc057a7939a90e06be9",
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
