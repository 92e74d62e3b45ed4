/**
 * What a module could learn about the machine and the process it is evaluated on: `node:os`, facts of `process`, other
 * programs, the network, and the order in which a folder lists its files.
 */
import type { Callable } from "../core/stack-frames.ts";
import { guardedFunction, replaceFunction, type AmbientGuard } from "./seal-ambient-replace.ts";

type Guard = AmbientGuard["guard"];

/** Plain values of `process`. */
const processValues = [
  "pid",
  "ppid",
  "platform",
  "arch",
  "argv",
  "execArgv",
  "execPath",
  "title",
  "version",
];
const processFunctions = [
  "cwd",
  "uptime",
  "memoryUsage",
  "cpuUsage",
  "resourceUsage",
  "availableMemory",
  "constrainedMemory",
];
const childProcessFunctions = [
  "exec",
  "execFile",
  "execFileSync",
  "execSync",
  "fork",
  "spawn",
  "spawnSync",
];
/** Listings that come piece by piece, so that nobody can put them in order. */
const openListings = ["opendir", "opendirSync", "glob", "globSync"];

/**
 * Puts guarded versions in place, and gives back what undoes each. Directory listings stay, but come in code-unit order
 * where code of the project asks for them: the order of the file system differs from machine to machine.
 */
export function hostReplacements(ambient: AmbientGuard): readonly (() => void)[] {
  const { guard } = ambient;
  const order = orderFor(ambient);
  // Loaded here and not imported: most that import this module never evaluate an experiment.
  const os = process.getBuiltinModule("node:os");
  const fs = process.getBuiltinModule("node:fs");
  const childProcess = process.getBuiltinModule("node:child_process");
  return [
    ...Object.keys(os).map((name) => replaceMember(os, `os.${name}`, guard)),
    ...childProcessFunctions.map((name) =>
      replaceMember(childProcess, `child_process.${name}`, guard),
    ),
    ...openListings.flatMap((name) => [
      replaceMember(fs, `fs.${name}`, guard),
      replaceMember(fs.promises, `fs.promises.${name}`, guard),
    ]),
    ...processFunctions.map((name) => replaceMember(process, `process.${name}`, guard)),
    ...processValues.map((name) => replaceValue(process, `process.${name}`, guard)),
    replaceValue(performance, "performance.timeOrigin", guard),
    replaceMember(globalThis, "fetch", guard),
    replaceFunction(fs, "readdirSync", orderedSync(fs.readdirSync, order)),
    replaceFunction(fs, "readdir", orderedCallback(fs.readdir, order)),
    replaceFunction(fs.promises, "readdir", orderedPromise(fs.promises.readdir, order)),
  ];
}

/** @param what - The function as messages name it; what stands behind its last dot is its name. */
function replaceMember(holder: object, what: string, guard: Guard): () => void {
  const name = what.slice(what.lastIndexOf(".") + 1);
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== "function") return () => undefined; // a constant, or another version of Node
  const members = new Map<PropertyKey, unknown>(
    Object.entries(original).flatMap(([key, member]: [string, unknown]) =>
      typeof member === "function"
        ? [[key, guardedFunction(member as Callable, `${what}.${key}`, guard)] as const]
        : [],
    ),
  );
  const guarded = guardedFunction(original as Callable, what, guard);
  const value =
    members.size === 0
      ? guarded
      : new Proxy(guarded, {
          get: (target, key): unknown => members.get(key) ?? Reflect.get(target, key),
        });
  return replaceFunction(holder, name, value);
}

/** Reading the property asks the guard; writing it works as before, and outlasts the seal. */
function replaceValue(holder: object, what: string, guard: Guard): () => void {
  const name = what.slice(what.lastIndexOf(".") + 1);
  const before = Object.getOwnPropertyDescriptor(holder, name);
  let value: unknown = Reflect.get(holder, name);
  const original = value;
  const get = (): unknown => {
    guard(what, get);
    return value;
  };
  const set = (given: unknown): void => {
    value = given;
  };
  Object.defineProperty(holder, name, {
    get,
    set,
    configurable: true,
    enumerable: before?.enumerable ?? false,
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(holder, name)?.get !== get) return;
    if (before === undefined) Reflect.deleteProperty(holder, name);
    else Object.defineProperty(holder, name, value === original ? before : { ...before, value });
  };
}

/** What the caller of `above` gets in place of a listing. */
type OrderFor = (above: Callable) => (listed: unknown) => unknown;

function orderFor({ isProject, reverseListings }: AmbientGuard): OrderFor {
  return (above) => {
    if (isProject(above)) return inOrder;
    return reverseListings ? reversed : (listed) => listed;
  };
}

function orderedSync<F extends Callable>(original: F, order: OrderFor): F {
  const apply = (target: F, self: unknown, args: never[]): unknown =>
    order(apply)(Reflect.apply(target, self, args));
  return new Proxy(original, { apply });
}

function orderedPromise<F extends Callable>(original: F, order: OrderFor): F {
  const apply = (target: F, self: unknown, args: never[]): unknown =>
    (Reflect.apply(target, self, args) as Promise<unknown>).then(order(apply));
  return new Proxy(original, { apply });
}

function orderedCallback<F extends Callable>(original: F, order: OrderFor): F {
  const apply = (target: F, self: unknown, args: unknown[]): unknown => {
    const callback = args.at(-1);
    const inTheirOrder = order(apply); // later the caller is no longer on the stack
    if (typeof callback !== "function") return Reflect.apply(target, self, args) as unknown;
    const ordered = (error: unknown, listed: unknown): unknown =>
      Reflect.apply(callback, undefined, [error, inTheirOrder(listed)]) as unknown;
    return Reflect.apply(target, self, [...args.slice(0, -1), ordered]) as unknown;
  };
  return new Proxy(original, { apply });
}

function reversed(listed: unknown): unknown {
  return Array.isArray(listed) ? (inOrder(listed) as unknown[]).toReversed() : listed;
}

function inOrder(listed: unknown): unknown {
  if (!Array.isArray(listed)) return listed;
  const keyed = listed.map((entry: unknown) => ({ entry, key: entryKey(entry) }));
  keyed.sort((first, second) => (first.key < second.key ? -1 : first.key > second.key ? 1 : 0));
  return keyed.map(({ entry }) => entry);
}

function entryKey(entry: unknown): string {
  if (typeof entry === "string") return entry;
  if (entry instanceof Uint8Array) return Buffer.from(entry).toString("latin1");
  const { parentPath = "", name = "" } = entry as {
    parentPath?: string;
    name?: string | Uint8Array;
  };
  return `${parentPath}/${typeof name === "string" ? name : Buffer.from(name).toString("latin1")}`;
}
