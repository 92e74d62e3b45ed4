/** Checking attempts: whose they are, what can be gone on from, and what only needs to be published. */
import { basename, dirname, join } from "node:path";
import { attemptStatus, readAttemptRecord, type AttemptRecord } from "./attempt-record.ts";
import { attemptNumbers } from "./claim.ts";
import {
  entriesBelow,
  isRecent,
  namesIn,
  report,
  toTrash,
  type CheckContext,
} from "./fsck-findings.ts";
import { lookTwice } from "./fsck-twice.ts";
import { processState } from "./process-facts.ts";
import { publishWhole } from "./publish.ts";
import { damagedFiles, inspectPublished, type PublishedRun } from "./published-run.ts";
import { inspectCheckpoints } from "./checkpoint-candidates.ts";
import { attemptsRoot, isRunName, runFiles } from "./run-layout.ts";

/** Checks all attempts, and gives back how many there are. */
export function checkAttempts(context: CheckContext): number {
  const root = attemptsRoot(context.store);
  let numAttempts = 0;
  for (const name of namesIn(context, root)) {
    const folder = join(root, name);
    if (/^\.(?:new|old)-/.test(name)) checkLeftover(context, folder);
    if (!isRunName(name)) continue;
    if (namesIn(context, folder).length === 0) continue;
    numAttempts += attemptNumbers(context.files, folder).length;
    lookTwice(context, name, (looking) => {
      checkAttemptsIn(looking, folder);
    });
  }
  return numAttempts;
}

function checkAttemptsIn(context: CheckContext, folder: string): void {
  for (const number of attemptNumbers(context.files, folder)) {
    checkAttempt(context, join(folder, String(number)));
  }
}

/** A claim that was not finished, or an attempt that was being removed. */
function checkLeftover(context: CheckContext, directory: string): void {
  const { files, here } = context;
  const record = readAttemptRecord(files, directory);
  const isAlive =
    record === undefined
      ? isRecent(context, directory)
      : processState(record, here) !== "dead" && isRecent(context, directory);
  if (isAlive) return;
  const isSeen = record === undefined || processState(record, here) === "dead";
  const message = isSeen
    ? "A process ended while it made or removed this folder; nobody uses it."
    : `Process ${record.pid} on ${record.host}, which cannot be seen from here, made or removed this folder and has not touched it for an hour; it is taken for dead.`;
  const holds = entriesBelow(files, directory).map(({ path }) => path);
  const isEmpty = holds.every((path) => /[/\\](?:attempt\.json|heartbeat)$/.test(path));
  const remove = {
    text: "removed: nothing was in it",
    run: (): void => {
      files.removeTree(directory);
    },
  };
  const repair = isEmpty ? remove : toTrash(context, directory, message);
  report(context, { severity: "warning", code: "leftover", path: directory, message, repair });
}

function checkAttempt(context: CheckContext, directory: string): void {
  const { files, here, clock } = context;
  if (namesIn(context, directory).length === 0) return;
  const status = attemptStatus(files, directory, { here, nowMs: clock().getTime() });
  if (status.kind === "running") return;
  const record = readAttemptRecord(files, directory);
  if (record === undefined) return checkNobodys(context, directory);
  const run = inspectPublished(files, directory);
  if (typeof run !== "string" && damagedFiles(files, run).length === 0) {
    return checkComplete(context, record, run);
  }
  checkCheckpoints(context, directory);
  checkTails(context, directory);
}

/** Without its record an attempt is nobody's, but its checkpoints can still be gone on from. */
function checkNobodys(context: CheckContext, directory: string): void {
  if (isRecent(context, directory)) return;
  const { files, store } = context;
  const isPublished = files.status(join(store, basename(dirname(directory)))) !== undefined;
  const isOfUse =
    !isPublished &&
    inspectCheckpoints(files, directory).some(({ problem }) => problem === undefined);
  const message = isOfUse
    ? "Its attempt.json cannot be read; its checkpoints can, and the run goes on from them."
    : "Its attempt.json cannot be read, and nothing goes on from it.";
  const repair = isOfUse ? {} : { repair: toTrash(context, directory, message) };
  report(context, {
    severity: "warning",
    code: "damaged-attempt",
    path: directory,
    message,
    ...repair,
  });
}

/** The process ended between the manifest and the rename, or what stood in its place has been moved away. */
function checkComplete(context: CheckContext, record: AttemptRecord, run: PublishedRun): void {
  const { files, store } = context;
  const { directory, manifest } = run;
  const message = "A complete attempt, every byte as its manifest says, that was not published.";
  const publish = (): void => {
    const failure = join(directory, runFiles.failure);
    if (files.status(failure) !== undefined) files.removeFile(failure);
    const outcome = publishWhole(files, { store, directory, record, manifest });
    if (outcome.kind === "conflict") throw outcome.error;
  };
  const repair = { text: "published, or compared with what is", run: publish };
  report(context, { severity: "warning", code: "unpublished", path: directory, message, repair });
}

function checkCheckpoints(context: CheckContext, directory: string): void {
  for (const { path, problem } of inspectCheckpoints(context.files, directory)) {
    if (problem === undefined) continue;
    const repair = toTrash(context, path, problem);
    report(context, {
      severity: "warning",
      code: "damaged-checkpoint",
      path,
      message: problem,
      repair,
    });
  }
}

const rowLogs = [
  runFiles.metricsLog,
  runFiles.traceLog,
  runFiles.eventsLog,
  runFiles.predictions,
] as const;

/** A row that was cut off counts for nothing: readers stop before it, and who resumes leaves it behind. */
function checkTails(context: CheckContext, directory: string): void {
  const { files } = context;
  for (const name of rowLogs) {
    const path = join(directory, name);
    const bytes = files.status(path)?.kind === "file" ? files.read(path) : undefined;
    if (bytes === undefined || bytes.length === 0 || bytes.at(-1) === 10) continue;
    const whole = bytes.subarray(0, bytes.lastIndexOf(10) + 1);
    const numBytes = bytes.length - whole.length;
    const message = `Its last ${numBytes} bytes are a row that was cut off; it counts for nothing.`;
    const cut = {
      text: "cut off behind the last whole row",
      run: (): void => files.writeFile(path, whole, "durable"),
    };
    report(context, { severity: "note", code: "torn-tail", path, message, repair: cut });
  }
}
