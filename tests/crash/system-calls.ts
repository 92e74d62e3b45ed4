/** One process under strace, which counts its system calls, and kills it or answers with a fault at one of them. */
import { spawn, spawnSync } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { existsSync, readFileSync } from "node:fs";
import type { TestContext } from "vitest";

/** Calls that change the disk, then those that look at it. */
export const changingCalls = [
  "mkdir",
  "openat",
  "write",
  "fsync",
  "rename",
  "unlink",
  "rmdir",
  "close",
] as const;
const lookingCalls = ["read", "statx", "newfstatat", "getdents64"] as const;
export type Call = (typeof changingCalls)[number] | (typeof lookingCalls)[number];

/** What happens instead of a call. */
export interface Fault {
  readonly name: string;
  /** As strace takes it. */
  readonly how: string;
  readonly at: readonly Call[];
  /** From that call on, each one of its kind. */
  readonly isLasting?: boolean;
  /** What the error says that the process ends with. */
  readonly says: RegExp;
}

const spaceCalls = ["mkdir", "openat", "write", "fsync", "rename"] as const;

/** Real short writes, of which a part is taken, are made by the simulated disk; here a call takes nothing. */
export const faults: readonly Fault[] = [
  { name: "a kill", how: "signal=SIGKILL", at: changingCalls, says: /^$/u },
  {
    name: "EIO",
    how: "error=EIO",
    at: [...changingCalls, ...lookingCalls],
    says: /storage device reported an error/u,
  },
  { name: "ENOSPC", how: "error=ENOSPC", at: spaceCalls, says: /disk is full/u },
  {
    name: "a full disk from there on",
    how: "error=ENOSPC",
    // Not "write": Node.js aborts when it cannot write to its own event descriptors.
    at: ["mkdir", "fsync", "rename"],
    isLasting: true,
    says: /disk is full/u,
  },
  { name: "a write that takes nothing", how: "retval=0", at: ["write"], says: /^$/u },
];

/** One kind of call and which of them, counted from 1. */
export interface Place {
  readonly call: Call;
  readonly when: number;
}

/** Skips a test, and says so where nobody can overlook it, where strace cannot be run. */
export function needStrace(skip: TestContext["skip"]): void {
  const { error, status } = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]);
  if (error === undefined && status === 0) return;
  process.stderr.write(
    "SKIPPED: faults at system calls are not tried, since strace cannot be run here.\n",
  );
  skip("strace cannot be run here");
}

/** How a traced process is started: the arguments of Node.js, its folder, and where strace may write. */
export interface Traced {
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly scratch: string;
}

/**
 * Every call of the main thread that is about a path below `folder`, in order. Without `-f` other threads are neither
 * counted nor hit: the store is synchronous.
 */
export function callsBelow(traced: Traced, folder: string): readonly Place[] {
  const file = join(traced.scratch, "calls");
  const names = [...changingCalls, ...lookingCalls];
  const options = ["-qq", "-y", "-s", "0", "-o", file, "-e", `trace=${names.join(",")}`];
  const { args, cwd } = traced;
  const { status, stderr } = spawnSync("strace", [...options, process.execPath, ...args], { cwd });
  if (status !== 0) throw new Error(`the process that is to be counted failed: ${String(stderr)}`);
  const counts = new Map<string, number>();
  const places: Place[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const call = names.find((name) => line.startsWith(`${name}(`));
    if (call === undefined) continue;
    const when = (counts.get(call) ?? 0) + 1;
    counts.set(call, when);
    if (line.includes(folder)) places.push({ call, when });
  }
  return places;
}

/** What became of a process with a fault. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It had to be killed since it did not end. */
  readonly isHanging: boolean;
  /** The calls that met an error, as strace writes them, with the paths that they are about. */
  readonly struck: readonly string[];
}

/** Seconds, counted while this process is awake. A writer takes one, and a busy machine many times that. */
const hangsAfter = 120;

/** Seconds for a process that a fault has cut off from itself. */
const giveUpAfter = 15;

/** Runs a process that meets a fault at one place. */
export async function runWithFault(traced: Traced, fault: Fault, place: Place): Promise<Outcome> {
  const { call, when } = place;
  const which = `when=${when}${fault.isLasting === true ? "+" : ""}`;
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:${fault.how}:${which}`];
  const file = join(traced.scratch, "struck");
  const options = ["-qq", "-y", "-s", "0", "-o", file];
  const args = [...options, ...inject, process.execPath, ...traced.args];
  const { cwd } = traced;
  const child = spawn("strace", args, {
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let isHanging = false;
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    if (seconds < (isAboutItself(struckCalls(file)) ? giveUpAfter : hangsAfter)) return;
    isHanging ||= !isAboutItself(struckCalls(file));
    endGroup(child.pid);
  }, 1000);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const status = await ended;
  clearInterval(timer);
  const struck = struckCalls(file);
  return { status, stdout, stderr, isHanging, struck };
}

/** Ends strace and what it runs, where they have not ended by themselves meanwhile. */
function endGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

function struckCalls(file: string): readonly string[] {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return lines.filter((line) => line.includes("(INJECTED)"));
}

/**
 * Not every call comes at the same place each time: a fault may meet a pipe or an event descriptor by which the threads of
 * Node.js wake each other, of which no disk can say that it is full. Node.js then aborts, or waits for itself for ever
 * (libuv's lock of signals is a pipe).
 */
function isAboutItself(struck: readonly string[]): boolean {
  return struck.some((call) => /<(?:pipe|socket|anon_inode):/u.test(call));
}

/** Whether a process may end by a signal: it was killed by the fault, or is, as good as that, cut off from itself. */
export function mayBeKilled({ how }: Fault, { struck }: Outcome): boolean {
  return how.startsWith("signal") || isAboutItself(struck);
}

/** Every place where a fault can strike; of each kind of call one in `stride`. */
export function placesOf(
  { at }: Fault,
  places: readonly Place[],
  stride: number,
): readonly Place[] {
  return at.flatMap((call) =>
    places.filter((place) => place.call === call).filter((_, index) => index % stride === 0),
  );
}
