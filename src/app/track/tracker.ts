/**
 * Sends runs to the tools that they name while they go on: what is new of each is exported about every second, from where
 * the last time stopped. Each tool is on its own, so that none waits for another. Nothing here knows who executes the runs,
 * and whatever fails is told once and tried again.
 */
import type { LiveTool } from "./live-tools.ts";
import { sendPlace, type Place, type Sending, type TrackerOptions } from "./send-live.ts";
import { createToldOnce } from "./told-once.ts";

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

/** Looks at the runs may take a hundredth of one processor: the longer the log of W&B, which is written anew, the rarer. */
const restPerWork = 100;

/** How long after the end a tool that has just failed gets one more chance. */
const lastDelaysMs = [500, 1_500];

/** Who wants to wait longer than is usual waits for a server that comes back, and it is tried so often. */
const patience = { fromMs: 10_000, delayMs: 5_000 } as const;

/** What a tool that does not stop when the time is over may take beyond it: the others have their say. */
const graceMs = 200;

/** A tracker, at work until it is finished. */
export function createTracker(options: TrackerOptions): Tracker {
  const { signal, within, isOver, cancel } = createEnd();
  const pausing = new AbortController();
  const told = createToldOnce(options.warn);
  const places = new Map<string, Place>();
  const state: State = { options, signal, told, places, pausing: pausing.signal, numChargedMs: 0 };
  const loops: Promise<void>[] = [];
  let ending: Promise<readonly Unsent[]> | undefined;
  const open = (tool: LiveTool): Place => {
    const id = JSON.stringify(tool);
    const known = places.get(id);
    if (known !== undefined) return known;
    const place = newPlace(id, tool);
    places.set(id, place);
    loops.push(Promise.resolve().then(async () => lookAgainAndAgain(state, place)));
    return place;
  };
  return {
    began: ({ tools, ...run }) => {
      for (const tool of tools) open(tool).runs.set(run.runKey, { ...run, ...untouched });
    },
    ended: (runKey, directory) => {
      for (const { runs } of places.values()) {
        const run = runs.get(runKey);
        if (run !== undefined) Object.assign(run, { directory, isOver: true });
      }
    },
    finish: (waitMs) => {
      state.isPatient ??= waitMs > patience.fromMs;
      pausing.abort();
      within(waitMs);
      ending ??= Promise.race([Promise.all(loops), isOver]).then(() => {
        cancel();
        tellRepeated(state);
        return [...places.values()].flatMap((place) => unsentOf(state, place));
      });
      return ending;
    },
  };
}

interface End {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
  /** There is so much time left; said again, it is less. */
  readonly within: (milliseconds: number) => void;
  /** Fulfilled where somebody takes longer in spite of it. */
  readonly isOver: Promise<void>;
  readonly cancel: () => void;
}

function createEnd(): End {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let resolve = (): void => undefined;
  const isOver = new Promise<void>((done) => {
    resolve = done;
  });
  const end = (): void => {
    controller.abort();
    timers.push(setTimeout(resolve, graceMs));
  };
  return {
    signal: controller.signal,
    within: (milliseconds) => void timers.push(setTimeout(end, milliseconds)),
    isOver,
    cancel: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const untouched = { isOver: false, isComplete: false, numBytes: -1, reason: "" } as const;

interface State extends Sending {
  readonly places: ReadonlyMap<string, Place>;
  /** Aborted when all runs are over. */
  readonly pausing: AbortSignal;
  /** Processor time that some place has rested for. */
  numChargedMs: number;
  isPatient?: boolean;
}

function newPlace(id: string, tool: LiveTool): Place {
  return { id, tool, runs: new Map(), target: undefined, numFailures: 0, notBeforeMs: -Infinity };
}

async function lookAgainAndAgain(state: State, place: Place): Promise<void> {
  const { intervalMs, sleep, now } = state.options;
  while (!state.pausing.aborted) {
    const isDue = isOpen(place) && place.notBeforeMs <= now().getTime();
    const usedMs = isDue ? await usedBy(state, async () => sendPlace(state, place)) : 0;
    const restMs = usedMs * restPerWork * state.places.size;
    if (!state.pausing.aborted) await sleep(Math.max(intervalMs, restMs), state.pausing);
  }
  await sendLast(state, place);
  if (!isOpen(place)) state.options.onComplete?.(place.tool); // the others may take their time
}

/** The processor time of a body, without that which others at work beside it have been charged with. */
async function usedBy(state: State, body: () => Promise<void>): Promise<number> {
  const { usedMs } = state.options;
  const before = usedMs() - state.numChargedMs;
  await body();
  const used = Math.max(0, usedMs() - state.numChargedMs - before);
  state.numChargedMs += used;
  return used;
}

/** At once, and what failed just now once or twice more; again and again where somebody is patient. */
async function sendLast(state: State, place: Place): Promise<void> {
  if (isOpen(place)) await sendPlace(state, place);
  const maxTries = state.isPatient === true ? Infinity : lastDelaysMs.length;
  for (let numTries = 0; numTries < maxTries; numTries++) {
    const delayMs = lastDelaysMs[numTries] ?? patience.delayMs;
    if (!isOpen(place) || state.signal.aborted) return;
    await state.options.sleep(delayMs, state.signal);
    if (!state.signal.aborted) await sendPlace(state, place);
  }
}

function isOpen({ runs }: Place): boolean {
  return [...runs.values()].some(({ isComplete }) => !isComplete);
}

function unsentOf({ told }: State, { id, tool, runs }: Place): readonly Unsent[] {
  const open = [...runs.values()].filter(({ isComplete }) => !isComplete);
  if (open.length === 0) return [];
  const cause = open.map((run) => run.reason).find((text) => text !== "");
  const runKeys = open.map(({ runKey }) => runKey);
  if (cause === undefined) return [{ tool, runKeys, reason: "There was no time left." }];
  const numTimes = told.numTimes(id, cause);
  const reason = numTimes > 1 ? `${cause} That came ${String(numTimes)} times.` : cause;
  return [{ tool, runKeys, reason }];
}

/** Each trouble was told when it came first, and why something is missing is told with what is missing. */
function tellRepeated({ options, told, places }: State): void {
  for (const { id, tool, runs } of places.values()) {
    const reasons = new Set([...runs.values()].map((run) => (run.isComplete ? "" : run.reason)));
    for (const { text, numTimes } of told.repeated(id)) {
      if (reasons.has(text)) continue;
      options.warn(`${tool.kind}: ${String(numTimes)} times in all: ${text}`);
    }
  }
}
