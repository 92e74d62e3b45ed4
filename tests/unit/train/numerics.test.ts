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
  "wasm/1/bert": [
    "1dc87ab41334e7c5a39b9406c323872474361a659c98d6728fc7716054ff1c4c",
    "6b13d861ce1c9075e5c05c2fc2fd6b79aa9bcc3373317f8bde86bd5e7ecb5270",
  ],
  "wasm/1/mlp": [
    "ecaa1da826be3d3a21672663c054e5c251b68852b769da31f0318780fd3b0ddc",
    "281cc5878c2e5ff33237566126efe59c475e082c845b1b892cd9fec00f09ad79",
  ],
  "cpu/1/bert": [
    "eee823c1266b633b4199c653d6510c79d7095d13c80d6c430532069160333064",
    "8b6eef875f49466351ba6a79ea34ab65f14837a9f0a0be6981dfd76f147cef13",
  ],
  "cpu/1/mlp": [
    "4239e04a8b8306a7ccd481fe1e64cb0c38778f6fcee1a09e7273757f6385c21a",
    "bcb5786c4fffc2c30e488624907c0ac4d2cb1b2e03a721f5488edadd88071284",
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
