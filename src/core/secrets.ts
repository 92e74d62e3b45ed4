/**
 * The secrets that this process knows, and texts without them. Whatever leaves Lockstep (logs, events, records, plans,
 * errors, the terminal) goes through `scrub`, so that a secret stays inside even where a task prints it, throws it, or
 * names a metric after it.
 *
 * This is the one state of the process that `core` keeps. It hangs on the global object, so that two copies of this
 * module (a global install and a project's own) know the same secrets.
 */
import { maxFormLength, secretPattern } from "./secret-pattern.ts";
import { processVariable } from "./variables.ts";

/** Shorter values cannot be told from other text. */
export const minSecretLength = 6;

/** Lines of a secret with several (a private key, say) that are secrets by themselves. */
const minLineLength = 12;

/** Deeper than any value that is written down. */
const maxDepth = 250;

interface KnownSecret {
  readonly value: string;
  readonly pattern: RegExp;
  /** What stands in its place. */
  readonly mask: string;
}

const registryMark = Symbol.for("lockstep.secrets/1");

/** The longest first: a secret may be part of another one. */
function registry(): KnownSecret[] {
  const holder = globalThis as { [registryMark]?: KnownSecret[] };
  return (holder[registryMark] ??= []);
}

/**
 * From now on texts do not contain the value, in plain or encoded.
 * @param name - Of the environment variable or field that holds it; stands in its place.
 * @param value - Blanks around it do not belong to it. Fewer than `minSecretLength` characters are passed over.
 */
export function registerSecret(name: string, value: string): void {
  const whole = value.trim();
  const lines = whole.split(/\r?\n/).map((line) => line.trim());
  const parts = lines.length > 1 ? lines.filter((line) => line.length >= minLineLength) : [];
  for (const part of [whole, ...parts]) addSecret(name, part);
}

function addSecret(name: string, value: string): void {
  const known = registry();
  if (value.length < minSecretLength || known.some((secret) => secret.value === value)) return;
  known.push({ value, pattern: secretPattern(value), mask: `[secret ${name}]` });
  known.sort((first, second) => second.value.length - first.value.length);
}

/** Registers what variables of the process hold: those that secrets of a config name. */
export function registerSecretNames(names: Iterable<string>): void {
  for (const name of names) {
    const value = processVariable(name);
    if (value !== undefined) registerSecret(name, value);
  }
}

/** The text with `[secret NAME]` in place of each secret: as it is, in escapes, in base64, in hex or percent-encoded. */
export function scrub(text: string): string {
  let result = text;
  for (const { pattern, mask } of registry()) result = result.replace(pattern, () => mask);
  return result;
}

/** Names of the secrets that a text holds. */
export function secretsWithin(text: string): readonly string[] {
  const found = registry().filter(({ pattern }) => text.search(pattern) !== -1);
  return [...new Set(found.map(({ mask }) => mask.slice("[secret ".length, -1)))];
}

/**
 * Characters, and bytes, that any form of a secret takes at most; 0 where no secret is known. Whoever looks for secrets
 * part by part needs as many of the part before.
 */
export function longestSecretForm(): number {
  const longest = Math.max(0, ...registry().map(({ value }) => value.length));
  return longest === 0 ? 0 : (longest + 1) * maxFormLength;
}

/** Bytes that are text as far as anybody knows, scrubbed; what is no UTF-8 keeps its bytes. */
export function scrubBytes(bytes: Uint8Array): Uint8Array {
  if (registry().length === 0) return bytes;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const safe = scrub(text);
    return safe === text ? bytes : new TextEncoder().encode(safe);
  } catch {
    return Buffer.from(scrub(Buffer.from(bytes).toString("latin1")), "latin1");
  }
}

/** Whether there is anything to be taken out of texts. */
export function areSecretsKnown(): boolean {
  return registry().length > 0;
}

/**
 * A value with all texts in it scrubbed, keys too: plain objects, lists and maps are copied where they change, anything
 * else stays as it is. Numbers stay, so JSON stays JSON.
 */
export function scrubValue<T>(value: T): T {
  if (!areSecretsKnown()) return value;
  return scrubAny(value, 0) as T; // of the same shape, with other texts
}

function scrubAny(value: unknown, depth: number): unknown {
  if (typeof value === "string") return scrub(value);
  if (typeof value !== "object" || value === null || depth > maxDepth) return value;
  const inner = (item: unknown): unknown => scrubAny(item, depth + 1);
  if (Array.isArray(value)) return value.map(inner);
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]): [unknown, unknown] => [inner(key), inner(item)]));
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [scrub(key), inner(item)] as const),
  );
}

/** Forgets all secrets. For tests: a process keeps to itself what it has once known. */
export function forgetSecrets(): void {
  registry().length = 0;
}
