/**
 * Finding a compiled backend that may be used. A folder counts only with its manifest, which is published together with
 * everything it names, and only while its files are what the manifest tells (`problem.ts`).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ExpError, isExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { thrownCode } from "../../core/thrown.ts";
import { libraryPath, parseManifest, type BackendManifest } from "./manifest.ts";
import { backendsFolder, type CompiledName, type Variables } from "./place.ts";
import { problemOf, type Host } from "./problem.ts";

/** A compiled backend on disk. */
export interface Installation {
  /** Absolute. */
  readonly folder: string;
  /** Name of the folder. */
  readonly id: string;
  readonly manifest: BackendManifest;
}

/** One that is there, and whether it can be used. */
export interface ListedInstallation extends Installation {
  /** Whether runs take this one. */
  readonly isInUse: boolean;
  /** Why it cannot be used here; `undefined` where it can. */
  readonly problem: string | undefined;
}

/** The file that names the folder in use. */
export const inUseFile = "in-use";

/** Linux has this file where, and only where, NVIDIA's driver is loaded. */
export const driverFile = "/proc/driver/nvidia/version";

/** This process. */
function thisHost(): Host {
  return {
    platform: process.platform,
    arch: process.arch,
    nodeApi: Number(process.versions["napi"] ?? 0),
    hasGpuDriver: existsSync(driverFile),
  };
}

/** All installations of a backend, by name; folders without a manifest that can be read are none. */
export function listInstallations(
  name: CompiledName,
  variables: Variables,
  host: Host = thisHost(),
): readonly ListedInstallation[] {
  const folder = join(backendsFolder(variables), name);
  const inUse = readInUse(folder);
  return namesIn(folder).flatMap((id) => {
    const installation = readOrProblem(folder, id);
    if (installation === undefined || isExpError(installation)) return [];
    return [
      { ...installation, isInUse: id === inUse, problem: problemOf(installation, name, host) },
    ];
  });
}

/**
 * The installation that runs of a backend take.
 * @throws {ExpError} `environment` where none is in use, or that one cannot be used; with the command that mends it.
 */
export function requireInstallation(
  name: CompiledName,
  variables: Variables,
  host: Host = thisHost(),
): Installation {
  const found = listInstallations(name, variables, host).find(({ isInUse }) => isInUse);
  if (found?.problem === undefined && found !== undefined) return found;
  const install = `exp backend install ${name}`;
  const damage = found === undefined ? manifestProblem(name, variables) : undefined;
  if (damage !== undefined) {
    throw new ExpError("environment", `The backend ${name} cannot be used: ${damage}`, {
      hint: `Run \`${install}\`, which replaces it.`,
    });
  }
  if (found === undefined) throw notInstalled(name, host);
  throw new ExpError("environment", `The backend ${name} cannot be used: ${found.problem}`, {
    hint: `Run \`${install} --rebuild\`; it lies in ${found.folder}.`,
  });
}

function notInstalled(name: CompiledName, { hasGpuDriver }: Host): ExpError {
  const isMissing = `The backend ${name} is not installed on this machine`;
  const install = `exp backend install ${name}`;
  if (name === "cuda" && !hasGpuDriver) {
    const message = `${isMissing}, and no driver of an NVIDIA GPU is loaded, which it computes on.`;
    const hint = `\`exp doctor\` says what else is missing. Install the driver, then run \`${install}\`; or leave backend out: then wasm is taken.`;
    return new ExpError("environment", message, { hint });
  }
  const hint = `Run \`${install}\`, or leave backend out: then wasm is taken.`;
  return new ExpError("environment", `${isMissing}.`, { hint });
}

/** `requireInstallation`, or `undefined` where there is none to be used. */
export function findInstallation(
  name: CompiledName,
  variables: Variables,
  host: Host = thisHost(),
): Installation | undefined {
  return listInstallations(name, variables, host).find(
    ({ isInUse, problem }) => isInUse && problem === undefined,
  );
}

/**
 * What is wrong with the manifest of the installation in use, in a sentence.
 * @returns `undefined` where it can be read, and where nothing is in use.
 */
export function manifestProblem(name: CompiledName, variables: Variables): string | undefined {
  const folder = join(backendsFolder(variables), name);
  const id = readInUse(folder);
  const found = id === undefined ? undefined : readOrProblem(folder, id);
  return isExpError(found) ? found.message : undefined;
}

function readOrProblem(folder: string, id: string): Installation | ExpError | undefined {
  try {
    return readInstallation(join(folder, id), id);
  } catch (error) {
    if (isExpError(error)) return error;
    throw error;
  }
}

/** SHA-256 of TensorFlow's library; "" where the manifest has none. */
export function libraryDigest({ files }: BackendManifest): string {
  return files.find(({ path }) => path === libraryPath)?.sha256 ?? "";
}

/**
 * The digest that stands for the numbers which an installation computes: that of TensorFlow's library, and with CUDA's
 * libraries that of all of them, since one TensorFlow takes several versions of cuDNN and cuBLAS.
 */
export function computationDigest(manifest: BackendManifest): string {
  const library = libraryDigest(manifest);
  const cuda = manifest.files.filter(({ path }) => path.startsWith("nvidia/"));
  if (cuda.length === 0) return library;
  return sha256(
    [library, ...cuda.map(({ path, sha256: digest }) => `${path} ${digest}`)].join("\n"),
  );
}

/**
 * The installation in a folder; `undefined` where there is no manifest.
 * @throws {ExpError} `environment` where it cannot be read.
 */
export function readInstallation(folder: string, id: string): Installation | undefined {
  const path = join(folder, "manifest.json");
  const text = readText(path);
  return text === undefined ? undefined : { folder, id, manifest: parseManifest(text, path) };
}

function readInUse(folder: string): string | undefined {
  return readText(join(folder, inUseFile))?.trim();
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (thrownCode(error) === "ENOENT") return [];
    throw unreadable(folder, error);
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = thrownCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): ExpError {
  return new ExpError("environment", `${path} cannot be read: ${thrownCode(cause) ?? "unknown"}.`, {
    hint: "Give yourself the right to read it, or set LOCKSTEP_CACHE to another folder.",
    cause,
  });
}
