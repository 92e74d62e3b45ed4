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
  "2/bert": [
    "b0cfa9eb744e09c0f4b1ff87c4c7c9acc46a4cd52633545de806a23f34cc2135",
    "1aca7e1e8472c8a90da3bee4ce9789b75b539028297b17bb500fb83f980a1dc5",
  ],
  "2/bert, pre-norm": [
    "c4916d278fe415494303a5dbe2f4186c2f62849a8c0fcf5b24a4915d6654d935",
    "5f8824ba4a122a6cb93d5f66657bf8f6ab899033b803e262de899bda18c57330",
  ],
  "2/gpt": [
    "bb4bd6c9d8bdce9e6e5c68eeaebc1febb9c79eea583423b6e7bf705f4d463a6a",
    "f6713baa508e77c65860fcd5de96937b952f164d29aa78b8613bec50246b447e",
  ],
  "2/mlp": [
    "7833a328427f0a77aa109d8a4fb164b53f5cf884da9cd357c9484031696677ff",
    "285f3d51a1695f773800071b9cf17f2d1483d385ef299b2a9fe88537321acb7e",
  ],
  "2/cnn": [
    "cea2a8d36a37918ebdb8f7584d1435647b2f4924ec01c67e697b483427f51bba",
    "04ee8ea4847f46ae3ef4c3aea2ede3bd1ae5b349acc70bf89dd2291a7ac01909",
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
