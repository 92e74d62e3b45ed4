/** `exp import`: takes the run of an archive into a folder of runs, after every byte of it was compared and nothing executed. */
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, parseJson } from "../../core/json.ts";
import { runKey as runKeyOf } from "../../core/run-key.ts";
import { archivedStore, type ArchiveList } from "../../store/archive/archive-list.ts";
import { damagedArchive } from "../../store/archive/damaged-archive.ts";
import { mergeRun, type MergeOutcome } from "../../store/archive/merge-run.ts";
import { extractArchive, noArchive, type ReadArchive } from "../../store/archive/read-archive.ts";
import { createFileSystem, type FileSystem } from "../../store/file-system.ts";
import { inspectPublished } from "../../store/published-run.ts";
import { publishedDirectory } from "../../store/run-layout.ts";
import { openStore, type Store } from "../../store/store.ts";
import { readConfig } from "../run-store.ts";
import { isSignatureOf } from "../signing.ts";
import { openScratch } from "../verify/scratch.ts";
import {
  isWithin,
  locationsOf,
  isConfigOf,
  relocationsOf,
  saveRelocations,
  type Relocation,
} from "./locations.ts";

/** How an archive is imported. */
export interface ImportOptions {
  /** The archive, absolute. */
  readonly path: string;
  /** The folder of the runs, absolute. */
  readonly directory: string;
  /** Where data lie here; `to` absolute. */
  readonly relocations: readonly { readonly from: string; readonly to: string }[];
  /** The key that must have signed it: base64 of its DER form. */
  readonly signer?: string;
  readonly maxBytes: number;
}

/** What became of an archive. */
export interface ImportedRun {
  readonly outcome: MergeOutcome;
  readonly list: ArchiveList;
  /** The key that signed it. */
  readonly signedBy?: string;
  /** Where its data are looked for; absolute, or relative to the folder of the runs. */
  readonly relocations: readonly Relocation[];
}

/**
 * Imports an archive.
 * @throws {ExpError} `store` for an archive that is not what `exp archive` writes, or whose run is not what its identities
 *   say; `usage` for a file that is not there, a signature by another key and data that the run does not name. Nothing of it
 *   is left then.
 */
export async function importArchive(options: ImportOptions): Promise<ImportedRun> {
  const { directory } = options;
  const files = createFileSystem();
  const path = realpathOf(options.path);
  if (files.status(path) === undefined) throw noArchive(path); // before anything is made
  files.ensureRoot(directory); // durable before anything that counts lies in it
  const scratch = openScratch(directory);
  const folder = scratch.directory;
  try {
    const read = await extractArchive(files, {
      path,
      folder,
      limits: { maxBytes: options.maxBytes },
      check: (read) => void signerOf(read, options.signer),
    });
    const { list, listText } = read;
    const from = join(folder, archivedStore);
    const { runKey } = list;
    const locations = checkRun(openStore(from), { files, runKey });
    const relocations = relocationsFor(list, locations, options.relocations);
    const signedBy = signerOf(read, options.signer);
    const outcome = mergeRun(files, directory, { from, runKey });
    if (outcome.kind === "conflict") return { outcome, list, relocations: [] };
    const known = note({ list, listText, signedBy, outcome, relocations }, openStore(directory));
    return { outcome, list, relocations: known, ...(signedBy !== undefined && { signedBy }) };
  } finally {
    scratch.remove();
  }
}

function realpathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // told when it is opened
  }
}

/** The key that signed an archive. */
function signerOf(read: ReadArchive, expected: string | undefined): string | undefined {
  const { signature: text, listText } = read;
  if (text === undefined) {
    if (expected === undefined) return undefined;
    throw new ExpError("usage", "The archive is not signed, and a key was named that should have.");
  }
  const { publicKey, signature } = objectOf(text);
  const isWhole = typeof publicKey === "string" && typeof signature === "string";
  if (!isWhole || !isSignatureOf(listText, { publicKey, signature })) {
    throw damagedArchive("its signature is not over its list of files");
  }
  if (expected === undefined || publicKey === expected) return publicKey;
  throw new ExpError("usage", `The archive is signed by another key: ${publicKey}.`, {
    hint: "Nothing was imported. Ask whoever signed it which key that was.",
  });
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text);
  return isPlainObject(value) ? value : {};
}

/**
 * Looks at every file of the run as `exp fsck` does, and at its identities. Its code is compared with the code hash when
 * somebody executes it.
 * @returns The locations that its config names.
 */
function checkRun(
  staged: Store,
  { files, runKey }: { readonly files: FileSystem; readonly runKey: string },
): readonly string[] {
  const run = inspectPublished(files, publishedDirectory(staged.directory, runKey));
  if (typeof run === "string") throw damagedArchive(`its run is none: ${run}`);
  if (run.runKey !== runKey || runKeyOf(run.manifest.identities) !== runKey) {
    throw damagedArchive("its run key is not that of its config, code, data and class");
  }
  const { findings } = staged.check({ isRepairing: false });
  const [finding] = findings.filter(
    ({ code, severity }) => code !== "missing-code" && severity !== "note", // a note is about nothing of the run's
  );
  if (finding !== undefined) {
    const what = finding.message.replace(/\.$/u, "");
    throw damagedArchive(`its run is not whole: ${finding.path}: ${what}`);
  }
  const identityText = staged.readIdentity(run);
  const config = readConfig(run);
  if (!isConfigOf(config, identityText)) {
    throw damagedArchive("config.json says something else than identity.json");
  }
  return locationsOf(config, identityText);
}

/** A place that is not there would be remembered, and found out only when the run is verified. */
function checkPlaces(given: ImportOptions["relocations"]): void {
  for (const { from, to } of given) {
    if (existsSync(to)) continue;
    throw new ExpError("data", `--relocate ${from}=${to}: there is nothing at that place.`, {
      hint: "Nothing was imported. Put the data there first, or import without it: importing again with --relocate says where they are.",
    });
  }
}

function relocationsFor(
  { data }: ArchiveList,
  locations: readonly string[],
  given: ImportOptions["relocations"],
): readonly Relocation[] {
  for (const { from } of given) {
    if (locations.some((location) => isWithin(location, from))) continue;
    const named = locations.map((location) => JSON.stringify(location)).join(", ");
    throw new ExpError(
      "usage",
      `--relocate ${from}=…: it is no location in the config of the run, which has ${named === "" ? "none" : named}.`,
      {
        hint: "A path that is part of a run's identity cannot move: put the file where the config says, relative to the project.",
      },
    );
  }
  checkPlaces(given);
  const own = data.filter(({ from }) => !given.some((one) => one.from === from));
  return [
    ...given.map((one) => ({ ...one, isInStore: false })),
    ...own.map((one) => ({ ...one, isInStore: true })),
  ];
}

interface Import {
  readonly list: ArchiveList;
  readonly listText: string;
  readonly signedBy: string | undefined;
  readonly outcome: Exclude<MergeOutcome, { kind: "conflict" }>;
  readonly relocations: readonly Relocation[];
}

/** Says beside the run where it comes from and where its data are; gives back where they are. */
function note(
  { list, listText, signedBy, outcome, relocations }: Import,
  store: Store,
): readonly Relocation[] {
  const { runKey, lockstep } = list;
  if (outcome.kind === "imported") {
    const facts = { archive: sha256(listText), lockstep, signedBy: signedBy ?? null };
    store.annotate({ runKey, kind: "import", facts });
  }
  if (relocations.length > 0) saveRelocations(store, runKey, relocations);
  return relocationsOf(store, runKey);
}
