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
    "8ccff86cde101ff915da2e5f94b4879d68acfd7a4a38d094dc12adf14242b001",
    "4d3d7144615041a73d60a5752eda0f7abdefb043e5835937a62a7508ef1c3526",
  ],
  "wasm/2/mlp": [
    "8ec97aeb32fa7a79bd2ceff5be6041b17f7bc67451e85b74a6212e9f7a1a66ed",
    "984a48af327ec57ab22b450d83d6e92d129b0ac572045248865786e998ccbc80",
  ],
  "cpu/2/bert": [
    "5d72e45e3793e5c9bb874b6f473e8df31068b5ec46ce401c582de0e14a47adf0",
    "0d98a7054594b6ce0ceaf236f1ac78d56c5299f51e3e2367a5d6742216330c65",
  ],
  "cpu/2/mlp": [
    "59c9456bf32ca8483ace106e934fd1905140d21f09b539eb2ba7e45003fedd00",
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
