/**
 * Each backend tried in processes of its own: twice with all threads and once with one, so that it shows whether its bits
 * come again, whether they depend on the threads, and how fast it is.
 */
import type { BackendName } from "../../backend/choose.ts";
import { selfTest, type SelfTest } from "../../backend/self-test.ts";
import { isCompiled, type Variables } from "../../backend/native/place.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson } from "../../core/json.ts";
import { ownProgram, probeMark } from "./probe.ts";
import { runVariables } from "./run-variables.ts";
import { callTool, lastLines } from "./tool.ts";

/** What the processes found. A type, so that it is plain data. */
export type BackendHealth = {
  readonly backend: BackendName;
  /** With all threads. */
  readonly threads: number;
  readonly gigaflops: number;
  readonly digest: string;
  /** Whether a second process gave the same digest. */
  readonly repeats: boolean;
  /** Whether one thread gave the same digest. */
  readonly sameWithOneThread: boolean;
};

/** One that could not be tried. */
export type BackendFailure = {
  readonly backend: BackendName;
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

/** Tries one backend. Errors are part of what comes back. */
export async function tryBackend(
  backend: BackendName,
  options: { readonly threads: number; readonly variables: Variables; readonly directory: string },
): Promise<BackendHealth | BackendFailure> {
  const { threads } = options;
  try {
    const first = await inProcess(backend, threads, options);
    const second = await inProcess(backend, threads, options);
    const alone = threads === 1 ? first : await inProcess(backend, 1, options);
    return {
      backend,
      threads,
      gigaflops: Math.max(first.gigaflops, second.gigaflops),
      digest: first.digest,
      repeats: first.digest === second.digest,
      sameWithOneThread: first.digest === alone.digest,
    };
  } catch (error) {
    if (!isExpError(error)) throw error;
    const { message, hint } = error;
    return { backend, error: message, ...(hint === undefined ? {} : { hint }) };
  }
}

async function inProcess(
  backend: BackendName,
  threads: number,
  { variables, directory }: { readonly variables: Variables; readonly directory: string },
): Promise<SelfTest> {
  const task: SelfTestTask = { selfTest: backend, threads, milliseconds };
  const own = isCompiled(backend)
    ? runVariables([{ backend, config: { threads } }], variables)
    : {};
  const end = await callTool({
    program: process.execPath,
    args: [ownProgram(), "backend-probe", JSON.stringify(task)],
    directory,
    variables: { ...variables, ...own },
  });
  const line = end?.stdout.split("\n").find((text) => text.startsWith(probeMark));
  const result = line === undefined ? undefined : parseJson(line.slice(probeMark.length));
  if (end?.status === 0 && isPlainObject(result)) return result as SelfTest;
  const how = end?.signal ?? `status ${end?.status ?? "unknown"}`;
  throw new ExpError("environment", `It failed (${how}).${lastLines(end?.stderr ?? "")}`);
}
