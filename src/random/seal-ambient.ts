/** Replaces ambient inputs by guarded ones, and puts the originals back. What is let through is decided elsewhere. */
import nodeCrypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { Callable } from "../core/stack-frames.ts";
import { hostReplacements } from "./seal-ambient-host.ts";
import { guardedFunction, replaceFunction, type AmbientGuard } from "./seal-ambient-replace.ts";

type Guard = AmbientGuard["guard"];

/** Names of the functions of `node:crypto` that draw random numbers. */
const nodeCryptoNames = ["randomBytes", "randomFill", "randomFillSync", "randomInt", "randomUUID"];
/** Of the global `crypto`, which is `webcrypto` of `node:crypto`; that module forwards `getRandomValues` to it. */
const webCryptoNames = ["getRandomValues", "randomUUID"];

/**
 * Puts guarded functions in place of the ambient ones.
 * @returns Puts the originals back. Should somebody else have replaced one meanwhile, theirs stays: ours, beneath it,
 *   lets everything through from then on.
 */
export function ambientReplacements(ambient: AmbientGuard): () => void {
  const { guard, onOpen } = ambient;
  const undo = [
    replaceFunction(Math, "random", guardedFunction(Math.random, "Math.random", guard)),
    replaceFunction(globalThis, "Date", guardedDate(guard)),
    replaceFunction(performance, "now", guardedFunction(performance.now, "performance.now", guard)),
    replaceFunction(process, "hrtime", guardedClock(guard)),
    replaceFunction(process, "env", guardedEnvironment(guard)),
    ...nodeCryptoNames.map((name) => replaceMember(nodeCrypto, name, guard)),
    ...webCryptoNames.map((name) => replaceMember(nodeCrypto.webcrypto, name, guard)),
    ...hostReplacements(ambient),
  ];
  syncBuiltinESMExports(); // named imports of built-in modules are copies
  let isOpen = false;
  return () => {
    if (isOpen) return;
    isOpen = true;
    onOpen();
    for (const restore of undo) restore();
    syncBuiltinESMExports();
  };
}

function replaceMember(holder: object, name: string, guard: Guard): () => void {
  const original: unknown = Reflect.get(holder, name);
  if (typeof original !== "function") return () => undefined; // another version of Node
  return replaceFunction(
    holder,
    name,
    guardedFunction(original as Callable, `crypto.${name}`, guard),
  );
}

/** With an argument a date is a plain value; without, it is the clock. */
function guardedDate(guard: Guard): DateConstructor {
  const now = guardedFunction(Date.now, "Date.now", guard);
  const apply = (target: DateConstructor): string => {
    guard("Date()", apply);
    return target();
  };
  const construct = (target: DateConstructor, args: unknown[], newTarget: Callable): object => {
    if (args.length === 0) guard("new Date()", construct);
    return Reflect.construct(target, args, newTarget) as object;
  };
  const get = (target: DateConstructor, key: PropertyKey): unknown =>
    key === "now" ? now : Reflect.get(target, key);
  return new Proxy(Date, { apply, construct, get });
}

function guardedClock(guard: Guard): typeof process.hrtime {
  const bigint = guardedFunction(process.hrtime.bigint, "process.hrtime.bigint", guard);
  return new Proxy(guardedFunction(process.hrtime, "process.hrtime", guard), {
    get: (target, key): unknown => (key === "bigint" ? bigint : Reflect.get(target, key)),
  });
}

/** Reading a variable, asking for it or listing all; symbols are what printing asks for. */
function guardedEnvironment(guard: Guard): NodeJS.ProcessEnv {
  const get = (target: NodeJS.ProcessEnv, key: string | symbol): unknown => {
    if (typeof key === "string") guard(`process.env.${key}`, get);
    return Reflect.get(target, key);
  };
  const has = (target: NodeJS.ProcessEnv, key: string | symbol): boolean => {
    if (typeof key === "string") guard(`process.env.${key}`, has);
    return Reflect.has(target, key);
  };
  const getOwnPropertyDescriptor = (
    target: NodeJS.ProcessEnv,
    key: string | symbol,
  ): PropertyDescriptor | undefined => {
    if (typeof key === "string") guard(`process.env.${key}`, getOwnPropertyDescriptor);
    return Reflect.getOwnPropertyDescriptor(target, key);
  };
  const ownKeys = (target: NodeJS.ProcessEnv): (string | symbol)[] => {
    guard("process.env", ownKeys);
    return Reflect.ownKeys(target);
  };
  return new Proxy(process.env, { get, has, getOwnPropertyDescriptor, ownKeys });
}
