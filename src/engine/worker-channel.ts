/**
 * The side of the worker: takes messages of its parent, does one job after the other, and never outlives the parent.
 * Signals of a terminal reach the whole group of processes; here they mean the same as the parent's word to stop.
 */
import { Worker } from "node:worker_threads";
import { InternalError } from "../core/errors.ts";
import {
  errorMessage,
  isToWorker,
  workerProtocol,
  type FromWorker,
  type Message,
  type ToWorker,
} from "./protocol.ts";

/** What a worker does with what it is told. */
export interface JobServer {
  /** Takes what all jobs share. An error is told to the parent, which gives up. */
  start(setting: Message): Promise<void>;
  /** Does a job; `report` tells the parent how it goes. Errors that belong to the job are part of its result. */
  execute(job: Message, report: (event: Message) => void): Promise<Message>;
}

export interface Channel {
  send(message: FromWorker): void;
  /** Resolves with the next message; with `end` when there is no parent any more. */
  receive(): Promise<ToWorker>;
  /** Aborted when the job that is on should end early. */
  readonly signal: AbortSignal;
  close(): void;
}

/** A parent that died says nothing; a job may take this long to end in good order before the process is ended. */
const orphanMs = 5_000;

/** How a process ends that nobody waits for any more. */
const orphanStatus = 130;

/** Serves jobs until the parent has no more, or is gone. */
export async function serveJobs(server: JobServer, channel: Channel): Promise<void> {
  for (;;) {
    const message = await channel.receive();
    switch (message.kind) {
      case "start":
        if (!(await started(server, message, channel))) return channel.close();
        break;
      case "execute": {
        const { index, job } = message;
        const report = (event: Message): void => channel.send({ kind: "event", index, event });
        const result = await server.execute(job, report);
        channel.send({ kind: "done", index, result });
        break;
      }
      case "end":
        return channel.close();
      case "stop": // reached the signal when it came
        break;
    }
  }
}

async function started(
  server: JobServer,
  { protocol, setting }: Extract<ToWorker, { kind: "start" }>,
  channel: Channel,
): Promise<boolean> {
  try {
    if (protocol === workerProtocol) await server.start(setting);
    channel.send({ kind: "ready", protocol: workerProtocol });
    return protocol === workerProtocol;
  } catch (error) {
    channel.send({ kind: "refused", error: errorMessage(error) });
    return false;
  }
}

/** The channel to the process that started this one. */
export function openParentChannel(): Channel {
  if (process.send === undefined) throw new InternalError("a worker was started without a channel");
  const controller = new AbortController();
  const inbox: ToWorker[] = [];
  let waiting: ((message: ToWorker) => void) | undefined;
  const deliver = (message: ToWorker): void => {
    if (message.kind === "stop") controller.abort("stop");
    if (waiting === undefined) return void inbox.push(message);
    const take = waiting;
    waiting = undefined;
    take(message);
  };
  process.on("message", (message) => {
    if (isToWorker(message)) deliver(message);
  });
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => controller.abort(name));
  }
  const watchdog = watchParent();
  process.on("disconnect", () => {
    controller.abort("parent");
    deliver({ kind: "end" });
    setTimeout(() => process.exit(orphanStatus), orphanMs).unref();
  });
  return {
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    receive: () =>
      new Promise((resolve) => {
        const next = inbox.shift();
        if (next === undefined) waiting = resolve;
        else resolve(next);
      }),
    signal: controller.signal,
    close: (): void => {
      void watchdog.terminate();
      if (process.connected) process.disconnect();
      setTimeout(() => process.exit(), 500).unref(); // what a task left behind keeps nothing alive
    },
  };
}

/**
 * A thread that ends the process when its parent is gone and the process did not notice: a task that computes without
 * a pause never hears of a closed channel.
 */
function watchParent(): Worker {
  const source = `
    const parent = ${process.ppid};
    let goneSince;
    setInterval(() => {
      if (process.ppid === parent) return;
      goneSince ??= Date.now();
      if (Date.now() - goneSince > ${orphanMs + 2_000}) process.kill(process.pid, "SIGKILL");
    }, 1000);`;
  const watchdog = new Worker(source, { eval: true, stdin: false, execArgv: [], env: {} });
  watchdog.unref();
  watchdog.on("error", () => undefined); // the closed channel is noticed in almost every case
  return watchdog;
}
