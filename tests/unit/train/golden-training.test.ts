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
    "767dd606ca55b8a476db98d13b345254c1504031b4fe20c8dfebc93efd93ad76",
    "f7aaeab8ebba915772ce32836760e90e1f102b01bf52170304d213e2bb101ece",
  ],
  "2/bert, pre-norm": [
    "338c4cff38694a3bd74500c43eaec154b9de5d030ca21cbc4ff7f8af6fe371e9",
    "3e4bcfc1533654f1c00615b66214edefbf051db7d1d67b6692b10a1dfbc038d5",
  ],
  "2/gpt": [
    "6abf42c5307ae934f2adbaddca566a6024ece0e7a5c0c063fab85b1f79ca9165",
    "fe86d655d66d98345b027f640bba63752cd7388a858ef3259c3d03d53bc84698",
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
