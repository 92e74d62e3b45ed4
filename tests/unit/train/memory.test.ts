import { engine } from "@tensorflow/tfjs-core";
import { expect, test } from "vitest";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { measurePeak } from "../../../src/backend/peak-memory.ts";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { runBytes } from "../../../src/train/memory.ts";
import { preflightTraining } from "../../../src/train/preflight.ts";
import { eventsOf, pointsInput, resolved, runToy, sentencesInput, toyMembers } from "./toy.ts";

function check(input: unknown): Promise<unknown> {
  const config = resolved<TrainingConfig>(input);
  const shared = new Map<string, unknown>();
  return preflightTraining(toyMembers, { config, projectDirectory: "/", backend: "wasm", shared });
}

test("weights that WebAssembly cannot address with what is kept beside them are refused before they are made", async () => {
  const model = { ...pointsInput.model, hiddenSizes: [16_384, 16_384] };
  await expect(check({ ...pointsInput, backend: "wasm", model })).rejects.toMatchObject({
    code: "environment",
    message:
      "The run is too large for the backend wasm: 268,533,762 parameters, with their gradients and what the optimizer keeps, " +
      "need about 4.3 GB, and WebAssembly addresses 4.3 GB.",
    hint: expect.stringContaining("Lower model.hiddenSizes=[16384,16384]."),
  });
});

const kept = { numWeights: 1000, numAveraged: 0, numSlots: 2000, numPlacedBytes: 0 };
const loading = { numPeakBytes: 0, numKeptBytes: 500 };

test("a run takes its weights, gradients, best weights and slots, a pass, the data and three checkpoints", () => {
  const numCheckpointBytes = 4 * (2 * 1000 + 2000);
  const numMemoryBytes = 4 * (3 * 1000 + 2000) + 7000 + 500 + 3 * numCheckpointBytes;
  const plain = runBytes({ kept, numPeakBytes: 7000, loading });
  expect(plain).toEqual({ numMemoryBytes, numCheckpointBytes });
  const averaged = { ...kept, numAveraged: 1000 };
  expect(runBytes({ kept: averaged, numPeakBytes: 7000, loading })).toEqual({
    numMemoryBytes: numMemoryBytes + 4 * 4 * 1000,
    numCheckpointBytes: numCheckpointBytes + 4 * 1000,
  });
});

test("a run whose data takes more while it is read than training does needs that much", () => {
  const numPeakBytes = 7000;
  const reading = (numBytes: number) => ({ ...loading, numPeakBytes: numBytes });
  const { numMemoryBytes } = runBytes({ kept, numPeakBytes, loading: reading(1e6) });
  expect(numMemoryBytes).toBe(1e6);
  expect(runBytes({ kept, numPeakBytes, loading: reading(20_000) })).toEqual(
    runBytes({ kept, numPeakBytes, loading }),
  );
});

const slow = { timeout: 60_000 }; // two passes over long sequences

test(
  "a batch that WebAssembly cannot address is refused by what one and two examples take",
  slow,
  async () => {
    const { training, data, ...others } = sentencesInput;
    const model = { ...others.model, numLayers: 10, contextLength: 1_024 };
    const large = {
      ...others,
      backend: "wasm",
      data: { ...data, sequenceLength: 1_024 },
      model,
      training: { ...training, batchSize: 32 },
    };
    await expect(check(large)).rejects.toMatchObject({
      code: "environment",
      message: expect.stringMatching(
        /parameters and batches of 32 examples need about \d+(?:\.\d)? GB/u,
      ),
      hint: expect.stringMatching(
        /^Set training\.gradientCheckpointing=true, or lower training\.batchSize=32 .+ model\.contextLength=1024.+ or data\.sequenceLength=1024\./u,
      ),
    });
  },
);

test.each(["wasm", "cpu"] as const)("a run on %s tells its peak in its log", async (backend) => {
  const run = await runToy({ ...pointsInput, backend }, { backend });
  const lines = eventsOf(run, "log").map(({ text }) => text);
  const tensors = backend === "wasm" ? String.raw`[\d.]+ [kM]B of tensors on wasm, ` : "";
  expect(lines.at(-1)).toMatch(
    new RegExp(
      String.raw`^peak memory: ${tensors}[\d.]+ [MG]B of the process since its start$`,
      "u",
    ),
  );
});

test.each(["wasm", "cpu"] as const)(
  "work that fails on %s while it is measured fails as it is",
  async (backend) => {
    await prepareBackend(backend);
    const failing = measurePeak(() => {
      throw new RangeError("too much");
    });
    await expect(failing).rejects.toThrow("too much");
    expect(engine().state.profiling).toBe(false);
  },
);
