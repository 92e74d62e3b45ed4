/** Hooks: what an experiment module, its task or the project's settings export as `onEvent`, outside every identity. */
import type { HookEvent, HookRun, NamedHook } from "../core/hooks.ts";
import type { RunEvent } from "../core/run-events.ts";
import { scrub } from "../core/secrets.ts";
import { thrownMessage } from "../core/thrown.ts";
import { inHook } from "./strays.ts";

/** The hooks of one run. */
export interface Hooks {
  /**
   * Calls every hook with an event. Watching a run must not be able to end it: what a hook throws, or what the promise that
   * it gives back is rejected with, becomes a warning, once for each hook and kind of event.
   */
  tell(event: HookEvent, run: HookRun): void;
  /** Waits for what hooks have begun, a limited time, and warns of what is still at work then. */
  settle(): Promise<void>;
}

/** What hooks are called with. */
export interface HookOptions {
  /** Told at once, or later for an async hook. */
  readonly warn: (warning: RunEvent) => void;
  /** How long `settle` waits, in milliseconds. Default: 10,000. */
  readonly patienceMs?: number;
}

/** Hooks of a run, in the order in which they are called. */
export function createHooks(hooks: readonly NamedHook[], options: HookOptions): Hooks {
  const { patienceMs = 10_000 } = options;
  const warn = (text: string): void => options.warn({ kind: "log", level: "warning", text });
  const failures = new Map<string, number>();
  const pending = new Set<Promise<void>>();
  const failed = ({ from }: NamedHook, { kind }: HookEvent, error: unknown): void => {
    const place = `onEvent of ${from} threw at ${kind}`;
    const numBefore = failures.get(place) ?? 0;
    failures.set(place, numBefore + 1);
    if (numBefore === 0) warn(`${place}: ${scrub(thrownMessage(error))}`);
  };
  const call = (hook: NamedHook, event: HookEvent, run: HookRun): void => {
    try {
      const given = inHook(hook.from, () => hook.onEvent(copyOf(event), run));
      if (!isThenable(given)) return;
      const work = Promise.resolve(given)
        .then(
          () => undefined,
          (error: unknown) => failed(hook, event, error),
        )
        .finally(() => pending.delete(work));
      pending.add(work);
    } catch (error) {
      failed(hook, event, error);
    }
  };
  return {
    tell: (event, run) => {
      for (const hook of hooks) call(hook, event, run);
    },
    settle: async () => {
      const isLate = await isAfter(patienceMs, pending);
      if (isLate) warn(`${lateCalls(pending.size)} did not end in time: not waited for any longer`);
      for (const [place, count] of failures) {
        if (count > 1) warn(`${place} ${String(count)} times in all`);
      }
      failures.clear();
    },
  };
}

/** What a hook writes into its event must reach no record: the task and the store have the other one. */
function copyOf(event: HookEvent): HookEvent {
  return copied(event) as HookEvent; // of the same shape
}

/** Unlike `structuredClone` it takes proxies, copies shared memory, and of a buffer only the part that is seen. */
function copied(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Float32Array || value instanceof Int32Array) return value.slice();
  if (value instanceof Map) return new Map(Array.from(value, ([key, one]) => [key, copied(one)]));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, copied(one)]));
}

function lateCalls(count: number): string {
  return count === 1 ? "1 call of onEvent" : `${String(count)} calls of onEvent`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}

/** Tells whether some of the work is still going on when the time is over. */
async function isAfter(patienceMs: number, work: ReadonlySet<Promise<void>>): Promise<boolean> {
  if (work.size === 0) return false;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patienceMs, true);
  });
  const done = Promise.all(work).then(() => false);
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
