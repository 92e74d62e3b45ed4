/** What the runs of some groups have, each value once: from the packs of the index, and of runs in none from their rows. */
import type { JsonValue } from "../../core/json.ts";
import type { Cell, Database, Row } from "../index/database.ts";
import { codesIn, packedFacts, packedKinds } from "../index/packs.ts";
import { numbersOf } from "../index/step-values.ts";
import { configValue, mainNumber, readRuns, type IndexedRun } from "./indexed-run.ts";

/** Different values by their JSON. */
export type DistinctValues = ReadonlyMap<string, JsonValue>;

/** By name; the entries of each list belong to the groups, in their order. */
export interface GroupValues {
  /** `task status git.commit git.dirty codeHash dataHash environmentClass selectionMetric`, in this order. */
  readonly facts: ReadonlyMap<string, readonly DistinctValues[]>;
  readonly config: ReadonlyMap<string, readonly DistinctValues[]>;
  /** The figure of each run that has the metric. */
  readonly metrics: ReadonlyMap<string, readonly Float64Array[]>;
}

/**
 * Collects the values of groups of runs.
 * @param groups - Numbers of runs, each run once in a group.
 */
export function groupValues(
  database: Database,
  groups: readonly (readonly number[])[],
): GroupValues {
  const found = createCollected(groups.map(({ length }) => length));
  addPacked(database, groups, found);
  const loose = new Set(database.all("SELECT run FROM loose_runs").map(({ run }) => Number(run)));
  groups.forEach((ids, group) => {
    const rest = loose.size === 0 ? [] : ids.filter((id) => loose.has(id));
    for (const run of readRuns(database, rest)) addRun(found, group, run);
  });
  const { config } = found;
  const names = packedFacts.map(([name]) => name);
  const facts = [...found.facts].toSorted(([a], [b]) => names.indexOf(a) - names.indexOf(b));
  const metrics = [...found.metrics].map(
    ([name, all]) => [name, all.map(({ values, length }) => values.subarray(0, length))] as const,
  );
  return { facts: new Map(facts), config, metrics: new Map(metrics) };
}

interface Collected {
  readonly facts: Map<string, Map<string, JsonValue>[]>;
  readonly config: Map<string, Map<string, JsonValue>[]>;
  readonly metrics: Map<string, Numbers[]>;
  /** How many runs each group has. */
  readonly sizes: readonly number[];
}

/** Room for a number of each run of a group: arrays that grow would be copied again and again. */
interface Numbers {
  readonly values: Float64Array;
  length: number;
}

function createCollected(sizes: readonly number[]): Collected {
  return { facts: new Map(), config: new Map(), metrics: new Map(), sizes };
}

function columnOf<Entry>(
  columns: Map<string, Entry[]>,
  name: string,
  create: () => readonly Entry[],
): Entry[] {
  const known = columns.get(name);
  if (known !== undefined) return known;
  const column = [...create()];
  columns.set(name, column);
  return column;
}

function valuesIn(
  { sizes }: Collected,
  columns: Map<string, Map<string, JsonValue>[]>,
  name: string,
): Map<string, JsonValue>[] {
  return columnOf(columns, name, () => sizes.map(() => new Map<string, JsonValue>()));
}

function numbersIn({ metrics, sizes }: Collected, name: string): Numbers[] {
  return columnOf(metrics, name, () =>
    sizes.map((size) => ({ values: new Float64Array(size), length: 0 })),
  );
}

function addRun(found: Collected, group: number, run: IndexedRun): void {
  const note = (
    columns: Map<string, Map<string, JsonValue>[]>,
    name: string,
    value: JsonValue | undefined,
  ): void => {
    if (value !== undefined)
      valuesIn(found, columns, name)[group]?.set(JSON.stringify(value), value);
  };
  for (const [name] of packedFacts) note(found.facts, name, factOf(run, name));
  for (const [name, value] of run.config) note(found.config, name, value);
  for (const [name, metric] of run.metrics) {
    const value = mainNumber(metric);
    const numbers = numbersIn(found, name)[group];
    if (value !== undefined && numbers !== undefined) numbers.values[numbers.length++] = value;
  }
}

function factOf(run: IndexedRun, name: string): JsonValue | undefined {
  if (name === "status") return run.status;
  return name === "selectionMetric" ? run.selection?.metric : run.facts[name];
}

/** Where in a pack the runs of each group are. */
type Places = readonly Uint32Array[];

function addPacked(
  database: Database,
  groups: readonly (readonly number[])[],
  found: Collected,
): void {
  const places = placesInPacks(database, groups);
  addChoices(database, places, found);
  const metrics = namesOf(database, "metric_names");
  for (const row of database.each("SELECT * FROM packed_numbers")) {
    const [inPack, name] = [places.get(row["pack"]), metrics.get(row["metric"])];
    if (inPack !== undefined && name !== undefined) addNumbers(numbersIn(found, name), inPack, row);
  }
}

function placesInPacks(
  database: Database,
  groups: readonly (readonly number[])[],
): ReadonlyMap<Cell | undefined, Places> {
  const largest = Number(database.first("SELECT max(id) AS id FROM stored_runs")?.["id"] ?? 0);
  const members = groups.map((ids) => {
    const isMember = new Uint8Array(largest + 1);
    for (const id of ids) isMember[id] = 1;
    return isMember;
  });
  const found = new Map<Cell | undefined, Places>();
  for (const { id, runs: cell } of database.each("SELECT id, runs FROM packs")) {
    const runs = numbersOf(cell);
    const places = members.map((isMember) => placesOf(runs, isMember));
    if (places.some(({ length }) => length > 0)) found.set(id, places);
  }
  return found;
}

function placesOf(runs: Float64Array, isMember: Uint8Array): Uint32Array {
  const places = new Uint32Array(runs.length);
  let number = 0;
  for (let place = 0; place < runs.length; place++) {
    if (isMember[runs[place] ?? 0] === 1) places[number++] = place;
  }
  return places.subarray(0, number);
}

function namesOf(
  database: Database,
  table: "paths" | "metric_names",
): ReadonlyMap<Cell | undefined, string> {
  const rows = database.all(`SELECT id, name FROM ${table}`);
  return new Map(rows.map(({ id, name }) => [id, String(name)]));
}

/** What is the same in a whole pack, as most is: with a list of its packs, since a row for each takes longer to give than to find. */
const sameInPacks = `SELECT kind, name, choices, json_group_array(pack) AS packs
  FROM packed_choices WHERE codes IS NULL GROUP BY kind, name, choices`;

function addChoices(
  database: Database,
  places: ReadonlyMap<Cell | undefined, Places>,
  found: Collected,
): void {
  const readChoices = createChoiceReader(database, found);
  for (const row of database.all(sameInPacks)) {
    const packs = JSON.parse(String(row["packs"])) as readonly number[];
    const inPacks = packs.map((pack) => places.get(pack)).filter((one) => one !== undefined);
    const read = inPacks.length === 0 ? undefined : readChoices(row);
    for (const [text, value] of read?.choices ?? []) {
      for (const inPack of inPacks)
        inPack.forEach(({ length }, group) => length > 0 && read?.columns[group]?.set(text, value));
    }
  }
  for (const row of database.each("SELECT * FROM packed_choices WHERE codes IS NOT NULL")) {
    const inPack = places.get(row["pack"]) ?? [];
    const read = inPack.length === 0 ? undefined : readChoices(row);
    if (read !== undefined) addCoded(read, inPack, codesIn(row["codes"], read.choices.length));
  }
}

interface ReadChoices {
  /** Of each group. */
  readonly columns: readonly Map<string, JsonValue>[];
  readonly choices: readonly (readonly [text: string, value: JsonValue])[];
}

/** Most packs have the same few choices, so that each text is read once. */
function createChoiceReader(
  database: Database,
  found: Collected,
): (row: Row) => ReadChoices | undefined {
  const paths = namesOf(database, "paths");
  const known = new Map<string, ReadChoices["choices"]>();
  return (row) => {
    const isFact = row["kind"] === packedKinds.fact;
    const name = isFact ? packedFacts[Number(row["name"])]?.[0] : paths.get(row["name"]);
    if (name === undefined) return undefined;
    const key = `${name} ${String(row["choices"])}`;
    const choices = known.get(key) ?? choicesIn(row["choices"], name, isFact);
    known.set(key, choices);
    return { columns: valuesIn(found, isFact ? found.facts : found.config, name), choices };
  };
}

function choicesIn(cell: unknown, name: string, isFact: boolean): ReadChoices["choices"] {
  const pairs = JSON.parse(String(cell)) as readonly (readonly [number, Cell])[]; // written by packRuns
  return pairs.map(([kind, value]) => {
    const fact = name === "git.dirty" ? value === 1 : (value as number | string);
    const one = isFact ? fact : configValue({ kind, value });
    return [JSON.stringify(one), one];
  });
}

function addCoded(
  { columns, choices }: ReadChoices,
  places: Places,
  codes: ArrayLike<number>,
): void {
  places.forEach((inGroup, group) => {
    const isSeen = new Uint8Array(choices.length + 1);
    for (const place of inGroup) isSeen[codes[place] ?? 0] = 1;
    choices.forEach(([text, value], index) => {
      if (isSeen[index + 1] === 1) columns[group]?.set(text, value);
    });
  });
}

function addNumbers(columns: readonly Numbers[], places: Places, row: Row): void {
  const numbers = numbersOf(row["numbers"]);
  const at = row["places"] === null ? undefined : placeTable(numbersOf(row["places"]));
  places.forEach((inGroup, group) => {
    const column = columns[group];
    if (column === undefined) return;
    for (const place of inGroup) {
      const value = numbers[at === undefined ? place : (at.get(place) ?? -1)];
      if (value !== undefined) column.values[column.length++] = value;
    }
  });
}

function placeTable(places: Float64Array): ReadonlyMap<number, number> {
  return new Map([...places].map((place, index) => [place, index]));
}
