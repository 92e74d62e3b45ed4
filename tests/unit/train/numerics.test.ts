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
    "fe9d87cffce7c63282ac4c366c432dec8c37318765e8c934b3de4d20544bbd1f",
    "4d369b4cdb2ada30e6fc2e767fef8c3be4b371087e11f508b9d8b8ed4b2d95be",
  ],
  "wasm/2/mlp": [
    "161cfaaaec05caf569754b45968eb78438e98d1a530034f50a789126d115d3ea",
    "d3bf49aff6faf3ad25e3b11ba9369ba2019650b5c135fba14e4c132281c49c22",
  ],
  "cpu/2/bert": [
    "a923b31d7d5bed5472121ae0544a6bc9c646c3ffdb4074a5cd9db12902c66599",
    "0449e25934773f6729da95680b2427710c079c0acc6e2f182494c16d17bd3c44",
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
