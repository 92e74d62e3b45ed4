/**
 * The bits of 50 training steps of each model on `wasm`, with dropout, clipping and accumulation: the digests of the trace
 * and of the weights. They are the same for every number of threads (LOCKSTEP_THREADS) and every Node.js, and hold the
 * numerics version: a change that moves one must also raise NUMERICS_VERSION, which is part of run keys.
 */
import { expect, test } from "vitest";
import { NUMERICS_VERSION } from "../../../src/backend/choose.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { weightsDigest } from "../../../src/train/results.ts";
import { trainStep } from "../../../src/train/step.ts";
import { comparedCases, openCase, type ModelCase } from "../../compare/models.ts";

const goldenDigests: Readonly<Record<string, readonly [trace: string, weights: string]>> = {
  "1/bert": [
    "43dc154da64c9eac4a23bf6098ed0f0dfc82da2056c9dfb048a8c7e927e4ddb6",
    "a5cc51b87e095a3934122d56151a3f245289cc3af9878fa929057a5612b68e23",
  ],
  "1/bert, pre-norm": [
    "3229637aa5e7ed871edcb5b87ce135f841b727d3a8066bb59773951d3dae2f18",
    "face980d72248dd571e917683440330fc4d82556a0f7c3f692734ca17892c4db",
  ],
  "1/mlp": [
    "a0b0e0777ed642b39a621c9b1cc339ce87c58d6ef8d630249c9d043b21e17582",
    "0ee4d3e17b6edc2df44d85dcb041368d824b0cf8ae6a814ee0e579f983da013b",
  ],
  "1/cnn": [
    "9b9b5721044b04e24797ffd3bc05a68da698a1c7d704e46b6f182f0e8b6c81da",
    "ae5654319ea58e1d2e18eb87dccbfd5e5d0f3d45f407818fd040f21b9efc2649",
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

test.each(comparedCases)(
  "50 steps of $name have the trace and the weights of this numerics version",
  async (modelCase) => {
    const golden = goldenDigests[`${NUMERICS_VERSION}/${modelCase.name}`];
    expect(await digestsOf(modelCase)).toEqual(golden);
  },
);
