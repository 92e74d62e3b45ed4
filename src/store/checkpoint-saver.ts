/**
 * When checkpoints are saved. Each costs tens of milliseconds, most of them until the disk has it, and a small model comes
 * to the next one in a fraction of a second: there, all of them together would cost a tenth of the run. So one waits in
 * memory until the time since the last is 400 times what that one took, but never more than five seconds, or until the run
 * ends, and a newer one takes its place. Of the first nobody knows what it takes: it waits until five seconds after the
 * beginning, which is all that a quick run lasts. A run that is killed loses that little more; one that is stopped, or that fails, loses
 * nothing. Only those that say so may wait: code that saves one by itself may tell others that its work is safe.
 */
import {
  saveCheckpoint,
  takeCheckpoint,
  type CheckpointEvent,
  type CheckpointLogs,
  type TakenCheckpoint,
} from "./checkpoint-files.ts";
import type { FileSystem } from "./file-system.ts";
import type { RunIdentities } from "./manifest.ts";
import { createTensorCopies } from "./spare-tensors.ts";

/** Time between two, in durations of the first. */
const leastPause = 400;
/** Milliseconds: what a run that is killed may lose, beside what it has done since its last evaluation. */
const longestPause = 5_000;

export interface CheckpointSaver {
  /**
   * Saves a checkpoint, or keeps it for later where it may wait.
   * @throws {ExpError} `training` for a name that no checkpoint can have.
   */
  readonly save: (event: CheckpointEvent) => void;
  /** Saves what waits where it is time to. */
  readonly saveDue: () => void;
  /** Saves what waits. */
  readonly saveAll: () => void;
}

export interface SaverOptions {
  /** Of checkpoints. */
  readonly folder: string;
  readonly identities: RunIdentities;
  readonly isDurable: boolean;
  readonly clock: () => Date;
  /** As they are now. */
  readonly logs: () => CheckpointLogs;
  /** Called before the first durable one is saved, and before each. */
  readonly settle: () => void;
  /** Called when one was saved under these names. */
  readonly saved: (event: CheckpointEvent, names: readonly string[]) => void;
}

/** A saver with nothing that waits. */
export function createCheckpointSaver(files: FileSystem, options: SaverOptions): CheckpointSaver {
  const waiting = new Map<string, TakenCheckpoint>();
  const copies = createTensorCopies();
  const copied = new WeakSet<CheckpointEvent>();
  let end = options.clock().getTime();
  let duration = Infinity;
  const isDue = (): boolean => {
    const pause = options.clock().getTime() - end;
    return pause < 0 || pause >= Math.min(leastPause * duration, longestPause); // below 0 where somebody has set the clock back
  };
  const saveAll = (): void => {
    if (waiting.size === 0) return;
    const all = byCheckpoint(waiting);
    waiting.clear();
    const start = options.clock().getTime();
    for (const [taken, names] of all) saveOne(files, options, { taken, names });
    end = options.clock().getTime();
    duration = end - start;
  };
  const keepable = (event: CheckpointEvent): CheckpointEvent => {
    if (event.isLive !== true || event.mayWait !== true) return event; // what does not wait is saved at once
    const copy = { ...event, tensors: copies.copy(event.tensors) };
    copied.add(copy);
    return copy;
  };
  const letGo = (replaced: ReadonlySet<TakenCheckpoint>): void => {
    const kept = new Set(waiting.values());
    for (const taken of replaced) {
      if (!kept.has(taken) && copied.has(taken.event)) copies.giveBack(taken.event.tensors);
    }
  };
  return {
    save: (event) => {
      const taken = takeCheckpoint(keepable(event), options.logs());
      const before = new Set(waiting.values());
      for (const name of event.names) waiting.set(name, taken);
      letGo(before); // only what was never saved: of files the bytes are remembered
      if (event.mayWait !== true || isDue()) saveAll();
    },
    saveDue: () => {
      if (waiting.size > 0 && isDue()) saveAll();
    },
    saveAll,
  };
}

/** The names under which each is to be saved, the older checkpoint first. */
function byCheckpoint(
  waiting: ReadonlyMap<string, TakenCheckpoint>,
): readonly (readonly [TakenCheckpoint, readonly string[]])[] {
  const names = new Map<TakenCheckpoint, string[]>();
  for (const [name, taken] of waiting) {
    const own = names.get(taken);
    if (own === undefined) names.set(taken, [name]);
    else own.push(name);
  }
  return [...names].toSorted(([first], [second]) => first.event.step - second.event.step);
}

function saveOne(
  files: FileSystem,
  { folder, identities, isDurable, logs, settle, saved }: SaverOptions,
  { taken, names }: { readonly taken: TakenCheckpoint; readonly names: readonly string[] },
): void {
  if (isDurable) settle();
  saveCheckpoint(files, folder, { ...taken, names, logs: logs(), identities, isDurable });
  saved(taken.event, names);
}
