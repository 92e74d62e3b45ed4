/**
 * Sends runs to the tools that they name while they go on: what is new of each is exported about every second, from where
 * the last time stopped. Nothing here knows who executes the runs, and whatever fails is told once and tried again.
 */
import type { LiveTool } from "./live-tools.ts";
import { sendPlace, type Place, type Sending, type TrackerOptions } from "./send-live.ts";

/** A run that goes on. */
export interface LiveRun {
  /** The folder of the runs, absolute. */
  readonly store: string;
  readonly runKey: string;
  /** Of the attempt, absolute. */
  readonly directory: string;
  readonly tools: readonly LiveTool[];
}

/** What did not arrive at a tool until the end. */
export interface Unsent {
  readonly tool: LiveTool;
  readonly runKeys: readonly string[];
  /** Why, in a sentence or two. */
  readonly reason: string;
}

/** Sends runs while they go on. */
export interface Tracker {
  began(run: LiveRun): void;
  /** It was published, or its attempt is over. */
  ended(runKey: string, directory: string): void;
  /**
   * Sends what is left, for so long at most, and tells what could not be. Begin nothing after it. Called again, it ends
   * earlier.
   */
  finish(waitMs: number): Promise<readonly Unsent[]>;
}

/** A look at the runs may take a fiftieth of one processor: the longer the log of W&B, which is written anew, the rarer. */
const restPerWork = 50;

/** How long after the end a tool that has just failed gets one more chance. */
const lastDelaysMs = [500, 1_500];

/** Who wants to wait longer than is usual waits for a server that comes back, and it is tried so often. */
const patience = { fromMs: 10_000, delayMs: 5_000 } as const;

/** A tracker, at work until it is finished. */
export function createTracker(options: TrackerOptions): Tracker {
  const places = new Map<string, Place>();
  const told = new Set<string>();
  const controller = new AbortController();
  const pausing = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let ending: Promise<readonly Unsent[]> | undefined;
  const state: State = { options, places, signal: controller.signal, warn: tellOnce };
  function tellOnce(text: string): void {
    if (told.has(text)) return;
    told.add(text);
    options.warn(text);
  }
  const atWork = lookAgainAndAgain(state, pausing.signal);
  return {
    began: ({ tools, ...run }) => {
      for (const tool of tools) {
        const key = JSON.stringify(tool);
        const place = places.get(key) ?? newPlace(tool);
        places.set(key, place);
        place.runs.set(run.runKey, { ...run, ...untouched });
      }
    },
    ended: (runKey, directory) => {
      for (const { runs } of places.values()) {
        const run = runs.get(runKey);
        if (run !== undefined) Object.assign(run, { directory, isOver: true });
      }
    },
    finish: (waitMs) => {
      pausing.abort();
      timers.push(setTimeout(() => controller.abort(), waitMs));
      ending ??= atWork
        .then(async () => sendLast(state, waitMs > patience.fromMs))
        .then(() => {
          for (const timer of timers) clearTimeout(timer);
          return unsentOf(places);
        });
      return ending;
    },
  };
}

const untouched = { isOver: false, isComplete: false, numBytes: -1, reason: "" } as const;

interface State extends Sending {
  readonly places: ReadonlyMap<string, Place>;
}

function newPlace(tool: LiveTool): Place {
  return { tool, runs: new Map(), target: undefined, numFailures: 0, notBeforeMs: -Infinity };
}

async function lookAgainAndAgain(state: State, pausing: AbortSignal): Promise<void> {
  const { intervalMs, sleep, usedMs } = state.options;
  while (!pausing.aborted) {
    const before = usedMs();
    await sendAll(state, { isLast: false });
    const restMs = (usedMs() - before) * restPerWork;
    if (!pausing.aborted) await sleep(Math.max(intervalMs, restMs), pausing);
  }
}

/** All at once, and those that failed just now once or twice more; again and again where somebody is patient. */
async function sendLast(state: State, isPatient: boolean): Promise<void> {
  await sendAll(state, { isLast: true });
  const maxTries = isPatient ? Infinity : lastDelaysMs.length;
  for (let numTries = 0; numTries < maxTries; numTries++) {
    const delayMs = lastDelaysMs[numTries] ?? patience.delayMs;
    const isFailing = [...state.places.values()].some((place) => isOpen(place));
    if (!isFailing || state.signal.aborted) return;
    await state.options.sleep(delayMs, state.signal);
    if (!state.signal.aborted) await sendAll(state, { isLast: true });
  }
}

function isOpen({ runs }: Place): boolean {
  return [...runs.values()].some(({ isComplete }) => !isComplete);
}

async function sendAll(state: State, { isLast }: { readonly isLast: boolean }): Promise<void> {
  const nowMs = state.options.now().getTime();
  const due = [...state.places.values()].filter(
    (place) => isOpen(place) && (isLast || place.notBeforeMs <= nowMs),
  );
  // Side by side: one server that hangs keeps no other from its runs.
  await Promise.all(due.map((place) => sendPlace(state, place)));
}

function unsentOf(places: ReadonlyMap<string, Place>): readonly Unsent[] {
  return [...places.values()].flatMap(({ tool, runs }) => {
    const open = [...runs.values()].filter(({ isComplete }) => !isComplete);
    if (open.length === 0) return [];
    const reason = open.map((run) => run.reason).find((text) => text !== "");
    const runKeys = open.map(({ runKey }) => runKey);
    return [{ tool, runKeys, reason: reason ?? "There was no time left." }];
  });
}
