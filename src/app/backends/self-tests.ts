/**
 * Each backend tried in processes of its own: twice with all threads and once with one, so that it shows whether its bits
 * come again, whether they depend on the threads, and how fast it is.
 */
import type { BackendName } from "../../backend/choose.ts";
import { selfTest, type SelfTest } from "../../backend/self-test.ts";
import { isLibraryChatter } from "../../backend/native/environment.ts";
import { isCompiled, type Variables } from "../../backend/native/place.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson } from "../../core/json.ts";
import type { Finding } from "./doctor.ts";
import { ownProgram, probeMark } from "./probe.ts";
import { runVariables } from "./run-variables.ts";
import { callTool, lastLines } from "./tool.ts";

/** What the processes found. A type, so that it is plain data. */
export type BackendHealth = {
  readonly backend: BackendName;
  /** Where it was tried as models of dense layers compute on `native`, whose products are our own. */
  readonly models?: "dense";
  /** With all threads. */
  readonly threads: number;
  readonly gigaflops: number;
  readonly digest: string;
  /** Whether a second process gave the same digest. */
  readonly repeats: boolean;
  /** Whether one thread gave the same digest; of dense models on `native` one thread of `wasm`, which takes all pieces. */
  readonly sameWithOneThread: boolean;
};

/** One that could not be tried. */
export type BackendFailure = {
  readonly backend: BackendName;
  readonly models?: "dense";
  readonly error: string;
  readonly hint?: string;
};

/** The child's order: what it is given as the JSON of its argument. */
export type SelfTestTask = {
  readonly selfTest: BackendName;
  readonly threads: number;
  readonly milliseconds: number;
};

/** Of the multiplications in all processes of a backend together, which makes two seconds with what they need to start. */
const milliseconds = 400;

/** The child's side. @returns The line to print. */
export async function answerSelfTest(task: SelfTestTask): Promise<string> {
  return `${probeMark}${JSON.stringify(await selfTest(task.selfTest, task))}`;
}

/** Where a backend is tried. */
export interface TrialPlace {
  /** All that a run would take. */
  readonly threads: number;
  readonly variables: Variables;
  readonly directory: string;
  readonly signal?: AbortSignal | undefined;
}

/** A process of a trial. */
interface Trial extends TrialPlace {
  readonly backend: BackendName;
  readonly models?: "dense";
}

/** Tries one backend; `native` as it computes convolutions. Errors are part of what comes back. */
export async function tryBackend(
  backend: BackendName,
  place: TrialPlace,
): Promise<BackendHealth | BackendFailure> {
  const alone = place.threads === 1 ? undefined : { ...place, backend, threads: 1 };
  return healthOf({ ...place, backend }, alone);
}

/**
 * Tries `native` as models of dense layers compute on it with several threads, by our own products; with two threads at least,
 * since one of them alone takes the library's. Errors are part of what comes back.
 */
export async function tryDenseModels(place: TrialPlace): Promise<BackendHealth | BackendFailure> {
  const { variables } = place;
  const trial = { ...place, ...denseModels, threads: Math.max(2, place.threads) };
  return healthOf(trial, { ...trial, variables: { ...variables, LOCKSTEP_WASM_THREADS: "1" } });
}

const denseModels = { backend: "native", models: "dense" } as const;

async function healthOf(
  trial: Trial,
  alone: Trial | undefined,
): Promise<BackendHealth | BackendFailure> {
  const { backend, models, threads } = trial;
  const named = { backend, ...(models === undefined ? {} : { models }) };
  try {
    const first = await inProcess(trial);
    const second = await inProcess(trial);
    const last = alone === undefined ? first : await inProcess(alone);
    return {
      ...named,
      threads,
      gigaflops: Math.max(first.gigaflops, second.gigaflops),
      digest: first.digest,
      repeats: first.digest === second.digest,
      sameWithOneThread: first.digest === last.digest,
    };
  } catch (error) {
    if (!isExpError(error)) throw error;
    const { message, hint } = error;
    return { ...named, error: message, ...(hint === undefined ? {} : { hint }) };
  }
}

/**
 * Whether a backend does what runs rely on: the same bits again and, for the pieces of dense models, with every number of
 * threads. Those of the library's own threads may depend on it.
 */
export function isHealthy(one: BackendHealth | BackendFailure): boolean {
  return "repeats" in one && one.repeats && (one.models !== "dense" || one.sameWithOneThread);
}

/** What was found by looking, where trying has shown that it does not compute: an installation that fails is not well. */
export function correctFindings(
  findings: readonly Finding[],
  tested: readonly (BackendHealth | BackendFailure)[],
): readonly Finding[] {
  const failed = new Set<string>(tested.filter((one) => "error" in one).map((one) => one.backend));
  return findings.map((finding) => {
    const { topic, status, text } = finding;
    if (status !== "ok" || !isCompiled(topic) || !failed.has(topic)) return finding;
    const hint = `exp backend install ${topic} --rebuild`;
    return { topic, status: "wrong", text: `does not compute: ${text}`, hint };
  });
}

async function inProcess(trial: Trial): Promise<SelfTest> {
  const { backend, models, threads, variables, directory, signal } = trial;
  const task: SelfTestTask = { selfTest: backend, threads, milliseconds };
  const config = { threads, ...(models === "dense" ? { model: { kind: "mlp" } } : {}) };
  const own = isCompiled(backend) ? runVariables([{ backend, config }], variables) : {};
  const end = await callTool({
    program: process.execPath,
    args: [ownProgram(), "backend-probe", JSON.stringify(task)],
    directory,
    signal,
    variables: { ...variables, ...own },
  });
  const line = end?.stdout.split("\n").find((text) => text.startsWith(probeMark));
  const result = line === undefined ? undefined : parseJson(line.slice(probeMark.length));
  if (end?.status === 0 && isPlainObject(result)) return result as SelfTest;
  const how = end?.signal ?? `status ${end?.status ?? "unknown"}`;
  const useful = (end?.stderr ?? "").split("\n").filter((text) => !isLibraryChatter(text));
  throw new ExpError("environment", `It failed (${how}).${lastLines(useful.join("\n"))}`);
}
