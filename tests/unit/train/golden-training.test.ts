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
    "859df61df07bd4051bfe2885ceda73b3c2d77f8a70f13ea42f1598d3ab404eab",
    "7e26eee2cb1c6ded142cfdbfa6e2395848eec456624cfde28d5d6f89265cfd80",
  ],
  "2/bert, pre-norm": [
    "a5c1501cdd7f4281cbd54355cc4382a27508e3cfbe30f88ae0950ec58d1ea8f0",
    "5eb8e013a946d2c74282132607ad4377100bb3ecd478ef15a9840da4e3bcfaac",
  ],
  "2/gpt": [
    "24d2f762214201196aecf4c1ae81f23b6b3bdeb12572a8bb6f0de08adb970759",
    "c35093cc11a1ddaa61b635b313d3ecedc99339933fab369ed513e0008636a2d8",
  ],
  "2/mlp": [
    "bf6f28c924156e186f0e42f317504f01ad8aecbd1922ea588a4bb1683a113f71",
    "99760f6f53b28d540b38ed695b66a0ec9d886461670eb0809c7aab827cbc4623",
  ],
  "2/cnn": [
    "db13a0bf3fad2848719591c4422e9fb9833f939893813f6d734c278ab1d937b0",
    "fc7ca385223cdb3d5781579e0ded608c15a6e8ab15e782e5f3cf548e0907fba7",
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
