/**
 * The bits of 50 training steps of each model on `wasm`, with dropout, clipping and accumulation: the digests of the trace
 * and of the weights. They are the same for every number of threads (LOCKSTEP_THREADS) and every Node.js: see `make golden`. They hold the
 * numerics version: a change that moves one must also raise NUMERICS_VERSION, which is part of run keys. (The first one
 * moves with the format of the trace, too, and then the second stays.)
 */
import { describe, expect, test } from "vitest";
import { NUMERICS_VERSION } from "../../../src/backend/choose.ts";
import { chooseThreads } from "../../../src/backend/threads.ts";
import { currentBackend } from "../../../src/backend/wasm/current.ts";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { weightsDigest } from "../../../src/train/results.ts";
import { trainStep } from "../../../src/train/step.ts";
import { comparedCases, openCase, type ModelCase } from "../../compare/models.ts";

const goldenDigests: Readonly<Record<string, readonly [trace: string, weights: string]>> = {
  "2/bert": [
    "301c738940cb6db88dd4ab390901b82bbfa950ec33d41fa2aa8c75aa2f65d884",
    "b52dd77c6df32db62090a12d749c6705b6518fe3cf3ab422f3660ff45c4858b6",
  ],
  "2/bert, pre-norm": [
    "748b5f2562a8b04f76c8ac6196c8ca5a0250e2f0dfceba22456eb83299812968",
    "2a50ef1cbf1ba28aa9a48d2cffee4e6f080f3eac57ea2017c95fee96a831ef88",
  ],
  "2/gpt": [
    "98aea1e7b7acebf5dcda97ab54a2908dac005f920d04163a811d202574859bf7",
    "b0ace39f3191e9c0d3a560037a4cacbd5865300cb38e1567063b8e546b900949",
  ],
  "2/mlp": [
    "c31abd670b0263b4f4132c5d1ee0999e67c5dbb901c433a52a3c9413cefbf275",
    "c2282d4d76d61986c91054e9054aada6d1e3c2cf6f4745bcc6690dce9b0c7c68",
  ],
  "2/cnn": [
    "71092a53a3945b1891e7275613f06c8c406cd8c2b3278d6b6fd78f685e9c182e",
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
    rows.push(canonicalJson(piece.value.traceRow));
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
