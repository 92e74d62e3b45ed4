/**
 * Which process this is, said so precisely that another process can tell later whether it is still alive: a process
 * number alone is given out again, so its start time, the boot and the number space (container) stand beside it.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isPlainObject } from "../core/json.ts";

export interface ProcessFacts {
  readonly pid: number;
  /** Start in clock ticks since boot; `null` where the system does not tell. */
  readonly processStart: string | null;
  readonly host: string;
  /** Changes with every boot; `null` where the system does not tell. */
  readonly bootId: string | null;
  /** The space that `pid` counts in; containers of one host have different ones. */
  readonly pidNamespace: string | null;
}

/** The facts of this process. */
export function currentProcess(): ProcessFacts {
  return {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    bootId: textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    pidNamespace: textOf(() => readlinkSync("/proc/self/ns/pid")),
  };
}

/** Tells whether a value that was read from a file says what `currentProcess` does. */
export function isProcessFacts(value: unknown): value is Record<string, unknown> & ProcessFacts {
  if (!isPlainObject(value) || !Number.isSafeInteger(value["pid"])) return false;
  if (typeof value["host"] !== "string") return false;
  return ["processStart", "bootId", "pidNamespace"].every((name) => {
    return value[name] === null || typeof value[name] === "string";
  });
}

/**
 * Whether the process that wrote `facts` runs now: `unknown` where it cannot be seen from here (another host, another
 * container), or where only its number is known.
 */
export function processState(
  facts: ProcessFacts,
  here: ProcessFacts,
): "alive" | "dead" | "unknown" {
  const isSameBoot = facts.bootId !== null && facts.bootId === here.bootId;
  if (!isSameBoot) {
    const isRebooted = facts.host === here.host && facts.bootId !== null && here.bootId !== null;
    return isRebooted ? "dead" : "unknown";
  }
  if (facts.pidNamespace !== here.pidNamespace) return "unknown";
  if (facts.processStart === null) return "unknown";
  return facts.processStart === processStart(facts.pid) ? "alive" : "dead";
}

/** Wall-clock time; everything else in the store is handed the time. */
export function systemClock(): Date {
  return new Date();
}

/** Field 22 of `/proc/<pid>/stat`, `null` for a process that is gone or only waits to be collected by its parent. */
function processStart(pid: number): string | null {
  return textOf(() => {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the program's name in parentheses, and may hold spaces and parentheses itself.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, start] = [fields[0], fields[19]];
    return state === "Z" || state === "X" || start === undefined ? null : start;
  });
}

function textOf(read: () => string | null): string | null {
  try {
    return read();
  } catch {
    return null; // no /proc on this system, or no such process
  }
}
