/** A conversation with one worker as promises: it is ready, it did a job, it has ended. */
import { ExpError } from "../core/errors.ts";
import { receivedError, workerProtocol, type FromWorker, type Message } from "./protocol.ts";
import type { ProcessEnd, WorkerEvents, WorkerProcess } from "./worker-process.ts";

/** A process that ended before it had said what it should. */
export interface LostWorker {
  readonly kind: "lost";
  readonly end: ProcessEnd;
  /** What it printed last. */
  readonly lastLines: readonly string[];
}

/** What became of a job that a worker was handed. */
export type JobEnd = { readonly kind: "done"; readonly result: Message } | LostWorker;

export interface WorkerLink {
  /** Resolves when the worker can take jobs; rejects with its refusal, or when its process ended instead. */
  readonly ready: Promise<void>;
  /** Hands over one job; it must be the only one. Never rejects. */
  execute(index: number, job: Message): Promise<JobEnd>;
  /** Asks for an early end of the job that is on. */
  stop(): void;
  /** Lets the worker go; resolves when its process is gone. */
  end(): Promise<void>;
}

export interface LinkOptions {
  readonly start: (events: WorkerEvents) => WorkerProcess;
  /** What all jobs share. */
  readonly setting: Message;
  readonly onEvent: (index: number, event: Message) => void;
  /** Called with a line that the worker printed, and the job that it was at. */
  readonly onLine: (line: string, index: number | undefined) => void;
}

/** Enough for what Node.js prints when it runs out of memory. */
const maxLastLines = 20;

/** A worker that is told to end has nothing to do, so it should be gone in no time. */
const endMs = 5_000;

interface State {
  job: { readonly index: number; readonly settle: (end: JobEnd) => void } | undefined;
  lost: LostWorker | undefined;
  readonly lastLines: string[];
  readonly ready: Deferred;
  readonly gone: Deferred;
}

/** Starts a worker and tells it what its jobs share. */
export function startLink(options: LinkOptions): WorkerLink {
  const state: State = {
    job: undefined,
    lost: undefined,
    lastLines: [],
    ready: createDeferred(),
    gone: createDeferred(),
  };
  const worker = options.start({
    onMessage: (message) => receive(state, message, options),
    onLine: (line) => {
      if (state.lastLines.push(line) > maxLastLines) state.lastLines.shift();
      options.onLine(line, state.job?.index);
    },
    onEnd: (end, error) => lose(state, end, error),
  });
  worker.send({ kind: "start", protocol: workerProtocol, setting: options.setting });
  return {
    ready: state.ready.promise,
    execute: (index, job) =>
      new Promise((settle) => {
        if (state.lost !== undefined) return settle(state.lost);
        state.job = { index, settle };
        worker.send({ kind: "execute", index, job });
      }),
    stop: () => worker.send({ kind: "stop" }),
    end: async () => {
      worker.send({ kind: "end" });
      const timer = setTimeout(() => worker.kill(), endMs);
      await state.gone.promise;
      clearTimeout(timer);
    },
  };
}

function receive(state: State, message: FromWorker, options: LinkOptions): void {
  const { job } = state;
  switch (message.kind) {
    case "ready":
      if (message.protocol === workerProtocol) state.ready.resolve();
      else state.ready.reject(otherProtocol(message.protocol));
      return;
    case "refused":
      state.ready.reject(receivedError(message.error));
      return;
    case "event":
      if (job?.index === message.index) options.onEvent(message.index, message.event);
      return;
    case "done":
      if (job?.index !== message.index) return;
      state.job = undefined;
      job.settle({ kind: "done", result: message.result });
  }
}

function lose(state: State, end: ProcessEnd, error: Error | undefined): void {
  const lost: LostWorker = { kind: "lost", end, lastLines: [...state.lastLines] };
  state.lost = lost;
  state.ready.reject(neverReady(lost, error)); // does nothing where it was ready
  state.job?.settle(lost);
  state.job = undefined;
  state.gone.resolve();
}

/** `ended with status 7`, `was ended by SIGKILL`. */
export function describeEnd({ status, signal }: ProcessEnd): string {
  return signal === null ? `ended with status ${status ?? "unknown"}` : `was ended by ${signal}`;
}

function neverReady({ end, lastLines }: LostWorker, error: Error | undefined): ExpError {
  const what = error === undefined ? describeEnd(end) : `could not be started: ${error.message}`;
  const said = lastLines.length === 0 ? "" : `\n${lastLines.join("\n")}`;
  return new ExpError("environment", `A worker process ${what} before its first run.${said}`, {
    hint: "Run without --jobs to see the same in one process.",
    ...(error !== undefined && { cause: error }),
  });
}

function otherProtocol(found: string): ExpError {
  const message = `The workers of this plan speak ${found}; this exp speaks ${workerProtocol}.`;
  return new ExpError("environment", message, {
    hint: "Run the plan with the version of Lockstep that made it, or plan again.",
  });
}

interface Deferred {
  readonly promise: Promise<void>;
  resolve(): void;
  reject(error: Error): void;
}

/** A promise that is settled from outside; a rejection that nobody has asked for yet is no stray. */
function createDeferred(): Deferred {
  let settle: Omit<Deferred, "promise"> | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  promise.catch(() => undefined);
  return {
    promise,
    resolve: () => settle?.resolve(),
    reject: (error) => settle?.reject(error),
  };
}
