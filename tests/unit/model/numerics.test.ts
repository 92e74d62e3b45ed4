/**
 * The bits of a small training, on both backends. They hold the numerics version of `src/backend/choose.ts`: a change that
 * moves a digest here must also raise that version, because it is part of every run's key.
 */
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { NUMERICS_VERSION, type BackendName } from "../../../src/backend/choose.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { encodeSafetensors } from "../../../src/core/safetensors.ts";
import { train } from "./small-training.ts";

const goldenDigests: Readonly<Record<string, string>> = {
  "wasm/1/bert": "67b9bfe28ce064e0330583a3350deda9c1d54c029e6fad958a509987b7a2efd1",
  "wasm/1/mlp": "340f4ed251c2c945842f9c4439ed855b2b355979f3f5f96bcfec9b50ec064ba1",
  "cpu/1/bert": "bdde0291fffb7e55cc6a59cb4b3e8f72986fbc23aaedc36ae37823e77d395df1",
  "cpu/1/mlp": "238ac4496c44e982094ecc857155eef67dccd8965383235cefc61dbc18f7a966",
};

const original = Math.random;

beforeAll(async () => {
  await prepareBackend("cpu"); // before the seal: loading a package may draw, training may not
});

beforeEach(() => {
  Math.random = () => {
    throw new Error("unseeded randomness was reached");
  };
});

afterEach(() => {
  Math.random = original;
});

describe.each(["wasm", "cpu"] as const)("on %s", (name: BackendName) => {
  test.each(["bert", "mlp"] as const)(
    "ten steps of %s have the bits of this numerics version",
    async (kind) => {
      await prepareBackend(name);
      const parameters = train(kind, 10);
      const digest = sha256(encodeSafetensors(parameters));
      expect(digest).toBe(goldenDigests[`${name}/${NUMERICS_VERSION}/${kind}`]);
    },
  );

  test("a second training in the same process has the same bits", async () => {
    await prepareBackend(name);
    expect(train("bert", 2)).toEqual(train("bert", 2));
  });

  test("200 steps leave no tensor behind", async () => {
    await prepareBackend(name);
    const before = tf.memory();
    const counts: number[] = [];
    train("mlp", 200, () => counts.push(tf.memory().numTensors));
    train("bert", 20, () => counts.push(tf.memory().numTensors));
    expect(new Set(counts)).toEqual(new Set([before.numTensors]));
    expect(tf.memory().numBytes).toBe(before.numBytes);
    expect(counts).toHaveLength(220);
  });
});
