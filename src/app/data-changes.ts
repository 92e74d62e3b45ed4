/** What of the data of a run changed: which files, and how many of their rows. */
import { readFileSync } from "node:fs";
import { ExpError } from "../core/errors.ts";
import { countText, rowChanges, rowDigests } from "../core/row-digests.ts";
import type { DataIdentity } from "../resolve/data-identity.ts";
import type { DataList } from "../store/data-lists.ts";
import type { Store } from "../store/store.ts";

/** The files of a run's data as they are now; without `paths` their rows are not looked at. */
export type DataNow = Pick<DataIdentity, "files"> & Partial<Pick<DataIdentity, "paths">>;

/** Of more files than these no rows are kept: which files changed says enough. */
const maxFilesWithRows = 16;

/** Keeps what will say later how the data of a run changed. */
export function saveDataFacts(store: Store, { files, paths }: Required<DataNow>): void {
  store.saveDataList(files);
  if (files.length > maxFilesWithRows) return;
  for (const [index, [, digest]] of files.entries()) {
    store.saveDataRows(digest, () => rowsAt(paths[index]));
  }
}

function rowsAt(path: string | undefined): Uint8Array | undefined {
  try {
    return path === undefined ? undefined : rowDigests(readFileSync(path));
  } catch {
    return undefined; // gone since it was hashed, which the next look at the data tells
  }
}

/**
 * Which files of data changed, in short texts, with the rows where those were kept.
 * @param earlier - Data hash of the run that is compared with.
 * @param now - `undefined` where it is not known.
 */
export function dataChanges(
  store: Store,
  earlier: string,
  now: DataNow | undefined,
): readonly string[] {
  const list = store.readDataList(earlier);
  if (list === undefined || now === undefined) return ["other files, which ones is not known"];
  const texts = changedFiles(list, now, store);
  if (texts.length === 0) return ["the same files in another order"];
  const isMany = list.length > maxFilesWithRows && texts.length > 1;
  return isMany
    ? [`${countText(texts.length)} of ${countText(list.length)} files`, ...texts]
    : texts;
}

function changedFiles(list: DataList, now: DataNow, store: Store): readonly string[] {
  const before = new Map(list);
  const names = new Set(now.files.map(([name]) => name));
  return [
    ...now.files.flatMap(([name, digest], index) => {
      const was = before.get(name);
      if (was === undefined) return [`added ${name}`];
      if (was === digest) return [];
      return [`changed ${name}${rowsText(store.readDataRows(was), now.paths?.[index])}`];
    }),
    ...[...before.keys()].filter((name) => !names.has(name)).map((name) => `removed ${name}`),
  ];
}

function rowsText(before: Uint8Array | undefined, path: string | undefined): string {
  const now = before === undefined ? undefined : rowsAt(path);
  return before === undefined || now === undefined ? "" : `: ${rowChanges(before, now)}`;
}

/**
 * The refusal of a run whose data are not those that it was planned with.
 * @param planned - The data hash of the plan.
 */
export function changedData(store: Store, planned: string, now: DataNow): ExpError {
  const list = store.readDataList(planned);
  const changes = list === undefined ? [] : dataChanges(store, planned, now);
  const what = changes.length === 0 ? "" : ` (${changes.slice(0, 5).join("; ")})`;
  return new ExpError("data", `The data changed after the run was planned${what}.`, {
    hint: "Nothing was published. The experiment's own command and exp rerun take the data as they are now; a replay or a saved plan needs those that it was made with.",
  });
}
