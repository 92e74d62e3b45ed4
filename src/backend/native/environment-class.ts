/** The class of environments in which `native` and `cuda` compute the same bits. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { sha256 } from "../../core/hash.ts";
import type { NativeSetting } from "./environment.ts";
import { computationDigest } from "./installation.ts";
import type { Variables } from "./place.ts";

/** Moves when, and only when, our own part of these backends computes other bits than before. */
export const NATIVE_NUMERICS_VERSION = 6;

/**
 * `native/5/tensorflow-2.21.0-6505a4b9/amd-epyc-9r45-1a2b3c4d/threads-2`: the version of our kernels, the library by its
 * digest (for cuda with CUDA's libraries),
 * the processor, the threads that share a sum; and that oneDNN is off, where it is.
 * @param processor - As `processorClass` says it; that of this machine by default.
 */
export function nativeClass(
  { installation, threads }: NativeSetting,
  variables: Variables,
  processor: string = processorClass(readText),
): string {
  const { backend, tensorflow } = installation.manifest;
  const library = `tensorflow-${tensorflow}-${computationDigest(installation.manifest).slice(0, 8)}`;
  const device = backend === "cuda" ? [gpuClass(readText)] : [];
  const parts = [
    backend,
    NATIVE_NUMERICS_VERSION,
    library,
    ...device,
    processor,
    `threads-${threads}`,
  ];
  const off = variables["LOCKSTEP_ONEDNN"] === "0" ? ["onednn-off"] : [];
  return [...parts, ...off].join("/");
}

/** Content of a file of the system, or the names in a folder, a line each; `undefined` where nothing is. */
type Read = (path: string) => string | undefined;

/** Instructions that the library chooses its code by. */
const vectorFlag = /^(?:avx|amx|fma|f16c|sse|ssse|bmi|asimd|sve|bf16|i8mm)/u;

/**
 * The model of the processor, and a digest of what the library chooses code and block sizes by: vector instructions, and
 * the sizes of the caches.
 * @param read - Content of a file of the system, or `undefined` where it is not there.
 */
export function processorClass(read: Read): string {
  const facts = read("/proc/cpuinfo") ?? "";
  const model = /^model name\s*:\s*(?<name>.*)$/mu.exec(facts)?.groups?.["name"] ?? "unknown";
  const flags = /^(?:flags|Features)\s*:\s*(?<list>.*)$/mu.exec(facts)?.groups?.["list"] ?? "";
  const vectors = flags
    .split(" ")
    .filter((flag) => vectorFlag.test(flag))
    .sort();
  const caches = [0, 1, 2, 3].map((index) =>
    (read(`/sys/devices/system/cpu/cpu0/cache/index${index}/size`) ?? "").trim(),
  );
  return `${slug(model)}-${sha256([...vectors, ...caches].join(" ")).slice(0, 8)}`;
}

/** The GPU and its driver. */
function gpuClass(read: Read): string {
  const driver = /Kernel Module\s+(?:for \S+\s+)?(?<version>[\d.]+)/u.exec(
    read("/proc/driver/nvidia/version") ?? "",
  )?.groups?.["version"];
  const model = gpuModel(read) ?? "no-gpu";
  return `${slug(model)}-driver-${driver ?? "none"}`;
}

function gpuModel(read: Read): string | undefined {
  const folders = (read("/proc/driver/nvidia/gpus") ?? "").split("\n").filter(Boolean);
  for (const folder of folders) {
    const facts = read(`/proc/driver/nvidia/gpus/${folder}/information`) ?? "";
    const model = /^Model:\s*(?<name>.*)$/mu.exec(facts)?.groups?.["name"];
    if (model !== undefined) return model;
  }
  return undefined;
}

function slug(text: string): string {
  const lower = text.toLowerCase().replaceAll(/\((?:r|tm)\)|@.*|\bprocessor\b|\bcpu\b/gu, " ");
  return lower.replaceAll(/[^a-z0-9]+/gu, "-").replaceAll(/^-+|-+$/gu, "");
}

function readText(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? readdirSync(path).join("\n") : readFileSync(path, "utf8");
  } catch {
    return undefined; // another system, or no such device
  }
}
