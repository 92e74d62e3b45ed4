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
    "82b834d40490bd382824fec7a98eea62f80f84700ed43769a9a4f9f8533169cc",
    "8dba9ba18f03d84e809f714a3b1a18f6c928945d2a262a7b80f81239c7f71335",
  ],
  "wasm/2/mlp": [
    "8ec97aeb32fa7a79bd2ceff5be6041b17f7bc67451e85b74a6212e9f7a1a66ed",
    "984a48af327ec57ab22b450d83d6e92d129b0ac572045248865786e998ccbc80",
  ],
  "cpu/2/bert": [
    "1c8de4e1ad9c24939f1abb60332d32e829f45b06de69626d49e07713dcc47d7d",
    "94ee21bad41baecb7600d14622ff5a966c277089f1210a3499c95d4fbd215690",
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
