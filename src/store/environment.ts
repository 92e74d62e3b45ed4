/**
 * What a run ran on. Nothing here reaches an identity: it is recorded, so that someone who finds other bits can see
 * first what else was different. Environment variables are taken by name, never all: they hold secrets.
 */
import { readlinkSync } from "node:fs";
import { arch, cpus, platform, release, totalmem } from "node:os";
import type { JsonObject } from "../core/json.ts";
import { hostFacts, lockFilesOf } from "./environment-host.ts";
import { captureGit, type CapturedGit, type GitFacts } from "./environment-git.ts";
import { redactText } from "./redact.ts";

export interface EnvironmentOptions {
  /** Absolute. */
  readonly projectDirectory: string;
  readonly environmentClass: string;
  readonly lockstepVersion: string;
  /** What the backend says about itself: versions, threads, features. */
  readonly backendFacts: JsonObject;
  /** What git said when the code was frozen; asked now where it is absent. */
  readonly git?: CapturedGit;
}

/** The machine and the programs on it. */
export interface MachineFacts {
  readonly lockstep: string;
  readonly node: string;
  readonly v8: string;
  readonly platform: string;
  readonly arch: string;
  readonly kernel: string;
  readonly cpuModel: string;
  readonly numCores: number;
  readonly memoryBytes: number;
  readonly timeZone: string;
  /** As POSIX names it: `en_US.UTF-8`, or `C` where nothing is set. */
  readonly locale: string;
}

export interface CapturedEnvironment {
  /** Content of `environment.json`. */
  readonly facts: JsonObject;
  /** Content of `uncommitted.diff`, empty where everything is committed. */
  readonly uncommittedDiff: Uint8Array;
  readonly machine: MachineFacts;
  readonly git: GitFacts;
}

/** Variables that are known to change results or speed, and hold no secrets. */
const recordedVariables = [
  "CI",
  "CUBLAS_WORKSPACE_CONFIG",
  "CUDA_VISIBLE_DEVICES",
  "GOTO_NUM_THREADS",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LOCKSTEP_THREADS",
  "LOCKSTEP_VECTORS",
  "MKL_CBWR",
  "MKL_NUM_THREADS",
  "NODE_ENV",
  "NODE_OPTIONS",
  "NVIDIA_TF32_OVERRIDE",
  "OMP_NUM_THREADS",
  "ONEDNN_MAX_CPU_ISA",
  "OPENBLAS_NUM_THREADS",
  "PYTHONHASHSEED",
  "SLURM_ARRAY_JOB_ID",
  "SLURM_ARRAY_TASK_ID",
  "SLURM_CPUS_PER_TASK",
  "SLURM_JOB_ID",
  "SLURM_RESTART_COUNT",
  "TF_CUDNN_DETERMINISTIC",
  "TF_DETERMINISTIC_OPS",
  "TF_ENABLE_ONEDNN_OPTS",
  "TF_NUM_INTEROP_THREADS",
  "TF_NUM_INTRAOP_THREADS",
  "TZ",
  "UV_THREADPOOL_SIZE",
] as const;

/**
 * The facts of this machine and of the project's version control. Runs git, so call it once an invocation, and only
 * when something is going to run. Without git, outside a repository or before the first commit it says so in `git`.
 */
export async function captureEnvironment(
  options: EnvironmentOptions,
): Promise<CapturedEnvironment> {
  const machine = machineFacts(options.lockstepVersion);
  const { git, uncommittedDiff } = options.git ?? (await captureGit(options.projectDirectory));
  const facts: JsonObject = {
    format: "lockstep/environment/1",
    environmentClass: options.environmentClass,
    backend: options.backendFacts,
    machine: { ...machine },
    host: hostFacts(),
    lockFiles: lockFilesOf(options.projectDirectory),
    variables: variables(),
    git: { ...git },
  };
  return { facts, uncommittedDiff, machine, git };
}

function machineFacts(lockstep: string): MachineFacts {
  const processors = cpus();
  return {
    lockstep,
    node: process.versions.node,
    v8: process.versions.v8,
    platform: platform(),
    arch: arch(),
    kernel: release(),
    cpuModel: processors[0]?.model.trim() ?? "unknown",
    numCores: processors.length,
    memoryBytes: totalmem(),
    timeZone: timeZone(),
    locale: process.env["LC_ALL"] || process.env["LC_CTYPE"] || process.env["LANG"] || "C",
  };
}

/** As the C library finds it: the variable, else what `/etc/localtime` points to. */
function timeZone(): string {
  const named = process.env["TZ"];
  if (named !== undefined && named !== "") return named;
  try {
    return readlinkSync("/etc/localtime").replace(/^.*\/zoneinfo\//, "");
  } catch {
    return "UTC"; // no such file: the C library takes UTC
  }
}

function variables(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of recordedVariables) {
    const value = process.env[name];
    if (value !== undefined) found[name] = redactText(value).text;
  }
  return found;
}
