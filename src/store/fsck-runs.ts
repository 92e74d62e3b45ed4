/** Checking published runs, and those that did not repeat: every byte that a digest covers. */
import { join, relative, sep } from "node:path";
import { readAttemptRecord } from "./attempt-record.ts";
import { checkBeside } from "./fsck-beside.ts";
import { entriesBelow, namesIn, report, toTrash, type CheckContext } from "./fsck-findings.ts";
import { lookTwice } from "./fsck-twice.ts";
import { isDeterministic, type Manifest } from "./manifest.ts";
import {
  contradictions,
  damagedFiles,
  inspectPublished,
  notThere,
  type PublishedRun,
} from "./published-run.ts";
import { hasSnapshot } from "./snapshot-store.ts";
import { codeRoot, conflictsRoot, isRunName } from "./run-layout.ts";

/** Checks everything that bears the name of a run, and gives back how many are runs. */
export function checkRuns(context: CheckContext): number {
  const { files, store } = context;
  let numRuns = 0;
  for (const name of files.list(store)) {
    const path = join(store, name);
    if (isRunName(name))
      numRuns += lookTwice(context, name, (looking) => checkRun(looking, path)) ? 1 : 0;
    else if (!name.startsWith(".") && name !== "README.md") {
      const message = "This is nothing of the store's; it was left alone.";
      report(context, { severity: "note", code: "foreign", path, message });
    }
  }
  return numRuns;
}

/** Checks what bears the name of a run; whether it is a whole one. */
export function checkRun(context: CheckContext, directory: string): boolean {
  const name = relative(context.store, directory);
  const run = inspectPublished(context.files, directory);
  if (run === notThere) return false; // another process removed it a moment ago
  const problem = typeof run === "string" ? run : runProblem(context, run, name);
  if (problem !== undefined) {
    const message = `This is no whole run: ${problem}. It stands in the way of its key.`;
    const repair = toTrash(context, directory, message);
    report(context, { severity: "error", code: "damaged-run", path: directory, message, repair });
    return false;
  }
  if (typeof run !== "string") {
    checkBeside(context, run);
    checkLinks(context, run.directory);
    checkItsCode(context, run);
  }
  return true;
}

function runProblem({ files }: CheckContext, run: PublishedRun, name: string): string | undefined {
  const { directory, manifest, runKey } = run;
  if (!runKey.startsWith(name)) return `it belongs to run key ${runKey}`;
  const [damage] = damagedFiles(files, run);
  if (damage !== undefined) return damage;
  const [contradiction] = contradictions(files, run);
  return contradiction ?? unlisted(files, directory, manifest);
}

/** A result that no manifest lists was put there later. */
function unlisted(
  files: CheckContext["files"],
  directory: string,
  manifest: Manifest,
): string | undefined {
  const listed = new Set(manifest.files.map(({ path }) => path));
  const path = entriesBelow(files, directory)
    .map((entry) => relative(directory, entry.path).split(sep).join("/"))
    .find((name) => isDeterministic(name) && !listed.has(name));
  return path === undefined ? undefined : `${path} is not in its manifest`;
}

/** Only below `files/`, and only to places in the run itself. */
function checkLinks(context: CheckContext, directory: string): void {
  const { files } = context;
  const root = files.realPath(directory) ?? directory;
  for (const { path, kind } of entriesBelow(files, directory)) {
    if (kind === "file") continue;
    const isOwn = relative(directory, path).split(sep)[0] === "files";
    const target = kind === "link" ? files.realPath(path) : undefined;
    if (isOwn && target?.startsWith(`${root}${sep}`) === true) continue;
    const message =
      kind === "link"
        ? "A link that leads out of the run, or nowhere; it was not followed."
        : "A pipe, a socket or a device; it was not opened.";
    const repair = toTrash(context, path, message);
    report(context, { severity: "warning", code: "planted", path, message, repair });
  }
}

function checkItsCode(context: CheckContext, { directory, manifest }: PublishedRun): void {
  const { files, store } = context;
  const { codeHash } = manifest.identities;
  const digest = readAttemptRecord(files, directory)?.snapshot?.digest;
  const isStored = files.status(join(codeRoot(store), codeHash)) !== undefined;
  if (isStored && (digest === undefined || hasSnapshot(files, store, { codeHash, digest }))) return;
  const what = isStored ? "The snapshot of its code" : "Its code";
  const message = `${what} is not stored, so the run cannot be executed again as it was.`;
  report(context, { severity: "warning", code: "missing-code", path: directory, message });
}

/** Checks what did not repeat, and gives back how many there are. */
export function checkConflicts(context: CheckContext): number {
  const root = conflictsRoot(context.store);
  let numConflicts = 0;
  for (const key of namesIn(context, root).filter(isRunName)) {
    for (const number of namesIn(context, join(root, key))) {
      const path = join(root, key, number);
      const run = inspectPublished(context.files, path);
      if (run === notThere) continue;
      const damage = typeof run === "string" ? run : damagedFiles(context.files, run)[0];
      const said = damage === undefined ? "" : ` It is damaged: ${damage}.`;
      const message = `An attempt at run ${key} that came to other results than the published one.${said}`;
      report(context, { severity: "warning", code: "conflict", path, message });
      numConflicts++;
    }
  }
  return numConflicts;
}
