/**
 * Folders of installations that are being made, beside the finished ones. The name of each says whose it is, so that what
 * an interrupted installation left can be told from one that is at work: also in another container that shares the cache.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../core/hash.ts";
import { currentProcess, processState } from "../../store/process-facts.ts";

const prefix = ".building-";

const day = 86_400_000;

/** What numbers of processes mean: they count for themselves in each container, and begin anew with each boot. */
function numberSpace(): string {
  const { host, bootId, pidNamespace } = currentProcess();
  return sha256(`${host}\n${bootId ?? ""}\n${pidNamespace ?? ""}`).slice(0, 12);
}

/** Makes a folder that nobody else uses. */
export function makePrivate(parent: string): string {
  const { pid, processStart } = currentProcess();
  return mkdtempSync(join(parent, `${prefix}${numberSpace()}-${pid}-${processStart ?? ""}-`));
}

/**
 * Removes what was left once its process is gone; of a process that cannot be seen from here, after a day. What cannot be
 * removed, since it belongs to somebody else, is in nobody's way.
 * @param options.now - Milliseconds since 1970.
 * @param options.remove - Removes a folder with everything in it.
 */
export function removeAbandoned(
  parent: string,
  {
    now = Date.now(),
    remove = removeFolder,
  }: { readonly now?: number; readonly remove?: (path: string) => void } = {},
): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    try {
      if (isAbandoned(parent, name, now)) remove(join(parent, name));
    } catch {
      continue; // the next installation tries again
    }
  }
}

function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function isAbandoned(parent: string, name: string, now: number): boolean {
  const { space, pid, start } =
    /^\.building-(?<space>[0-9a-f]{12})-(?<pid>\d+)-(?<start>\d*)-/u.exec(name)?.groups ?? {};
  if (space === numberSpace() && start !== undefined && start !== "") {
    const here = currentProcess();
    const state = processState({ ...here, pid: Number(pid), processStart: start }, here);
    if (state !== "unknown") return state === "dead";
  }
  const facts = statSync(join(parent, name), { throwIfNoEntry: false });
  return facts !== undefined && now - facts.mtimeMs > day;
}
