/**
 * Why an installation cannot be used: another machine, files that are gone or cut off, and code of ours that is not what was
 * installed. It is loaded into the process of a run, and damaged code need not be refused by the linker.
 */
import { readFileSync, statSync, type BigIntStats } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import type { Installation } from "./installation.ts";
import { addonPath, libraryPath, productsPath, type FileFacts } from "./manifest.ts";
import type { CompiledName } from "./place.ts";

/** What has to fit between an addon and this process. */
export interface Host {
  readonly platform: string;
  readonly arch: string;
  /** Highest version of Node-API: `process.versions.napi`. */
  readonly nodeApi: number;
  /** Whether the driver of an NVIDIA GPU is loaded. */
  readonly hasGpuDriver: boolean;
}

/** Why an installation cannot be used by `host`, in a sentence; `undefined` where it can. */
export function problemOf(
  { folder, manifest }: Pick<Installation, "folder" | "manifest">,
  name: CompiledName,
  host: Host,
): string | undefined {
  const { platform, arch, nodeApi, backend } = manifest;
  if (backend !== name) return `its manifest is of the backend ${backend}.`;
  if (platform !== host.platform || arch !== host.arch) {
    return `its addon was compiled for ${platform}-${arch}, and this Node.js is ${host.platform}-${host.arch}.`;
  }
  if (nodeApi > host.nodeApi) {
    return `its addon was compiled for Node-API ${nodeApi}, and this Node.js has ${host.nodeApi}.`;
  }
  const named = new Set(manifest.files.map(({ path }) => path));
  const needed = [addonPath, libraryPath, ...(name === "native" ? [productsPath] : [])];
  const unnamed = needed.find((path) => !named.has(path));
  if (unnamed !== undefined) return `its manifest does not name the file ${unnamed}.`;
  for (const file of manifest.files) {
    const problem = problemOfFile(join(folder, file.path), file);
    if (problem !== undefined) return `its file ${file.path} ${problem}.`;
  }
  return undefined;
}

function problemOfFile(
  path: string,
  { bytes, path: name, sha256: known }: FileFacts,
): string | undefined {
  const facts = factsOf(path);
  if (facts === undefined) return "is gone";
  if (facts.size !== BigInt(bytes)) return `has ${facts.size} bytes instead of ${bytes}`;
  // Of the libraries, hundreds of megabytes, `exp backend test` computes them.
  if (!name.startsWith("addon/")) return undefined;
  const state = [path, facts.ino, facts.mtimeNs, facts.ctimeNs].join("\n");
  const digest = digests.get(state) ?? digestOf(path);
  digests.set(state, digest);
  return digest === known ? undefined : "is not what was installed: its SHA-256 is another one";
}

function factsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Of files as they were found, since every run of a plan asks. */
const digests = new Map<string, string>();

function digestOf(path: string): string {
  try {
    return sha256(readFileSync(path));
  } catch {
    return ""; // it cannot be read, so it cannot be loaded
  }
}
