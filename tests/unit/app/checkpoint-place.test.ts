/** Where a trained model is found, and that no link inside of a run leads elsewhere. */
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findCheckpoint } from "../../../src/app/checkpoint-place.ts";
import { readTrainedModel } from "../../../src/app/trained-model.ts";
import { encodeSafetensors } from "../../../src/core/safetensors.ts";
import { openStore } from "../../../src/store/store.ts";

function runFolder(): { readonly folder: string; readonly run: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const run = join(folder, "run");
  for (const name of ["checkpoints", "model"]) mkdirSync(join(run, name), { recursive: true });
  const file = join(run, "checkpoints/best.safetensors");
  const tensors = new Map([
    ["w", { dtype: "F32" as const, shape: [1], values: Float32Array.of(2) }],
  ]);
  writeFileSync(file, encodeSafetensors(tensors, { step: "3" }));
  writeFileSync(join(run, "model/vocabulary.json"), '{"a":1}');
  return { folder, run, file };
}

const read = (folder: string, name: string): ReturnType<typeof readTrainedModel> =>
  readTrainedModel(findCheckpoint(name, { store: openStore(join(folder, "runs")), folder }));

test("a model is read from its run's folder, from its file, and through a link to the run or the file", () => {
  const { folder, run, file } = runFolder();
  symlinkSync(run, join(folder, "link"));
  symlinkSync(file, join(folder, "link.safetensors"));
  for (const name of ["run", file, "link", "link.safetensors"]) {
    const { step, tensors, artifacts } = read(folder, name);
    expect([step, tensors.get("w")?.values]).toEqual([3, Float32Array.of(2)]);
    expect(artifacts).toEqual(name === "link.safetensors" ? {} : { vocabulary: { a: 1 } });
  }
});

test("links inside of a run are refused: the file, what it is read with, and their folders", () => {
  for (const name of [
    "checkpoints/best.safetensors",
    "model/vocabulary.json",
    "checkpoints",
    "model",
    "manifest.json",
  ]) {
    const { folder, run } = runFolder();
    const path = join(run, name);
    const moved = join(folder, "moved");
    if (name === "manifest.json") writeFileSync(moved, "{}");
    else renameSync(path, moved);
    symlinkSync(moved, path);
    expect(() => read(folder, "run"), name).toThrow(
      expect.objectContaining({
        code: "store",
        message: expect.stringMatching(/link stands where a file should: .*|is a link; expected/u),
      }),
    );
  }
});
