/** Checking what lies in a published run beside the files of its manifest: what it says does not reach a result. */
import { basename, join, relative, sep } from "node:path";
import { isWholeRecord, readAttemptRecord, type AttemptRecord } from "./attempt-record.ts";
import { entriesBelow, report, type CheckContext } from "./fsck-findings.ts";
import { fileDigest, isDeterministic } from "./manifest.ts";
import type { PublishedRun } from "./published-run.ts";
import { readCandidates } from "./checkpoint-candidates.ts";
import { runFiles } from "./run-layout.ts";

/** Checks its record, the files that the record lists, and its numbered checkpoints. */
export function checkBeside(context: CheckContext, run: PublishedRun): void {
  const { files } = context;
  const { directory } = run;
  const record = readAttemptRecord(files, directory);
  const tell = (path: string, message: string): void => {
    report(context, { severity: "warning", code: "damaged-file", path, message });
  };
  const recordPath = join(directory, runFiles.attempt);
  if (record === undefined)
    tell(recordPath, "Who made the run, and when, cannot be read any more.");
  else for (const problem of recordProblems(context, run, record)) tell(recordPath, problem);
  for (const file of record?.others ?? []) {
    const path = join(directory, file.path);
    if (fileDigest(files, path) === file.sha256) continue;
    const isGone = files.status(path) === undefined;
    const what = isGone ? "It is gone" : "It has other bytes than when the run was published";
    tell(path, `${what}; the results are whole.`);
  }
  for (const { path, problem } of damagedCheckpoints(context, run)) tell(path, problem);
  for (const path of addedFiles(context, run, record)) {
    const message =
      "This was put beside the files of the run after it was published; it is no part of it, and was left alone.";
    report(context, { severity: "note", code: "added", path, message });
  }
}

/** What may lie in any run without being listed by its manifest or its record. */
const unlisted: ReadonlySet<string> = new Set([
  runFiles.attempt,
  runFiles.manifest,
  runFiles.heartbeat,
  runFiles.leftOut,
]);

/** Those of the task below `files/` are listed nowhere, and a record of an early run lists nothing. */
function addedFiles(
  { files }: CheckContext,
  { directory, manifest }: PublishedRun,
  record: AttemptRecord | undefined,
): readonly string[] {
  if (record?.others === undefined) return [];
  const listed = new Set([...manifest.files, ...record.others].map(({ path }) => path));
  return entriesBelow(files, directory)
    .filter(({ kind }) => kind === "file")
    .filter(({ path }) => {
      const name = relative(directory, path).split(sep).join("/");
      const isOwn = listed.has(name) || unlisted.has(name) || name.startsWith("files/");
      return !isOwn && !/^checkpoints\/(?:best|last|step-[0-9]{1,12})\.safetensors$/u.test(name);
    })
    .map(({ path }) => path);
}

/** The record holds its own digest and that of the manifest; those of early runs hold neither. */
function recordProblems(
  { files }: CheckContext,
  { directory, manifest }: PublishedRun,
  record: AttemptRecord,
): readonly string[] {
  const identities = Object.entries({ ...record.identities, runKey: record.runKey });
  const said: Readonly<Record<string, unknown>> = { ...manifest.identities };
  const [name] = identities.find(([key, value]) => said[key] !== value) ?? [];
  if (name !== undefined) return [`It says another ${name} than manifest.json.`];
  if (!isWholeRecord(record)) {
    return ["It says something else than when the run was published; the results are whole."];
  }
  const digest = fileDigest(files, join(directory, runFiles.manifest));
  if (record.manifest === undefined || record.manifest === digest) return [];
  return ["It was written beside another manifest.json: that one was changed since."];
}

/** Those that the manifest does not list, since which there are is up to an operation setting: each holds its own digest. */
function damagedCheckpoints(
  { files }: CheckContext,
  { directory, manifest }: PublishedRun,
): readonly { readonly path: string; readonly problem: string }[] {
  const { identities } = manifest;
  return readCandidates(files, directory, { identities }).flatMap(({ path, candidate }) => {
    if (typeof candidate !== "string" || isDeterministic(`checkpoints/${basename(path)}`))
      return [];
    const reason = candidate.slice(candidate.indexOf(path) + path.length + 2);
    return [{ path, problem: `Nothing can go on from it; the results are whole. ${reason}` }];
  });
}
