/**
 * Command lines of `exp` that one process executes for a whole file of tests, which spares each of them the start. For tests of
 * what a command says and leaves behind; what is about a process (signals, pipes, what it loads, standard input) takes `exp`.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll } from "vitest";
import { repository, type ExpOptions, type Finished, type Project } from "./project.ts";

interface Server {
  readonly child: ChildProcess;
  readonly answers: AsyncIterator<string>;
}

let server: Server | undefined;
let last: Promise<unknown> = Promise.resolve();

afterAll(async () => {
  if (server === undefined) return;
  const { child } = server;
  server = undefined;
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.on("exit", resolve));
  child.stdin?.end();
  await ended;
});

function start(): Server {
  const { LOCKSTEP_RUNS: _, FORCE_COLOR: __, ...inherited } = process.env;
  const script = join(repository, "tests/end-to-end/exp-server.cjs");
  const child = spawn(process.execPath, [script], {
    env: { ...inherited, NO_COLOR: "1" },
    stdio: ["pipe", "ignore", "inherit", "pipe"],
  });
  const output = child.stdio[3];
  if (output === null || output === undefined || !("read" in output)) throw new Error("no pipe");
  return { child, answers: createInterface({ input: output })[Symbol.asyncIterator]() };
}

async function ask(request: unknown): Promise<Finished> {
  server ??= start();
  server.child.stdin?.write(`${JSON.stringify(request)}\n`);
  const { value, done = false } = await server.answers.next();
  if (done) throw new Error("the process ended within a command line");
  return JSON.parse(value as string) as Finished;
}

/** Executes a command line in a project, after those that were asked for before. */
export function expInSameProcess(
  project: Project,
  words: readonly string[],
  { environment = {} }: Pick<ExpOptions, "environment"> = {},
): Promise<Finished> {
  const finished = last.then(() => ask({ directory: project.directory, words, environment }));
  last = finished.catch(() => undefined);
  return finished;
}
