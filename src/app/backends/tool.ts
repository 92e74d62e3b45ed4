/** Programs that an installation calls: found on the PATH, ended with the installation, their failures put into words. */
import { spawn } from "node:child_process";
import { ExpError } from "../../core/errors.ts";
import { thrownCode } from "../../core/thrown.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

/** One call of a program. */
export interface ToolCall {
  /** Name on the PATH, or an absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly variables: Variables;
  /** Ends the program, which then counts as interrupted. */
  readonly signal?: AbortSignal | undefined;
}

/** How a program ended. */
export interface ToolEnd {
  /** `undefined` where it was ended by a signal. */
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of what a program prints, this much is kept: its end, where the reason stands. */
const mostCharacters = 200_000;

/**
 * Calls a program and waits for its end.
 * @returns `undefined` where there is no such program.
 * @throws {ExpError} `interrupted` when `signal` was aborted.
 */
export function callTool(call: ToolCall): Promise<ToolEnd | undefined> {
  const { program, args, directory, variables, signal } = call;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], {
      cwd: directory,
      env: variables,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = (): void => void child.kill("SIGTERM");
    signal?.addEventListener("abort", stop);
    if (signal?.aborted === true) stop();
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] = (output[name] + text).slice(-mostCharacters);
      });
    }
    child.on("error", (error) => {
      signal?.removeEventListener("abort", stop);
      if (["ENOENT", "EACCES"].includes(thrownCode(error) ?? "")) resolve(undefined);
      else reject(error);
    });
    child.on("close", (status, ended) => {
      signal?.removeEventListener("abort", stop);
      if (signal?.aborted === true) return reject(interrupted());
      resolve({ status: status ?? undefined, signal: ended ?? undefined, ...output });
    });
  });
}

/** Tells every 20 seconds that a program which may take minutes is still at work. */
export async function callSlowTool(
  call: ToolCall & { readonly observe: (text: string) => void },
): Promise<ToolEnd | undefined> {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 20;
    call.observe(`  still at it after ${seconds} s`);
  }, 20_000);
  try {
    return await callTool(call);
  } finally {
    clearInterval(timer);
  }
}

/** The first of some programs that is there and says its version; with the first line that it says. */
export async function findTool(
  programs: readonly string[],
  call: Omit<ToolCall, "program" | "args">,
): Promise<{ readonly program: string; readonly version: string } | undefined> {
  for (const program of programs) {
    const end = await callTool({ ...call, program, args: ["--version"] });
    if (end?.status !== 0) continue;
    const [version = ""] = `${end.stdout}${end.stderr}`.trim().split("\n");
    return { program, version };
  }
  return undefined;
}

/** Throws where an installation was asked to stop. */
export function checkStop(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw interrupted();
}

function interrupted(): ExpError {
  return new ExpError("interrupted", "Stopped, as asked; nothing was installed.", {
    hint: "Run the same command again.",
  });
}

/**
 * The error of a program that failed: no network and a full disk are told as such, everything else by its last lines.
 * @param what - What it should have done: `pip did not get tensorflow-cpu==2.21.0`.
 */
export function toolError(what: string, { status, signal, stdout, stderr }: ToolEnd): ExpError {
  const said = `${stdout}\n${stderr}`;
  if (isDiskFull(said)) return diskFull(what);
  if (noNetwork.test(said)) return noWay(what);
  const end = signal === undefined ? `status ${status ?? "unknown"}` : signal;
  return new ExpError("environment", `${what} (${end}).${lastLines(said)}`);
}

/** What to do where packages cannot be fetched. */
export const offlineHint =
  "Or fetch the packages elsewhere and hand them over with --from FOLDER (see docs/installing-offline.md).";

/**
 * The error of a registry that cannot be reached.
 * @param reason - What the program says about it.
 */
export function noWay(what: string, reason?: string): ExpError {
  const text = `${what}: there is no way to the package registry`;
  return new ExpError("environment", `${text}${reason === undefined ? "" : ` (${reason})`}.`, {
    hint: `Check the network and the proxy. ${offlineHint}`,
  });
}

const noNetwork =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ECONNRESET|Temporary failure in name resolution|Name or service not known|NewConnectionError|ConnectTimeoutError|ProxyError|Failed to establish a new connection|Network is unreachable/u;

/** Whether a text tells of a disk, or of a quota, that is full. */
export function isDiskFull(text: string): boolean {
  return /ENOSPC|EDQUOT|EFBIG|No space left on device|Disk quota exceeded|File too large|Errno 2[78]\]/u.test(
    text,
  );
}

/** The error of a disk that is full. */
export function diskFull(what: string): ExpError {
  return new ExpError("environment", `${what}: the disk is full.`, {
    hint: "Free some room, or set LOCKSTEP_CACHE to a folder on another disk (temporary files lie there too; npm's own are where npm_config_cache says); nothing half-installed is left behind.",
  });
}

const numLines = 6;
const lineWidth = 200;

/** The last lines of an output, each cut, as lines of a message. */
export function lastLines(output: string): string {
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  return lines
    .slice(-numLines)
    .map((line) => `\n  ${line.trim().slice(0, lineWidth)}`)
    .join("");
}
