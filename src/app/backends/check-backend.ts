/** `exp backend test`: every file against its digest, the addon in a process of its own, and the way of dense models in several. */
import { join } from "node:path";
import { requireInstallation, type Installation } from "../../backend/native/installation.ts";
import type { CompiledName, Variables } from "../../backend/native/place.ts";
import { ExpError } from "../../core/errors.ts";
import { doctorThreads } from "../run-threads.ts";
import { isHealthy, tryDenseModels, type TrialPlace } from "./self-tests.ts";
import { checkStop } from "./tool.ts";
import { probe, type ProbeResult } from "./probe.ts";
import { fileDigest } from "./publish.ts";

/** What a test found. */
export interface TestedBackend extends ProbeResult {
  readonly installation: Installation;
  readonly numFiles: number;
}

/**
 * Tests the installation that runs of a backend take.
 * @throws {ExpError} `environment` for a file with another digest, and where the addon does not compute.
 */
export async function testBackend(
  name: CompiledName,
  { variables, signal }: { readonly variables: Variables; readonly signal?: AbortSignal },
): Promise<TestedBackend> {
  const installation = requireInstallation(name, variables);
  const { folder, manifest } = installation;
  for (const { path, sha256 } of manifest.files) {
    if ((await fileDigest(join(folder, path))) === sha256) continue;
    throw new ExpError("environment", `${join(folder, path)} is not what was installed.`, {
      hint: `Run \`exp backend install ${name} --rebuild\`.`,
    });
  }
  const found = await probe(installation, { directory: folder, variables, signal });
  if (name === "native") await requireDenseModels({ directory: folder, variables, signal });
  return { ...found, installation, numFiles: manifest.files.length };
}

async function requireDenseModels(place: Omit<TrialPlace, "threads">): Promise<void> {
  const health = await tryDenseModels({ ...place, threads: doctorThreads() });
  checkStop(place.signal);
  if (isHealthy(health)) return;
  const what = "error" in health ? health.error : "other bits in another process.";
  throw new ExpError("environment", `Dense models on native do not compute: ${what}`, {
    hint: "Run `exp backend install native --rebuild`.",
  });
}
