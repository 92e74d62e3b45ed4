/** Reads a trained model from its place, and checks it against the manifest of its run where there is one. */
import { join, relative, sep } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { decodeSafetensors } from "../core/safetensors.ts";
import type { TrainedModel } from "../core/trained-model.ts";
import { parseManifest, type Manifest } from "../store/manifest.ts";
import { runFiles } from "../store/run-layout.ts";
import { checkpointOf, type CheckpointPlace } from "./checkpoint-place.ts";
import { fileStatus, objectIn, readFileBytes, readRunText } from "./run-files.ts";

/**
 * The model at a place.
 * @throws {ExpError} `store` for a file that is damaged, a link, or gone; `environment` where the machine fails.
 */
export function readTrainedModel(place: CheckpointPlace): TrainedModel {
  const { name, file, artifactFolder, run } = place;
  const manifest = run === undefined ? undefined : readManifest(run);
  const { tensors, metadata } = decode(readChecked(file, place, manifest), file);
  const artifacts: Record<string, JsonObject> = {};
  for (const [artifact, path] of Object.entries(place.artifacts)) {
    const bytes = readChecked(path, place, manifest);
    artifacts[artifact] = objectIn(new TextDecoder().decode(bytes), path);
  }
  const step = Number(metadata["step"]);
  const isStep = metadata["step"] !== undefined && Number.isSafeInteger(step);
  return { name, tensors, step: isStep ? step : undefined, artifacts, artifactFolder };
}

/** What a run is started with because of its config's `checkpoint`: nothing, where there is none. */
export function trainedModelOf(
  config: JsonObject,
  where: Parameters<typeof checkpointOf>[1],
): { readonly trained?: TrainedModel } {
  const place = checkpointOf(config, where);
  return place === undefined ? {} : { trained: readTrainedModel(place) };
}

/**
 * The manifest of a run; `undefined` for one that is not finished: nothing says then what the bytes of its files should be.
 * @param run - Its folder, absolute.
 * @throws {ExpError} `store` for a manifest that is damaged, or a link.
 */
export function readManifest(run: string): Manifest | undefined {
  const path = join(run, runFiles.manifest);
  if (fileStatus(path) === undefined) return undefined;
  const manifest = parseManifest(readRunText(run, runFiles.manifest));
  if (typeof manifest !== "string") return manifest;
  throw new ExpError("store", `${path} cannot be used: ${manifest}.`);
}

function readChecked(
  path: string,
  { run }: CheckpointPlace,
  manifest: Manifest | undefined,
): Uint8Array {
  const bytes = readFileBytes(path);
  if (run === undefined || manifest === undefined) return bytes;
  const listed = relative(run, path).split(sep).join("/");
  const expected = manifest.files.find((file) => file.path === listed);
  if (expected === undefined || expected.sha256 === sha256(bytes)) return bytes;
  throw new ExpError(
    "store",
    `${path} is damaged: its bytes are not those of its run's manifest.`,
    {
      hint: "Take an intact copy of the run, or run it again.",
    },
  );
}

function decode(bytes: Uint8Array, file: string): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (!isExpError(error)) throw error;
    const { hint } = error;
    throw new ExpError("store", `${file}: ${error.message}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
