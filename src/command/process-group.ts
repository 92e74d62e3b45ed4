/** One program and all that it starts: begun together, signalled together, and gone together. */
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** How a program ended. */
export interface ProgramEnd {
  readonly status: number | null;
  /** The signal that ended it. */
  readonly signal: string | null;
  /** Something that it started, and that had left its group, still held its output open: what comes from there is lost. */
  readonly isOutputHeld: boolean;
}

export interface ProgramOptions {
  /** Absolute. */
  readonly path: string;
  readonly args: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly onStdout: (bytes: Uint8Array) => void;
  readonly onStderr: (bytes: Uint8Array) => void;
}

/** A program that is running. */
export interface RunningProgram {
  /** Rejected where it cannot be started. Output is complete by then but for `isOutputHeld`, and nothing of its group is left. */
  readonly ended: Promise<ProgramEnd>;
  /** Asks the whole group to end, and kills it when the time is over. Later calls do nothing. */
  stop(signal: string, graceMs: number): void;
}

/** How long processes that a program left behind may hold its output open. */
const leftBehindMs = 1_000;

/** How long the pipes are read on after the group was killed: whoever holds them now is out of reach. */
const drainMs = 500;

/** The environment that this process was given. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/**
 * Starts a program as the leader of a process group of its own: a Ctrl-C in the terminal reaches it through `stop`
 * alone, and once. Should this process end before it, by whatever, the group is killed.
 */
export function startProgram(options: ProgramOptions): RunningProgram {
  const { path, args, workingDirectory, environment } = options;
  const child = spawn(path, args, {
    cwd: workingDirectory,
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const signalGroup = (name: string): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch {
      return; // it is gone
    }
  };
  const kill = (): void => signalGroup("SIGKILL");
  const endGuard = child.pid === undefined ? (): void => undefined : guardGroup(child.pid);
  process.on("exit", kill);
  const timers: NodeJS.Timeout[] = [];
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.on("error", reject);
    forward(child.stdout, options.onStdout, reject);
    forward(child.stderr, options.onStderr, reject);
    child.on("exit", (status, signal) => {
      const letGo = (): void => {
        for (const stream of [child.stdout, child.stderr]) stream.destroy();
        resolve({ status, signal, isOutputHeld: true });
      };
      timers.push(setTimeout(kill, leftBehindMs), setTimeout(letGo, leftBehindMs + drainMs));
    });
    child.on("close", (status, signal) => resolve({ status, signal, isOutputHeld: false }));
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer);
    endGuard();
    kill();
    process.off("exit", kill);
  });
  let isStopped = false;
  return {
    ended,
    stop: (signal, graceMs) => {
      if (isStopped) return;
      isStopped = true;
      signalGroup(signal);
      timers.push(setTimeout(kill, graceMs));
    },
  };
}

/**
 * A shell that waits for the end of this process, whatever ends it, a SIGKILL too, and then kills the group.
 * @returns Ends the wait.
 */
function guardGroup(leader: number): () => void {
  const script = `read -r line; kill -s KILL -- -${leader} 2>/dev/null`;
  const guard = spawn("/bin/sh", ["-c", script], {
    detached: true, // a Ctrl-C in the terminal is not meant for it
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ignore = (): void => undefined; // without a shell there is no guard
  guard.on("error", ignore);
  guard.stdin.on("error", ignore);
  guard.unref();
  return () => void guard.kill("SIGKILL");
}

/** An error of whoever takes the output (a full disk) must end the run, not the process. */
function forward(
  stream: Readable,
  take: (bytes: Uint8Array) => void,
  fail: (error: unknown) => void,
): void {
  let hasFailed = false;
  stream.on("data", (bytes: Uint8Array) => {
    if (hasFailed) return; // read on: a program whose output nobody takes would wait for ever
    try {
      take(bytes);
    } catch (error) {
      hasFailed = true;
      fail(error);
    }
  });
}
