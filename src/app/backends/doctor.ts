/** `exp doctor`: what this machine has, what it lacks, and the command that mends it. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";
import { availableCores, availableMemory } from "../../backend/host-limits.ts";
import { kernelModule } from "../../backend/wasm/module.ts";
import { canShareMemory } from "../../backend/wasm/web-assembly.ts";
import {
  driverFile,
  findInstallation,
  listInstallations,
  manifestProblem,
} from "../../backend/native/installation.ts";
import { backendsFolder, compiledNames, type Variables } from "../../backend/native/place.ts";
import { isExpError, type ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { formatBytes } from "../../core/number-text.ts";
import { requireCompiler } from "./compile.ts";
import { findTool } from "./tool.ts";
import { requirePip, requirePython } from "./pip.ts";
import { ownMachine, widerVectorsHint } from "./wide-node.ts";

/** One thing that was looked at. A type, so that it is plain data. */
export type Finding = {
  readonly topic: string;
  /** `missing` is what only some backends need. */
  readonly status: "ok" | "missing" | "wrong";
  readonly text: string;
  /** What to do. */
  readonly hint?: string;
};

/** What the examination looks at. */
export interface DoctorRequest {
  readonly variables: Variables;
  /** Absolute. */
  readonly workingDirectory: string;
  /** Content of a file of the system, or `undefined` where it is not there. */
  readonly read?: (path: string) => string | undefined;
}

/** Looks at the machine; computes nothing. */
export async function examine(request: DoctorRequest): Promise<readonly Finding[]> {
  const { variables, workingDirectory, read = readText } = request;
  const place = { directory: workingDirectory, variables };
  return [
    nodeFinding(process.versions.node),
    processorFinding(read),
    { topic: "cores", status: "ok", text: `${availableCores()} may be used, of ${cpus().length}` },
    memoryFinding(),
    ...diskFindings(request),
    webAssemblyFinding(),
    await toolFinding("compiler", () => requireCompiler(place).then(({ version }) => version)),
    await toolFinding("python", async () => {
      const program = await requirePython(place);
      await requirePip(program, place);
      const pip = await findTool([program], place);
      return `${pip?.version ?? program} (${program})`;
    }),
    ...compiledNames.map((name) => installationFinding(name, variables)),
    gpuFinding(read),
  ];
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > 20 || (major === 20 && minor >= 19);
  if (isSupported) return { topic: "Node.js", status: "ok", text: version };
  const hint = "Install Node.js 20.19 or newer: https://nodejs.org";
  return { topic: "Node.js", status: "wrong", text: `${version}; 20.19 is needed`, hint };
}

const shownFlags = ["sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni", "amx_tile", "asimd"];

function processorFinding(read: NonNullable<DoctorRequest["read"]>): Finding {
  const facts = read("/proc/cpuinfo") ?? "";
  const model = /^model name\s*:\s*(?<name>.*)$/mu.exec(facts)?.groups?.["name"];
  const flags = /^(?:flags|Features)\s*:\s*(?<list>.*)$/mu.exec(facts)?.groups?.["list"] ?? "";
  const there = flags.split(" ").filter((flag) => shownFlags.includes(flag));
  const text = [model ?? process.arch, ...there].join(" ");
  return { topic: "processor", status: "ok", text };
}

function memoryFinding(): Finding {
  const [free, all] = [availableMemory(), totalmem()];
  return {
    topic: "memory",
    status: "ok",
    text: `${formatBytes(free)} free of ${formatBytes(all)}`,
  };
}

function diskFindings({ variables, workingDirectory }: DoctorRequest): readonly Finding[] {
  const places = [
    ["disk", workingDirectory, 1e9],
    ["cache", backendsFolder(variables), 1.4e9],
    ["/dev/shm", "/dev/shm", 64e6],
  ] as const;
  return places.flatMap(([topic, path, needed]): readonly Finding[] => {
    const free = freeBytes(path);
    if (free === undefined) return [];
    const text = `${formatBytes(free)} free in ${path}`;
    if (free >= needed) return [{ topic, status: "ok", text }];
    const hint = `Free some room: ${formatBytes(needed)} are wanted.`;
    return [{ topic, status: "missing", text, hint }];
  });
}

/** The nearest folder that exists says how much room there is. */
function freeBytes(path: string): number | undefined {
  let folder = path;
  while (!existsSync(folder)) {
    if (dirname(folder) === folder) return undefined;
    folder = dirname(folder);
  }
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** A function whose body is one instruction on 128 bits: refused where there is no SIMD. */
const simdModule = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15,
  253, 98, 11,
]);

function webAssemblyFinding(): Finding {
  const { WebAssembly: engine } = globalThis as {
    readonly WebAssembly?: { readonly validate: (bytes: Uint8Array) => boolean };
  };
  const hasSimd = engine?.validate(simdModule) === true;
  const hasThreads = typeof SharedArrayBuffer === "function";
  if (hasSimd && hasThreads) return vectorFinding();
  const lacking = [hasSimd ? [] : ["SIMD"], hasThreads ? [] : ["shared memory"]]
    .flat()
    .join(" and ");
  const hint = "Start Node.js without flags that take them away, or use backend=cpu.";
  return { topic: "wasm", status: "wrong", text: `without ${lacking}`, hint };
}

/** What it computes with; results do not depend on the width. */
function vectorFinding(): Finding {
  const topic = "wasm";
  try {
    const { hasWideVectors } = kernelModule(canShareMemory());
    const text = `SIMD, shared memory, vectors of ${hasWideVectors ? 256 : 128} bits`;
    const hint = widerVectorsHint(ownMachine());
    return { topic, status: "ok", text, ...(hint === undefined ? {} : { hint }) };
  } catch (error) {
    if (isExpError(error)) return { ...missing(topic, error), status: "wrong" };
    throw error;
  }
}

async function toolFinding(topic: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { topic, status: "ok", text: await look() };
  } catch (error) {
    if (isExpError(error)) return missing(topic, error);
    throw error;
  }
}

function missing(topic: string, { message, hint }: ExpError): Finding {
  return { topic, status: "missing", text: message, ...(hint === undefined ? {} : { hint }) };
}

function installationFinding(name: (typeof compiledNames)[number], variables: Variables): Finding {
  const hint = `exp backend install ${name}`;
  const used = findInstallation(name, variables);
  if (used !== undefined) {
    return {
      topic: name,
      status: "ok",
      text: `TensorFlow ${used.manifest.tensorflow}${cudaText(used.manifest.libraryFolders)}${threadsText(name, variables)} in ${used.folder}`,
    };
  }
  const broken = listInstallations(name, variables).find(({ isInUse }) => isInUse);
  if (broken === undefined) {
    const damage = manifestProblem(name, variables);
    const text = name === "cuda" ? "not installed; CUDA's libraries come with it" : "not installed";
    if (damage === undefined) return { topic: name, status: "missing", text, hint };
    return { topic: name, status: "wrong", text: `cannot be used: ${damage}`, hint };
  }
  const text = `cannot be used: ${broken.problem ?? "unknown"}`;
  return { topic: name, status: "wrong", text, hint: `${hint} --rebuild` };
}

/** ` with cublas, cudnn`: which of CUDA's libraries lie beside TensorFlow's; "" of an installation without any. */
function cudaText(folders: readonly string[]): string {
  const names = folders.map((path) => path.split("/")[1] ?? path);
  return names.length === 0 ? "" : ` with ${names.join(", ")}`;
}

/** How many threads a run takes whose config says no number: docs/native-threads.md. */
function threadsText(name: string, { LOCKSTEP_THREADS: variable = "" }: Variables): string {
  if (name !== "native") return "";
  if (variable !== "") return `, threads: ${variable} (LOCKSTEP_THREADS)`;
  const all = availableCores();
  return all === 1 ? ", threads: 1" : `, threads: 1 for small models, ${all} for others`;
}

/** What a GPU needs, from the device up: the driver's module, its devices, its library. */
function gpuFinding(read: NonNullable<DoctorRequest["read"]>): Finding {
  const version = read(driverFile);
  const topic = "GPU";
  if (version === undefined) {
    const hint =
      "For backend=cuda, install NVIDIA's driver; in a container, start it with --gpus all.";
    return { topic, status: "missing", text: "no driver of NVIDIA is loaded", hint };
  }
  const driver = /Kernel Module\s+(?:for \S+\s+)?(?<version>[\d.]+)/u.exec(version)?.groups?.[
    "version"
  ];
  if (!existsSync("/dev/nvidia0") && !existsSync("/dev/nvidiactl")) {
    const hint = "In a container, start it with --gpus all.";
    return {
      topic,
      status: "wrong",
      text: `driver ${driver ?? "unknown"}, and no device /dev/nvidia0`,
      hint,
    };
  }
  return { topic, status: "ok", text: `driver ${driver ?? "unknown"}` };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // another system, or no such device
  }
}

/** Findings as one document. */
export function findingsDocument(findings: readonly Finding[]): readonly JsonObject[] {
  return findings.map((finding) => ({ ...finding }));
}
