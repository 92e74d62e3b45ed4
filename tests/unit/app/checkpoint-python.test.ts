/** Checkpoints as the `safetensors` package of Python reads them, and PyTorch with it. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { decodeSafetensors } from "../../../src/core/safetensors.ts";
import { execute, smallModels, temporaryStore } from "./resumed-training.ts";

const python = process.env["TORCH_PYTHON"] ?? "python3";

const script = `
import hashlib, json, sys
from safetensors import safe_open
from safetensors.torch import load_file
path = sys.argv[1]
tensors = {
    name: [str(tensor.dtype), list(tensor.shape), hashlib.sha256(tensor.numpy().tobytes()).hexdigest()]
    for name, tensor in load_file(path).items()
}
with safe_open(path, framework="pt") as opened:
    metadata = opened.metadata()
print(json.dumps({"tensors": tensors, "format": metadata["format"], "state": json.loads(metadata["state"])}))
`;

const probe = spawnSync(python, ["-c", "import torch, safetensors.torch"], { encoding: "utf8" });
const reason = probe.error?.message ?? probe.stderr.trim().split("\n").at(-1) ?? "";
const canRead = probe.status === 0;

if (!canRead) {
  const hint = "TORCH_PYTHON names a Python that has torch and safetensors";
  console.log(`Skipped: checkpoints in PyTorch. ${python}: ${reason}; ${hint}.`);
}

test.skipIf(!canRead)("a checkpoint, taken in the middle of a step, opens in PyTorch", async () => {
  const { store, remove } = temporaryStore();
  onTestFinished(remove);
  const input = {
    ...smallModels["cnn"],
    backend: "cpu",
    optimizer: { kind: "adamw", learningRate: 0.01 },
    training: {
      numSteps: 6,
      batchSize: 4,
      gradientAccumulationSteps: 3,
      evaluationInterval: 1,
      exponentialMovingAverage: { decay: 0.9 },
    },
  };
  const { attempt, error } = await execute(store, input, { kind: "pause", at: 2 });
  expect(error).toMatchObject({ code: "interrupted" });
  const path = join(attempt.directory, "checkpoints/last.safetensors");
  const { tensors, metadata } = decodeSafetensors(readFileSync(path));
  const { status, stdout, stderr } = spawnSync(python, ["-c", script, path], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  const found = JSON.parse(stdout) as { tensors: object; format: string; state: object };
  const expected = Object.fromEntries(
    Array.from(tensors, ([name, { shape, values }]) => {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      return [name, ["torch.float32", [...shape], sha256(bytes)]];
    }),
  );
  expect(found.tensors).toEqual(expected);
  expect(found.format).toBe("lockstep/checkpoint/2");
  expect(found.state).toEqual(JSON.parse(metadata["state"] ?? ""));
  expect(found.state).toMatchObject({ microStep: 2 });
  const kinds = ["optimizer/m/", "unaveraged/", "accumulated/", "observed/1/"];
  const names = Object.keys(expected);
  for (const kind of kinds) expect(names.some((name) => name.startsWith(kind))).toBe(true);
});
