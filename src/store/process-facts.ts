/**
 * Which process this is, said so precisely that another process can tell later whether it is still alive: a process
 * number alone is given out again, so its start time, the boot and the number space (container) stand beside it.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isPlainObject } from "../core/json.ts";
import { machineIdentity } from "./machine.ts";

export interface ProcessFacts {
  readonly pid: number;
  /** Start in clock ticks since boot; `null` where the system does not tell. */
  readonly processStart: string | null;
  readonly host: string;
  /** Changes with every boot; `null` where the system does not tell. */
  readonly bootId: string | null;
  /** The space that `pid` counts in; containers of one host have different ones. */
  readonly pidNamespace: string | null;
  /** Survives a boot, and no other machine has it; `null` where there is no such thing, absent in early records. */
  readonly machine?: string | null;
}

/** The facts of this process. */
export function currentProcess(): ProcessFacts {
  const pidNamespace = textOf(() => readlinkSync("/proc/self/ns/pid"));
  return {
    pid: process.pid,
    processStart: processStart(process.pid),
    host: hostname(),
    bootId: textOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    pidNamespace,
    machine: machineIdentity(pidNamespace),
  };
}

/** Tells whether a value that was read from a file says what `currentProcess` does. */
export function isProcessFacts(value: unknown): value is Record<string, unknown> & ProcessFacts {
  if (!isPlainObject(value) || !Number.isSafeInteger(value["pid"])) return false;
  if (typeof value["host"] !== "string") return false;
  return hasProcessFields(value);
}

/** Whether the texts of an object that tell one process from another are such texts. */
export function hasProcessFields(value: Readonly<Record<string, unknown>>): boolean {
  const isTextOrNull = (name: string): boolean =>
    value[name] === null || typeof value[name] === "string";
  const isMachine = value["machine"] === undefined || isTextOrNull("machine");
  return isMachine && ["processStart", "bootId", "pidNamespace"].every(isTextOrNull);
}

/**
 * Whether the process that wrote `facts` runs now: `unknown` where it cannot be seen from here (another machine, also one of
 * the same name, another container), or where only its number is known. Then a sign of life has to decide, and whoever
 * takes it for dead says so.
 */
export function processState(
  facts: ProcessFacts,
  here: ProcessFacts,
): "alive" | "dead" | "unknown" {
  const isSameBoot = facts.bootId !== null && facts.bootId === here.bootId;
  if (!isSameBoot) return isBeforeBoot(facts, here) ? "dead" : "unknown";
  if (facts.pidNamespace !== here.pidNamespace) return "unknown";
  if (facts.processStart === null) return "unknown";
  return facts.processStart === processStart(facts.pid) ? "alive" : "dead";
}

/** Whether a process was on this very machine before it went down. Clones may have one number, and then not one name. */
function isBeforeBoot(facts: ProcessFacts, here: ProcessFacts): boolean {
  if (facts.bootId === null || here.bootId === null) return false;
  const { machine = null } = facts;
  return machine !== null && machine === here.machine && facts.host === here.host;
}

/** Why a process is taken for dead that cannot be seen from here, for whoever has to know. */
export function takenForDead(
  { pid, host }: Pick<ProcessFacts, "pid" | "host">,
  silentMs: number,
): string {
  const silence = Number.isFinite(silentMs)
    ? `its last sign of life is ${Math.round(silentMs / 1000)} s old`
    : "there is no sign of life of it";
  return `process ${pid} on ${host} cannot be seen from here (another machine, boot or container) and is taken for dead: ${silence}`;
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
