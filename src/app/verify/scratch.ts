/** Folders for what executions for comparison leave: each of one process, and gone with it. */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseJson } from "../../core/json.ts";
import { createFileSystem } from "../../store/file-system.ts";
import {
  currentProcess,
  isProcessFacts,
  processState,
  type ProcessFacts,
} from "../../store/process-facts.ts";
import { requireRealFolders } from "../../store/real-folders.ts";

const prefix = "verify-";

/** Says whose a folder is; written right after the folder is made. */
const ownerFile = "owner.json";

/** A folder without its owner's name is taken for abandoned when it is this old. */
const namelessMs = 60_000;

/** A folder of this process. */
export interface Scratch {
  /** Absolute. */
  readonly directory: string;
  /** Removes it with all that is in it. */
  remove(): void;
}

/**
 * Makes a folder below `.cache` of a store, after removing those of processes that are gone. It is removed at the latest
 * when this process ends, also where a second Ctrl-C ends it at once; after a kill the next call finds it.
 * @param store - Absolute.
 */
export function openScratch(store: string): Scratch {
  const parent = join(store, ".cache");
  requireRealFolders(createFileSystem(), store, parent); // abandoned folders are removed below
  mkdirSync(parent, { recursive: true });
  for (const directory of abandonedScratch(store)) removeTree(directory);
  const directory = mkdtempSync(join(parent, prefix));
  const atExit = (): void => removeTree(directory);
  process.on("exit", atExit);
  writeFileSync(join(directory, ownerFile), JSON.stringify(currentProcess()));
  return {
    directory,
    remove: () => {
      process.off("exit", atExit);
      removeTree(directory);
    },
  };
}

/**
 * The folders whose processes are gone.
 * @param store - Absolute.
 * @returns Absolute paths.
 */
export function abandonedScratch(store: string): readonly string[] {
  const parent = join(store, ".cache");
  const here = currentProcess();
  return namesIn(parent)
    .filter((name) => name.startsWith(prefix))
    .map((name) => join(parent, name))
    .filter((directory) => isAbandoned(directory, here));
}

function isAbandoned(directory: string, here: ProcessFacts): boolean {
  const owner = ownerOf(directory);
  if (owner !== undefined) return processState(owner, here) === "dead";
  const changedMs = statSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  return changedMs < Date.now() - namelessMs;
}

/** Numbers of processes are given out again, so all that the owner wrote of itself is needed. */
function ownerOf(directory: string): ProcessFacts | undefined {
  let text: string;
  try {
    text = readFileSync(join(directory, ownerFile), "utf8");
  } catch {
    return undefined;
  }
  const facts = parseJson(text);
  return isProcessFacts(facts) ? facts : undefined;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A worker may still write into it: what it leaves then, the next call removes. */
function removeTree(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    return;
  }
}
