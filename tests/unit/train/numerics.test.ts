/**
 * The bits of a small run from its config to its last weight, on both backends. They hold the numerics version of
 * `src/backend/choose.ts`: a change that moves a digest here must also raise that version, which is part of run keys.
 */
import { expect, test } from "vitest";
import { NUMERICS_VERSION } from "../../../src/backend/choose.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { eventsOf, pointsInput, resultOf, runToy, sentencesInput } from "./toy.ts";

/** Of the trace and of the weights. */
const goldenDigests: Readonly<Record<string, readonly [trace: string, weights: string]>> = {
  "wasm/2/bert": [
    "b9bd02f14cc30b7474cde99c1b0aa7c22637b9a2507eb53747aa890fe0ab9b8f",
    "81cdf00d559685cc931cd0c2c2894a06f3d32ebbf0ea42717b8d801b199f09ff",
  ],
  "wasm/2/mlp": [
    "1b923ecc08f58c2c9d72e8515d0368e6f4c09302658d05a1639c37d780904b98",
    "d3bf49aff6faf3ad25e3b11ba9369ba2019650b5c135fba14e4c132281c49c22",
  ],
  "cpu/2/bert": [
    "e4d6ca0ddff0a0d2e72e6b32f67f7d8c9d48eb108fc4d64d37f1d69979fcb0de",
    "14fe0cc8d32bb9268cc717179e82a435afec1946b2610ea623d540464812e463",
  ],
  "cpu/2/mlp": [
    "fc2912e744e80fa95372811ae57d84f49e7354b8381f349dd79cbe99f3278bdd",
    "e4681e3d039919e2fbb5470ae336e13a267fb9d324ff0531544e29f27781f7e4",
  ],
};

const loop = { numSteps: 8, batchSize: 4, gradientAccumulationSteps: 2 };
const inputs = {
  bert: {
    ...sentencesInput,
    training: { ...loop, maxGradNorm: 0.01, labelSmoothing: 0.1, evaluationInterval: 3 },
    schedule: { kind: "cosine", warmupSteps: 2 },
    seed: 11,
  },
  mlp: {
    ...pointsInput,
    model: { kind: "mlp", hiddenSizes: [6, 4], activation: "gelu", dropoutRate: 0.2 },
    optimizer: { kind: "sgd", learningRate: 0.1, momentum: 0.9, nesterov: true, l2Penalty: 0.01 },
    training: loop,
    schedule: { kind: "linear", warmupFraction: 0.25 },
    seed: 11,
  },
} as const;

const cases = (["wasm", "cpu"] as const).flatMap((backend) =>
  (["bert", "mlp"] as const).map((kind) => ({ backend, kind })),
);

test.each(cases)(
  "a run of $kind on $backend has the trace and the weights of this numerics version",
  async ({ backend, kind }) => {
    const run = await runToy(inputs[kind], { backend });
    const { weightsDigest } = resultOf(run);
    const rows = eventsOf(run, "trace").map(({ row }) => JSON.stringify(row));
    const digests = [sha256(rows.join("\n")), weightsDigest];
    expect(digests).toEqual(goldenDigests[`${backend}/${NUMERICS_VERSION}/${kind}`]);
  },
);
