/** What a simulated disk is made of: files that remember which bytes were synced, and a log of the names. */
import type { Random } from "./simulated-disk.ts";

export type Node = FileNode | Directory;

export interface FileNode {
  readonly kind: "file";
  bytes(): Uint8Array;
  changedMs(): number;
  append(bytes: Uint8Array, nowMs: number): void;
  truncate(nowMs: number): void;
  /** Makes all bytes durable. */
  sync(): void;
  /** Loses what was written since the last sync, while it still reads as if it were there. */
  forget(): void;
  isPending(): boolean;
  /** A file as it may lie there after a loss of power. */
  survivor(random: Random): FileNode;
}

export interface Directory {
  readonly kind: "directory";
  /** As the system shows it now. */
  readonly entries: Map<string, Node>;
  /** As it is on the disk for certain. */
  readonly durable: Map<string, Node>;
}

export interface Entry {
  readonly directory: Directory;
  readonly name: string;
}

/** A name that now means something else; `undefined`: nothing. */
export interface EntryChange extends Entry {
  readonly node: Node | undefined;
}

/** Changes of names that need not be on the disk yet. */
export interface EntryLog {
  /** Changes some names at once: all of them reach the disk, or none. */
  change(changes: readonly EntryChange[]): void;
  /** Makes the names in a directory durable, with the changes that they depend on. */
  sync(directory: Directory): void;
  isPending(directory: Directory): boolean;
  /** The tree as it may lie there after a loss of power. */
  survivor(root: Directory, random: Random): Directory;
}

/** An empty directory. */
export function newDirectory(): Directory {
  return { kind: "directory", entries: new Map(), durable: new Map() };
}

interface Write {
  /** `undefined` empties the file. */
  readonly bytes: Uint8Array | undefined;
  readonly at: number;
}

const nothing = new Uint8Array();

/** A file whose bytes, if any, are on the disk. */
export function newFile(createdMs: number, content: Uint8Array = nothing): FileNode {
  let durable = content;
  let current = content;
  let pending: Write[] = [];
  let changed = createdMs;
  return {
    kind: "file",
    bytes: () => current,
    changedMs: () => changed,
    append: (bytes, nowMs): void => {
      const write = { bytes: bytes.slice(), at: current.length };
      pending.push(write);
      current = apply(current, write);
      changed = nowMs;
    },
    truncate: (nowMs): void => {
      if (current.length > 0) pending.push({ bytes: undefined, at: 0 });
      current = nothing;
      changed = nowMs;
    },
    sync: (): void => {
      durable = pending.reduce(apply, durable);
      pending = [];
    },
    forget: (): void => {
      pending = [];
    },
    isPending: () => pending.length > 0,
    survivor: (random) => newFile(changed, surviving(durable, pending, random)),
  };
}

function apply(bytes: Uint8Array, write: Write): Uint8Array {
  if (write.bytes === undefined) return nothing;
  const result = new Uint8Array(Math.max(bytes.length, write.at + write.bytes.length));
  result.set(bytes);
  result.set(write.bytes, write.at);
  return result;
}

/** Any of the writes, some cut off or with a hole in them: blocks reach the disk in any order. */
function surviving(durable: Uint8Array, pending: readonly Write[], random: Random): Uint8Array {
  if (pending.length === 0) return durable;
  const style = random();
  if (style < 0.3) return durable;
  if (style < 0.5) return pending.reduce(apply, durable);
  const kept = pending.filter(() => random() < 0.7);
  return kept.map((write) => torn(write, random)).reduce(apply, durable);
}

function torn(write: Write, random: Random): Write {
  if (write.bytes === undefined || random() < 0.5) return write;
  const cut = Math.floor(random() * write.bytes.length);
  if (random() < 0.5) return { ...write, bytes: write.bytes.subarray(0, cut) };
  const holed = write.bytes.slice();
  holed.fill(0, cut, Math.min(holed.length, cut + 1 + Math.floor(random() * 64)));
  return { ...write, bytes: holed };
}

/** The log of a disk on which everything is durable. */
export function createEntryLog(): EntryLog {
  let log: (readonly EntryChange[])[] = [];
  // Whether a sync of the directory that something was moved out of makes the move durable is left open by POSIX.
  const arrivesIn = (changes: readonly EntryChange[], directory: Directory): boolean => {
    const arrivals = changes.filter(({ node }) => node !== undefined);
    return (arrivals.length > 0 ? arrivals : changes).some((one) => one.directory === directory);
  };
  // That something was removed is no promise of the store's, so a sync for that alone counts for nothing.
  const isCurrent = ({ directory, name, node }: EntryChange): boolean =>
    node !== undefined && directory.entries.get(name) === node;
  return {
    change: (changes): void => {
      for (const change of changes) show(change, change.directory.entries);
      log.push(changes);
    },
    isPending: (directory) =>
      log.some((changes) => changes.some((one) => one.directory === directory && isCurrent(one))),
    sync: (directory): void => {
      const due = new Set<readonly EntryChange[]>();
      for (const changes of log.toReversed()) {
        const isNeeded = [...due].some((later) => sharesName(changes, later));
        if (isNeeded || arrivesIn(changes, directory)) due.add(changes);
      }
      for (const changes of log) {
        if (due.has(changes)) for (const change of changes) show(change, change.directory.durable);
      }
      log = log.filter((changes) => !due.has(changes));
    },
    survivor: (root, random) => survivorOf(root, keepSome(log, random), random),
  };
}

function show({ name, node }: EntryChange, names: Map<string, Node>): void {
  if (node === undefined) names.delete(name);
  else names.set(name, node);
}

function sharesName(one: readonly EntryChange[], other: readonly EntryChange[]): boolean {
  return one.some((a) => other.some((b) => a.directory === b.directory && a.name === b.name));
}

/** Any of the changes, but none without the earlier ones of the same names. */
function keepSome(
  log: readonly (readonly EntryChange[])[],
  random: Random,
): readonly (readonly EntryChange[])[] {
  const style = random();
  const share = style < 0.25 ? 0 : style < 0.5 ? 1 : random();
  const kept: (readonly EntryChange[])[] = [];
  const lost: (readonly EntryChange[])[] = [];
  for (const changes of log) {
    const isPossible = !lost.some((earlier) => sharesName(earlier, changes));
    (isPossible && random() < share ? kept : lost).push(changes);
  }
  return kept;
}

/** A copy, since the disk that lost nothing goes on. */
function survivorOf(
  root: Directory,
  kept: readonly (readonly EntryChange[])[],
  random: Random,
): Directory {
  const names = new Map<Directory, Map<string, Node>>();
  const namesOf = (directory: Directory): Map<string, Node> => {
    const known = names.get(directory) ?? new Map(directory.durable);
    names.set(directory, known);
    return known;
  };
  for (const changes of kept) for (const change of changes) show(change, namesOf(change.directory));
  const copy = (directory: Directory): Directory => {
    const result = newDirectory();
    for (const [name, node] of names.get(directory) ?? directory.durable) {
      const copied = node.kind === "file" ? node.survivor(random) : copy(node);
      result.entries.set(name, copied);
      result.durable.set(name, copied);
    }
    return result;
  };
  return copy(root);
}
