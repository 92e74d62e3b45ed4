/**
 * One process at a time exports a run to a place. A lock is a folder that says whose it is before it bears its name, made by
 * one rename; that of a process which is dead is moved aside under a name of its own, so that of two who find it dead one
 * gets through, and the other cannot take the lock of the first away.
 */
import { randomUUID } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { ExpError } from "../core/errors.ts";
import type { FileSystem } from "./file-system.ts";
import { parseObject, prettyJson } from "./json-file.ts";
import { isProcessFacts, processState, takenForDead, type ProcessFacts } from "./process-facts.ts";

/** A lock that is held. */
export interface ExportLock {
  /** Tells those on other hosts, who cannot see this process, that it is alive; to be called at least every ten seconds. */
  beat(): void;
  /** Gives it back; a second call does nothing. */
  release(): void;
}

/** Who takes it, and when. */
export interface LockHolder {
  readonly here: ProcessFacts;
  readonly now: () => Date;
  /** Is told of a holder that is taken for dead without being seen. */
  readonly warn?: (text: string) => void;
  /** What whoever comes second is told, without what holds it. Default: that a run is being exported there. */
  readonly what?: string;
}

const ownerFile = "owner.json";
const beatFile = "beat";

/** A holder on another host that has not beaten for so long is taken for dead. */
const beatLimitMs = 60_000;

/** Remains of dead holders that are younger may still stand in somebody's way. */
const tombLimitMs = 24 * 60 * 60 * 1000;

const maxTries = 100;

/**
 * Takes a lock.
 * @param path - Of the folder that is the lock, absolute; the folder above it exists.
 * @throws {ExpError} `run-active` with who holds it.
 */
export function takeLock(files: FileSystem, path: string, holding: LockHolder): ExportLock {
  const { here, now, warn, what = "This run is being exported there" } = holding;
  const id = randomUUID();
  const own = join(dirname(path), `.new-${id}`);
  try {
    files.ensureDirectory(own);
    const owner = { ...here, id, since: now().toISOString() };
    files.overwrite(join(own, ownerFile), prettyJson(owner));
    files.overwrite(join(own, beatFile), "");
  } catch (error) {
    files.removeTree(own); // a disk that is full, say
    throw error;
  }
  // By the clock that also stamps the signs of life of others.
  const nowMs = files.status(join(own, beatFile))?.changedMs ?? now().getTime();
  for (let tries = 0; tries < maxTries; tries++) {
    if (files.claim(own, path) === "claimed") {
      removeTombs(files, path, nowMs);
      return heldLock(files, path, id);
    }
    const holder = readHolder(files, path);
    if (holder === undefined) continue; // it was given back just now
    const state = processState(holder, here);
    const silentMs = silenceOf(files, path, nowMs);
    if (state === "alive" || (state === "unknown" && silentMs <= beatLimitMs)) {
      files.removeTree(own);
      throw heldBy(holder, what);
    }
    const isMoved = files.claim(path, `${path}.dead-${holder.id}`) === "claimed";
    if (isMoved && state === "unknown")
      warn?.(
        holder.pid === 0
          ? "A lock that does not say whose it is was in the way of this export, and is old: it was taken."
          : `${takenForDead(holder, silentMs)}; it was exporting there since ${holder.since}.`,
      );
  }
  files.removeTree(own);
  throw new ExpError("store", `${path} changes hands all the time; it was not taken.`, {
    hint: "Try again; if it goes on, remove the folder.",
  });
}

interface Holder extends ProcessFacts {
  readonly id: string;
  readonly since: string;
}

/** Whose lock it is; somebody unknown where that cannot be read, and nobody where there is no lock. */
function readHolder(files: FileSystem, path: string): Holder | undefined {
  const text = files.status(path) && (files.readText(join(path, ownerFile)) ?? "");
  if (text === undefined) return undefined;
  const fields = parseObject(text);
  const { id, since } = fields ?? {};
  const isWhole = isProcessFacts(fields) && typeof id === "string" && /^[0-9a-f-]{36}$/.test(id);
  if (isWhole) return { ...fields, id, since: typeof since === "string" ? since : "" };
  if (files.status(path) === undefined) return undefined;
  const nobody = { pid: 0, processStart: null, host: "", bootId: null, pidNamespace: null };
  return { ...nobody, id: "unknown", since: "" };
}

/** For how many milliseconds its holder has not beaten. */
function silenceOf(files: FileSystem, path: string, nowMs: number): number {
  const beat = files.status(join(path, beatFile)) ?? files.status(path);
  return nowMs - (beat?.changedMs ?? -Infinity);
}

function heldLock(files: FileSystem, path: string, id: string): ExportLock {
  let isHeld = true;
  return {
    beat: () => {
      try {
        if (isHeld) files.overwrite(join(path, beatFile), "");
      } catch {
        return; // advisory: on this host the process itself is seen
      }
    },
    release: () => {
      if (!isHeld) return;
      isHeld = false;
      if (readHolder(files, path)?.id !== id) return; // it was taken for dead
      const aside = join(dirname(path), `.old-${id}`);
      files.rename(path, aside);
      files.removeTree(aside);
    },
  };
}

function heldBy({ pid, host, since }: Holder, what: string): ExpError {
  const who = pid === 0 ? "another process" : `process ${pid} on ${host}, since ${since}`;
  return new ExpError("run-active", `${what} already: ${who}.`, {
    hint: "Wait for it to end, and export again: only what is missing is sent.",
  });
}

/** Nobody who found that holder dead is still about to move its lock. */
function removeTombs(files: FileSystem, path: string, nowMs: number): void {
  const folder = dirname(path);
  for (const name of files.list(folder)) {
    if (!name.startsWith(`${basename(path)}.dead-`)) continue;
    const tomb = join(folder, name);
    const age = nowMs - (files.status(join(tomb, ownerFile))?.changedMs ?? nowMs);
    if (age > tombLimitMs) files.removeTree(tomb);
  }
}
