/** Which share of a program's time some of its source files took, with all that they called. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly url: string };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Times in seconds. */
export interface ProfileShare {
  /** Of the main thread, waiting included. */
  readonly totalS: number;
  /** With a function of the files at work, directly or by what it calls, the system's calls included. */
  readonly filesS: number;
}

/**
 * Runs a program of Node.js under its sampling profiler, which looks every millisecond.
 * @param words - The program and its arguments.
 * @param options - Where it runs, and how the addresses of the source files end.
 * @throws {Error} where the program fails.
 */
export function profileShare(
  words: readonly string[],
  { cwd, files }: { readonly cwd: string; readonly files: readonly string[] },
): ProfileShare {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-profile-"));
  try {
    const profiler = ["--cpu-prof", `--cpu-prof-dir=${folder}`];
    const { status } = spawnSync(process.execPath, [...profiler, ...words], {
      cwd,
      stdio: "ignore",
    });
    if (status !== 0) throw new Error(`${words.join(" ")} ended with ${String(status)}`);
    // A profile a thread: the main one is the first.
    const [name = ""] = readdirSync(folder).toSorted((a, b) => threadOf(a) - threadOf(b));
    return shareOf(JSON.parse(readFileSync(join(folder, name), "utf8")) as Profile, files);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `CPU.20260102.030405.4711.0.001.cpuprofile` */
function threadOf(name: string): number {
  return Number(name.split(".")[4]);
}

function shareOf({ nodes, samples, timeDeltas }: Profile, files: readonly string[]): ProfileShare {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const inFiles = new Set<number>();
  const mark = (id: number, isInside: boolean): void => {
    const node = byId.get(id);
    const url = node?.callFrame.url ?? "";
    const isHere = isInside || files.some((file) => url.endsWith(file));
    if (isHere) inFiles.add(id);
    for (const child of node?.children ?? []) mark(child, isHere);
  };
  mark(nodes[0]?.id ?? 0, false);
  const total = { all: 0, files: 0 };
  for (const [index, id] of samples.entries()) {
    const durationUs = timeDeltas[index] ?? 0;
    total.all += durationUs;
    if (inFiles.has(id)) total.files += durationUs;
  }
  return { totalS: total.all / 1e6, filesS: total.files / 1e6 };
}
