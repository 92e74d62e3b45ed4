/** Reads a trained model from its place, and checks it against the manifest of its run where there is one. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ExpError, isExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { decodeSafetensors } from "../core/safetensors.ts";
import type { TrainedModel } from "../core/trained-model.ts";
import { parseManifest, type Manifest } from "../store/manifest.ts";
import { checkpointOf, type CheckpointPlace } from "./checkpoint-place.ts";

/**
 * The model at a place.
 * @throws {ExpError} `data` for a file that cannot be read; `store` for one that is damaged.
 */
export async function readTrainedModel(place: CheckpointPlace): Promise<TrainedModel> {
  const { name, file, artifactFolder } = place;
  const manifest = await readManifest(place);
  const { tensors, metadata } = decode(await readChecked(file, place, manifest), file);
  const artifacts: Record<string, JsonObject> = {};
  for (const [artifact, path] of Object.entries(place.artifacts)) {
    artifacts[artifact] = parseArtifact(await readChecked(path, place, manifest), path);
  }
  const step = Number(metadata["step"]);
  const isStep = metadata["step"] !== undefined && Number.isSafeInteger(step);
  return { name, tensors, step: isStep ? step : undefined, artifacts, artifactFolder };
}

/** What a run is started with because of its config's `checkpoint`: nothing, where there is none. */
export async function trainedModelOf(
  config: JsonObject,
  where: Parameters<typeof checkpointOf>[1],
): Promise<{ readonly trained?: TrainedModel }> {
  const place = checkpointOf(config, where);
  return place === undefined ? {} : { trained: await readTrainedModel(place) };
}

/** `undefined` for a run that is not finished, and for a file that lies alone: nothing says what its bytes should be. */
async function readManifest({ run }: CheckpointPlace): Promise<Manifest | undefined> {
  const path = run === undefined ? undefined : join(run, "manifest.json");
  if (path === undefined || !existsSync(path)) return undefined;
  const manifest = parseManifest((await readBytes(path)).toString("utf8"));
  if (typeof manifest !== "string") return manifest;
  throw new ExpError("store", `${path} cannot be used: ${manifest}.`);
}

async function readChecked(
  path: string,
  { run }: CheckpointPlace,
  manifest: Manifest | undefined,
): Promise<Uint8Array> {
  const bytes = await readBytes(path);
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

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ExpError("data", `${path} cannot be read: ${reason}`, { cause });
  }
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

function parseArtifact(bytes: Uint8Array, file: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    value = undefined;
  }
  if (isPlainObject(value)) return value as JsonObject; // parsed JSON
  throw new ExpError("store", `${file} is damaged: it is no JSON object.`);
}
