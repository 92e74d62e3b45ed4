/** A worker as its parent holds it: one child process with a channel, its output as lines, and how it ended. */
import { fork } from "node:child_process";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { isFromWorker, type FromWorker, type ToWorker } from "./protocol.ts";

/** How to start a worker. */
export interface WorkerProgram {
  /** Absolute path of the module that is run. */
  readonly module: string;
  readonly args: readonly string[];
  /** Flags for Node.js itself. */
  readonly nodeFlags: readonly string[];
  /** All environment variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute; default: that of this process. */
  readonly workingDirectory?: string;
}

/** How a process ended: with a status, or by a signal. */
export interface ProcessEnd {
  readonly pid: number | undefined;
  readonly status: number | null;
  readonly signal: string | null;
}

export interface WorkerEvents {
  onMessage(message: FromWorker): void;
  /** A line that the process printed, on either stream. */
  onLine(line: string): void;
  /** Called once, after everything that it had said and printed; `error` where it could not be started. */
  onEnd(end: ProcessEnd, error?: Error): void;
}

export interface WorkerProcess {
  /** Sends a message; one to a process that is gone is lost. */
  send(message: ToWorker): void;
  /** Ends the process at once. */
  kill(): void;
}

/** What a process said may lie in its pipes a moment longer; something that it started may hold them open for ever. */
const drainMs = 500;

/** Processes that run now: none may outlive this one. */
const alive = new Set<() => void>();

/** Starts a process. It is ended with this one, however this one ends. */
export function startWorkerProcess(program: WorkerProgram, events: WorkerEvents): WorkerProcess {
  const child = fork(program.module, [...program.args], {
    execArgv: [...program.nodeFlags],
    env: program.environment,
    ...(program.workingDirectory !== undefined && { cwd: program.workingDirectory }),
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A group of its own: the terminal's Ctrl-C goes to this process alone, which tells the workers. Else it would meet
    // one that has no listener yet, or the compiler that it is starting with.
    detached: true,
  });
  const kill = (): void => void child.kill("SIGKILL");
  keep(kill);
  const flushes = [child.stdout, child.stderr].map((stream) =>
    readLines(stream, (line) => events.onLine(line)),
  );
  let isEnded = false;
  const end = (facts: Omit<ProcessEnd, "pid">, error?: Error): void => {
    if (isEnded) return;
    isEnded = true;
    release(kill);
    for (const flush of flushes) flush();
    events.onEnd({ pid: child.pid, ...facts }, error);
  };
  child.on("message", (message) => {
    if (isFromWorker(message) && !isEnded) events.onMessage(message);
  });
  child.on("error", (error) => {
    if (child.pid === undefined) end({ status: null, signal: null }, error);
  });
  child.on("exit", (status, signal) => {
    const ended = (): void => end({ status, signal });
    child.on("close", ended);
    setTimeout(ended, drainMs);
  });
  return {
    send: (message): void => {
      if (child.connected) child.send(message, () => undefined);
    },
    kill,
  };
}

function keep(kill: () => void): void {
  if (alive.size === 0) process.on("exit", killAll);
  alive.add(kill);
}

function release(kill: () => void): void {
  alive.delete(kill);
  if (alive.size === 0) process.off("exit", killAll);
}

function killAll(): void {
  for (const kill of alive) kill();
}

/** Hands over whole lines; what is left without an end is handed over by the function that this gives back. */
function readLines(stream: Readable | null, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream?.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/u);
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return () => {
    if (rest !== "") onLine(rest);
    rest = "";
  };
}
