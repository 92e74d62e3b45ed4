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
import { sha256 } from "../../../src/core/hash.ts";
import { weightsDigest } from "../../../src/train/results.ts";
import { trainStep } from "../../../src/train/step.ts";
import { traceText } from "../../../src/train/trace.ts";
import { comparedCases, openCase, type ModelCase } from "../../compare/models.ts";

const goldenDigests: Readonly<Record<string, readonly [trace: string, weights: string]>> = {
  "2/bert": [
    "ec18f00b9e38e0655166fceed11f5a58d8b5fd450cad412924dce57d82d7a441",
    "59f4c34a9903c99648ceacf3096a70c7e08f09203675926af46f1260193e6058",
  ],
  "2/bert, pre-norm": [
    "4be72e3667bd0c12de89dea06a42bb1060a885c7537f3397d581b7fee41b555e",
    "4fc2e871c8550cee73a7b130716f715ca612826760ffd3c934e87bde332aae1b",
  ],
  "2/gpt": [
    "09a05fbbe616451cc476ed48258e29b76da7141a0eeb0ac5cb1687a6b5add8b8",
    "098c03df857971e8f88127179991198830b31bfa7ca4470502a394b29d5ece98",
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
    rows.push(traceText([piece.value], setup.dataset.parts.train).trimEnd());
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
