/**
 * Values of many runs beside each other, so that thousands of runs are compared without a look at each of their rows: a pack
 * holds, of some hundred runs or more, one row for each fact, path of a config and metric. The number of a run is never
 * given to another one, so a run that was removed or written anew may stay in its pack: nobody asks for it any more.
 */
import type { Cell, Database } from "./database.ts";
import { bytesOf, numbersOf } from "./step-values.ts";

/** Fewer runs are read one by one, which takes no time. */
const minPackSize = 128;

/** Facts of packs by the names that filters have for them, with where they lie; their places are their numbers. */
export const packedFacts: readonly (readonly [name: string, column: string])[] = [
  ["task", "r.task"],
  ["status", "r.status"],
  ["git.commit", "d.git_commit"],
  ["git.dirty", "r.git_dirty"],
  ["codeHash", "d.code_hash"],
  ["dataHash", "d.data_hash"],
  ["environmentClass", "d.environment_class"],
  ["selectionMetric", "r.selection_metric"],
];

/** What a row of `packed_choices` is about: `name` is the number of a fact, or of a path. */
export const packedKinds = { fact: 0, config: 1 } as const;

/** Packs the runs that are in none, but for those that are running, where there are enough. Call it in a transaction. */
export function packRuns(database: Database): void {
  const rows = database.all(
    "SELECT l.run AS run, d.run_key AS key FROM loose_runs l JOIN run_details d ON d.run = l.run WHERE l.is_settled = 1 ORDER BY l.run",
  );
  if (rows.length < minPackSize) return;
  const runs = rows.map(({ run }) => Number(run));
  const places = new Map(runs.map((run, place) => [run, place]));
  const row = database.first(
    "INSERT INTO packs (runs, keys) VALUES (?, ?) RETURNING id",
    bytesOf(Float64Array.from(runs)),
    rows.map(({ key }) => String(key)).join(" "),
  );
  const pack = { database, id: Number(row?.["id"]), places };
  packFacts(pack);
  packConfigs(pack);
  packMetrics(pack);
  database.execute("DELETE FROM loose_runs WHERE is_settled = 1");
}

interface Pack {
  readonly database: Database;
  readonly id: number;
  /** Of each run in the pack. */
  readonly places: ReadonlyMap<number, number>;
}

const looseRuns = "loose_runs l CROSS JOIN";

function packFacts({ database, id, places }: Pack): void {
  packedFacts.forEach(([, column], number) => {
    const choices = createChoices(places.size);
    const sql = `SELECT r.id AS run, ${column} AS value FROM ${looseRuns} stored_runs r ON r.id = l.run
      JOIN run_details d ON d.run = r.id WHERE l.is_settled = 1 AND ${column} IS NOT NULL`;
    for (const { run, value } of database.each(sql)) {
      choices.add(places.get(Number(run)), [null, value ?? null]);
    }
    choices.write(database, [id, packedKinds.fact, number]);
  });
}

function packConfigs({ database, id, places }: Pack): void {
  const sql = `SELECT c.run AS run, c.kind AS kind, c.value AS value
    FROM ${looseRuns} config_values c ON c.path = ? AND c.run = l.run WHERE l.is_settled = 1`;
  for (const path of database.all("SELECT id FROM paths")) {
    const choices = createChoices(places.size);
    const number = Number(path["id"]);
    for (const { run, kind, value } of database.each(sql, number)) {
      choices.add(places.get(Number(run)), [Number(kind), value ?? null]);
    }
    choices.write(database, [id, packedKinds.config, number]);
  }
}

function packMetrics({ database, id, places }: Pack): void {
  const sql = `SELECT m.run AS run, m.value AS value, m.is_nan AS nan
    FROM ${looseRuns} metric_values m ON m.metric = ? AND m.run = l.run
    WHERE l.is_settled = 1 AND (m.value IS NOT NULL OR m.is_nan = 1)`;
  for (const metric of database.all("SELECT id FROM metric_names")) {
    const found: number[] = [];
    const numbers: number[] = [];
    for (const { run, value } of database.each(sql, Number(metric["id"]))) {
      found.push(places.get(Number(run)) ?? -1);
      numbers.push(typeof value === "number" ? value : Number.NaN); // SQLite has no NaN
    }
    if (found.length === 0) continue;
    const isWhole = found.length === places.size; // then in the order of the pack
    const cells = [isWhole ? null : bytesOf(Float64Array.from(found))];
    database.run(
      insertNumbers,
      id,
      Number(metric["id"]),
      ...cells,
      bytesOf(Float64Array.from(numbers)),
    );
  }
}

const insertNumbers = "INSERT INTO packed_numbers VALUES (?, ?, ?, ?)";

interface Choices {
  add(place: number | undefined, choice: readonly [kind: number | null, value: Cell]): void;
  /** Writes nothing where no run of the pack has a value. */
  write(database: Database, key: readonly [pack: number, kind: number, name: number]): void;
}

/** The different values of a column, and which of them each run has: a number from 1, 0 for none. */
function createChoices(numRuns: number): Choices {
  const codes = new Float64Array(numRuns);
  const known = new Map<string, number>();
  return {
    add: (place = -1, choice): void => {
      const text = JSON.stringify(choice);
      const code = known.get(text) ?? known.size + 1;
      known.set(text, code);
      if (place >= 0) codes[place] = code;
    },
    write: (database, key): void => {
      if (known.size === 0) return;
      const isOne = known.size === 1 && codes.every((code) => code === 1);
      const cells = [
        `[${[...known.keys()].join(",")}]`,
        isOne ? null : codeBytes(codes, known.size),
      ];
      database.run("INSERT INTO packed_choices VALUES (?, ?, ?, ?, ?)", ...key, ...cells);
    },
  };
}

/** So many choices have numbers that fit into a byte, which is read in an eighth of the time. */
const maxByteChoices = 255;

function codeBytes(codes: Float64Array<ArrayBuffer>, numChoices: number): Uint8Array {
  return numChoices <= maxByteChoices ? Uint8Array.from(codes) : bytesOf(codes);
}

/** Which of so many choices each run of a pack has, from a cell of `packed_choices`: a number from 1, 0 for none. */
export function codesIn(cell: unknown, numChoices: number): ArrayLike<number> {
  return numChoices <= maxByteChoices && cell instanceof Uint8Array ? cell : numbersOf(cell);
}
