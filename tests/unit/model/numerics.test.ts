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
  "wasm/2/bert": "1427d601824f754f5805eb9ee5e633a87cbb73ec689e6035976bfb0b054afb6b",
  "wasm/2/mlp": "ff28b022be6d237af7e1b095c4967aba45fbcba7034d8902826434ee174767e1",
  "cpu/2/bert": "eaa318ce5af37be39ba6c95b65606eefc99288c1d887a340454ed71abad37270",
  "cpu/2/mlp": "0cbcfa2ef5a27b803c9bc03f2d2de03b1ac4f37550ff7c6cdf683efd6a470184",
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
