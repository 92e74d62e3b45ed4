/** The keys of thousands of runs, from the packs of the index, without a string for each. */
import { DigestList } from "../../core/digest-list.ts";
import type { Database } from "../index/database.ts";
import { numbersOf } from "../index/step-values.ts";

/** What a key takes in the text of a pack: its digits, and a space between it and the next one. */
const stride = 65;
const space = 0x20;

/**
 * The run keys of the runs of some lists, each list in its order.
 * @param lists - Numbers of runs, each run once in a list.
 * @throws {Error} that tells of a damaged index where the text of a pack is no list of keys.
 */
export function runKeys(
  database: Database,
  lists: readonly (readonly number[])[],
): readonly DigestList[] {
  const wanted = lists.map((ids) => ({ keys: new DigestList(ids.length), places: placesOf(ids) }));
  const sql = "SELECT runs, CAST(keys AS BLOB) AS keys FROM packs"; // a text would be made a string first
  for (const { runs: cell, keys: bytes } of database.each(sql)) {
    const runs = numbersOf(cell);
    if (!(bytes instanceof Uint8Array) || !areApart(bytes, runs.length)) throw noKeys();
    for (const one of wanted) addPack(one, runs, bytes);
  }
  const loose =
    "SELECT d.run AS run, d.run_key AS key FROM loose_runs l JOIN run_details d ON d.run = l.run";
  for (const { run, key } of database.each(loose)) {
    for (const one of wanted) addPack(one, [Number(run)], Buffer.from(String(key)));
  }
  return wanted.map(({ keys }) => keys);
}

interface Wanted {
  readonly keys: DigestList;
  /** Of each run in the list, from 1; 0 for the runs that are not in it. */
  readonly places: Int32Array;
}

function placesOf(ids: readonly number[]): Int32Array {
  let largest = 0;
  for (const id of ids) largest = Math.max(largest, id);
  const places = new Int32Array(ids.length === 0 ? 0 : largest + 1);
  for (let index = 0; index < ids.length; index++) places[ids[index] ?? 0] = index + 1;
  return places;
}

/** Whether the keys of so many runs are as long as keys are. */
function areApart(bytes: Uint8Array, numRuns: number): boolean {
  if (bytes.length !== Math.max(0, numRuns * stride - 1)) return false;
  for (let at = stride - 1; at < bytes.length; at += stride) if (bytes[at] !== space) return false;
  return true;
}

function addPack({ keys, places }: Wanted, runs: ArrayLike<number>, bytes: Uint8Array): void {
  for (let index = 0; index < runs.length; index++) {
    const place = places[runs[index] ?? -1] ?? 0;
    if (place > 0 && !keys.set(place - 1, bytes, index * stride)) throw noKeys();
  }
}

/** As SQLite says it of a file that is none of its own: the index is then made anew. */
function noKeys(): Error {
  return new Error("malformed run keys in the index");
}
