/** Checking for what is nothing of the store's: links in the place of its folders, and names that it never gives. */
import { join } from "node:path";
import { foreignRoot, isSourceName } from "./foreign-runs.ts";
import { namesIn, report, type CheckContext } from "./fsck-findings.ts";
import {
  annotationsRoot,
  attemptsRoot,
  codeRoot,
  conflictsRoot,
  isRunName,
  isSha256,
  trashRoot,
} from "./run-layout.ts";

/** Folders of the store with what they hold; those beside them in which nothing is a result. */
const ownFolders = [".attempts", ".conflicts", ".annotations", ".code", ".data", ".foreign"];
const rebuiltFolders = [".cache", ".index"];

/** What tools of the user's and of the system put into any folder. */
const commonNames = [".gitignore", ".gitkeep", ".DS_Store"];

/** Tells of names with a dot that are not the store's, of foreign names in its folders, and of links where those should be. */
export function checkForeign(context: CheckContext): void {
  const { files, store } = context;
  checkTrash(context);
  for (const name of rebuiltFolders) namesIn(context, join(store, name));
  namesIn(context, join(store, ".data", "rows"));
  const known = new Set([...ownFolders, ...rebuiltFolders, ".trash", ...commonNames]);
  for (const name of files.list(store)) {
    if (name.startsWith(".") && !known.has(name)) tellForeign(context, join(store, name));
  }
  for (const [folder, isOwn] of foldersOf(store)) {
    const names = files.status(folder)?.kind === "directory" ? files.list(folder) : [];
    for (const name of names) {
      if (isOwn(name) || isUnfinished(name) || commonNames.includes(name)) continue;
      tellForeign(context, join(folder, name));
    }
  }
}

function foldersOf(store: string): readonly (readonly [string, (name: string) => boolean])[] {
  // A list of data bears their hash, and so does what an archive brought along beside it.
  const isData = (name: string): boolean => name === "rows" || /^[0-9a-f]{64}/u.test(name);
  return [
    [attemptsRoot(store), isRunName],
    [conflictsRoot(store), isRunName],
    [annotationsRoot(store), isRunName],
    [codeRoot(store), isSha256],
    [join(store, ".data"), isData],
    [foreignRoot(store), isSourceName],
  ];
}

/** Something that is being made or removed, or was when its process ended. */
function isUnfinished(name: string): boolean {
  return /^\.{1,2}(?:new|old)-|^\..*\.new$/u.test(name);
}

/** Repairs move things to the trash, so nothing but the user can put this right. */
function checkTrash(context: CheckContext): void {
  const path = trashRoot(context.store);
  const kind = context.files.status(path)?.kind;
  if (kind === undefined || kind === "directory") return;
  const message =
    "A link or a file stands where the trash should be, so nothing can be moved there; it was not followed. Remove it.";
  report(context, { severity: "error", code: "not-a-folder", path, message });
}

function tellForeign(context: CheckContext, path: string): void {
  const isLink = context.files.status(path)?.kind === "link";
  const message = isLink
    ? "A link that is nothing of the store's; it was not followed, and left alone."
    : "This is nothing of the store's; it was left alone.";
  report(context, { severity: "note", code: "foreign", path, message });
}
