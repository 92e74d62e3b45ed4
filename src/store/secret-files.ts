/**
 * Looking for secrets in what a task, or a program of it, wrote into its run by itself. What goes through Lockstep is
 * scrubbed on the way; these files are not ours to change, so one that holds a secret cannot be published.
 */
import { join, relative, sep } from "node:path";
import { ExpError } from "../core/errors.ts";
import { longestSecretForm, scrub, secretsWithin } from "../core/secrets.ts";
import type { FileSystem } from "./file-system.ts";
import { runFiles } from "./run-layout.ts";
import type { WrittenFiles } from "./written-files.ts";

/** Bytes that are looked at together, beside what the longest form of a secret needs. */
const partSize = 1 << 20;

/** Written line by line or again and again, by us, scrubbed. */
const ownFiles: ReadonlySet<string> = new Set([
  runFiles.attempt,
  runFiles.heartbeat,
  runFiles.failure,
  runFiles.trainLog,
  runFiles.metricsLog,
  runFiles.traceLog,
  runFiles.eventsLog,
]);

/**
 * Removes what holds a secret that this process knows, in its bytes or in its name, in plain or encoded. Reads nothing
 * where no secret is known, and nothing that lies there as we wrote it.
 * @param directory - The attempt, absolute.
 * @returns What was removed, relative to it and without secrets, each with the names of the secrets.
 */
export function removeSecretFiles(
  files: FileSystem,
  directory: string,
  written: Pick<WrittenFiles, "isAsWritten">,
): readonly string[] {
  if (longestSecretForm() === 0) return [];
  const removed: string[] = [];
  const visit = (folder: string): void => {
    for (const name of files.list(folder)) {
      const place = join(folder, name);
      const path = relative(directory, place).split(sep).join("/");
      if (ownFiles.has(path)) continue;
      const kind = files.status(place)?.kind;
      const found = new Set(
        secretsWithin(kind === "link" ? `${name} ${files.readLink(place)}` : name),
      );
      if (kind === "directory" && found.size === 0) visit(place);
      const isForeign = kind === "file" && !written.isAsWritten(path);
      if (isForeign) for (const secret of secretsInFile(files, place)) found.add(secret);
      if (found.size === 0) continue;
      files.removeTree(place);
      removed.push(`${scrub(path)} (${[...found].join(", ")})`);
    }
  };
  visit(directory);
  return removed;
}

/**
 * Lets an attempt through that holds no secrets.
 * @throws {ExpError} `training` with every file that held one, and is removed by then.
 */
export function refuseSecretFiles(...search: Parameters<typeof removeSecretFiles>): void {
  const removed = removeSecretFiles(...search);
  if (removed.length === 0) return;
  const [was, what] =
    removed.length === 1 ? ["was", "a file"] : ["were", `${removed.length} files`];
  throw new ExpError(
    "training",
    `The task, or a program of it, wrote a secret into ${what} of the run: ${removed.join("; ")}. What held it ${was} removed, and nothing was published.`,
    {
      hint: "Write what the secret gives access to, never the secret itself: runs are kept, copied and shared.",
    },
  );
}

/** Byte by byte as characters, so that files of any kind can be searched; parts overlap by the longest form of a secret. */
function secretsInFile(files: FileSystem, place: string): ReadonlySet<string> {
  const found = new Set<string>();
  const overlap = longestSecretForm();
  let end = "";
  files.readParts(place, partSize, (part) => {
    const text = end + Buffer.from(part.buffer, part.byteOffset, part.length).toString("latin1");
    for (const name of secretsWithin(text)) found.add(name);
    end = text.slice(-overlap);
  });
  return found;
}
