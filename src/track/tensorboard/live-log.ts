/**
 * The event file that a run's own process writes into `logs/tensorboard/` while it trains, from the rows in its log: the
 * rows that it inherited from an earlier attempt too. It may fail at any time without touching the run.
 */
import { basename, dirname, join } from "node:path";
import { thrownMessage } from "../../core/thrown.ts";
import { attemptsRoot } from "../../store/run-layout.ts";
import { readRowsFrom, remainingRows } from "../metric-rows.ts";
import { readRunView, type RunView, type ViewTools } from "../run-view.ts";
import type { SessionStatus } from "./events.ts";
import { eventFileName, isEventFile } from "./file-name.ts";
import { createEventRecords } from "./run-events.ts";

/** Written to while a run goes on; no call throws. */
export interface LiveLog {
  /** A row of metrics was logged: it is in the file within a second. */
  noteRow(): void;
  /** Writes what is missing, and how the run ended, where it did. A second call does nothing. */
  end(status: SessionStatus | undefined): void;
}

/** Where the run is, and who is told that something failed. */
export interface LiveLogOptions extends ViewTools {
  /** Absolute. */
  readonly store: string;
  /** Of the attempt, absolute. */
  readonly directory: string;
  /** Calls a function later, once, and keeps no process alive for it; gives back how to call it off. */
  readonly later: (body: () => void, milliseconds: number) => () => void;
  /** Told once, in a sentence: from then on nothing is written. */
  readonly warn: (text: string) => void;
}

/** Folder of the event files in a run. */
const tensorboardFolder = "logs/tensorboard";

/** A row that was logged is in the file so much later at most: rows of a quick loop are written together. */
const delayMs = 1000;

/** A microsecond: the seconds of an event are a double, in which half of it would be lost. */
const leastStepMs = 0.001;

/** Begins the event file of an attempt that was just claimed. */
export function beginLiveLog(options: LiveLogOptions): LiveLog {
  let log: OpenLog | undefined;
  let cancel: (() => void) | undefined;
  let isOver = false;
  const attempted = (body: () => void): void => {
    try {
      body();
    } catch (error) {
      isOver = true;
      log?.abandon();
      options.warn(`logs/tensorboard is not written any more: ${thrownMessage(error)}`);
    }
  };
  attempted(() => {
    log = openLog(options);
  });
  const times: number[] = [];
  const write = (): void => {
    cancel = undefined;
    if (!isOver) attempted(() => log?.writeRows(times));
  };
  return {
    noteRow: () => {
      if (isOver) return;
      times.push(options.now().getTime());
      cancel ??= options.later(write, delayMs);
    },
    end: (status) => {
      cancel?.();
      if (isOver) return;
      attempted(() => {
        log?.writeRows(times);
        log?.end(status);
        isOver = true;
      });
    },
  };
}

interface OpenLog {
  /** @param times - When the rows of this attempt were logged; those that were used are taken away. */
  writeRows(times: number[]): void;
  end(status: SessionStatus | undefined): void;
  abandon(): void;
}

function openLog(options: LiveLogOptions): OpenLog {
  const { files, directory, now, here } = options;
  const records = createEventRecords();
  const startedMs = now().getTime();
  const start = records.start(viewOf(options), startedMs);
  const folder = join(directory, tensorboardFolder);
  files.ensureDirectory(folder);
  const { host, pid: number } = here;
  const path = join(folder, eventFileName({ timeMs: startedMs, host, number }));
  const descriptor = files.openNew(path);
  let isOpen = true;
  const append = (bytes: Uint8Array): void => files.append(descriptor, path, bytes);
  append(start);
  let lastMs = -Infinity;
  /** Aim passes over what is no later than what came before. */
  const later = (timeMs: number): number => (lastMs = Math.max(timeMs, lastMs + leastStepMs));
  removeEarlier(options);
  const reader = readRowsFrom(files, directory);
  return {
    writeRows: (times) => {
      const rows = reader === undefined ? [] : remainingRows(reader);
      if (rows.length === 0) return;
      const numInherited = Math.max(0, rows.length - times.length);
      const own = times.splice(0, rows.length - numInherited);
      const timeOf = (index: number): number => own[index - numInherited] ?? startedMs;
      append(Buffer.concat(rows.map((row, index) => records.row(row, later(timeOf(index))))));
    },
    end: (status) => {
      if (status !== undefined) append(records.end(viewOf(options), status, now().getTime()));
      isOpen = false;
      files.close(descriptor, path);
    },
    abandon: () => {
      if (!isOpen) return;
      isOpen = false;
      try {
        files.close(descriptor, path);
      } catch {
        return; // it failed already
      }
    },
  };
}

/**
 * Each folder with event files is a session to TensorBoard, so that a run that goes on after a kill would be two. The new
 * file has the rows that it went on from, so those of the attempts before it have nothing to add.
 */
function removeEarlier({ files, store, directory }: LiveLogOptions): void {
  const attempts = dirname(directory);
  if (dirname(attempts) !== attemptsRoot(store)) return;
  const own = Number(basename(directory));
  for (const name of files.list(attempts).filter((one) => Number(one) < own)) {
    const folder = join(attempts, name, tensorboardFolder);
    try {
      if (files.status(folder)?.kind !== "directory") continue;
      for (const one of files.list(folder).filter(isEventFile)) files.removeFile(join(folder, one));
    } catch {
      continue; // it is shown twice, which is no reason to show nothing
    }
  }
}

function viewOf(options: LiveLogOptions): RunView {
  const view = readRunView(options, options);
  if (typeof view === "string") throw new Error(`the run cannot be read: ${view}`);
  return view;
}
