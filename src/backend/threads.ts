/** How many threads compute. Bits do not depend on it, so it is no part of any identity. */
import { ExpError } from "../core/errors.ts";
import { availableCores } from "./host-limits.ts";
import { canShareMemory } from "./wasm/web-assembly.ts";

/** More than this is a slip of the finger on every machine. */
const maxThreads = 1_024;

/** What decides where a config says nothing. */
export interface ThreadsHost {
  readonly numCores: number;
  /** The variable `LOCKSTEP_THREADS`. */
  readonly variable: string | undefined;
  /** Its name, where it is another one. */
  readonly variableName?: string;
  /** Whether threads can share memory; true by default. */
  readonly canShare?: boolean;
}

/**
 * The number of threads: as the config says, else as `LOCKSTEP_THREADS` says (workers of `--jobs` get their share there),
 * else all cores that this process may use. One where threads cannot share memory.
 * @param requested - `threads` of the config.
 * @throws {ExpError} `environment` where the variable decides and is not a whole number from 1 to 1024.
 */
export function chooseThreads(
  requested: number | undefined,
  host: ThreadsHost = thisHost(),
): number {
  const wanted = requested ?? wantedThreads(host);
  return host.canShare === false ? 1 : wanted;
}

function wantedThreads({ numCores, variable = "", variableName }: ThreadsHost): number {
  if (variable === "") return numCores;
  const number = Number(variable);
  if (/^\d+$/u.test(variable) && number >= 1 && number <= maxThreads) return number;
  throw new ExpError(
    "environment",
    `${variableName ?? "LOCKSTEP_THREADS"} is ${JSON.stringify(variable)}; expected a whole number from 1 to ${maxThreads}.`,
    { hint: "Unset it, then all cores are used, or set threads=2 for one run." },
  );
}

/**
 * Threads of `wasm` in a process that computes in TensorFlow's library, whose own number is part of the environment class:
 * as `LOCKSTEP_WASM_THREADS` says, which whoever starts the process sets, else as many as the library has.
 */
export function keeperThreads(
  ofLibrary: number,
  variable: string | undefined = process.env["LOCKSTEP_WASM_THREADS"],
): number {
  const isSet = variable !== undefined && variable !== "";
  return isSet
    ? chooseThreads(undefined, { ...thisHost(), variable, variableName: "LOCKSTEP_WASM_THREADS" })
    : ofLibrary;
}

/** Whether the backend `wasm` computes with one thread, whatever was asked for. */
export function isLimitedToOneThread(): boolean {
  return !canShareMemory();
}

/** Facts of this process. */
function thisHost(): ThreadsHost {
  const variable = process.env["LOCKSTEP_THREADS"];
  return { numCores: availableCores(), variable, canShare: !isLimitedToOneThread() };
}
