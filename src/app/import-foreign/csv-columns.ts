/** What the columns of a table are, by its header. */
import { ExpError } from "../../core/errors.ts";

/** What was said about the columns on the command line. */
export interface ColumnChoice {
  /** The column that names the runs; without it `run`, `run_id`, `Run ID` or `id`. */
  readonly id?: string | undefined;
  /** Columns that are metrics, though their names do not begin with `metrics.`. */
  readonly metrics: readonly string[];
}

/** The columns by what they hold; numbers count from 0. */
export interface TableColumns {
  readonly numColumns: number;
  readonly id: number;
  readonly step: number | undefined;
  /** `experiment status started ended tags`. */
  readonly facts: ReadonlyMap<string, number>;
  readonly config: ReadonlyMap<string, number>;
  readonly metrics: ReadonlyMap<string, number>;
  /** The table is one of `exp export --to csv`. */
  readonly isOwnExport: boolean;
}

const idNames = ["run", "run_id", "run id", "id"];
const factNames = ["experiment", "status", "started", "ended", "tags"];

/**
 * Sorts the columns of a table.
 * @throws {ExpError} `usage` where no column, or one that is not there, names the runs, or where two columns have one name.
 */
export function chooseColumns(
  header: readonly string[],
  { id: idName, metrics: named }: ColumnChoice,
): TableColumns {
  checkNames(header, [...(idName === undefined ? [] : [idName]), ...named]);
  const isOwnExport = header[0] === "run" && header[1] === "runKey" && idName === undefined;
  const id = idName === undefined ? usualId(header) : header.indexOf(idName);
  const step = header.findIndex((name) => !named.includes(name) && /^_?step$/iu.test(name));
  const [facts, config, metrics] = [0, 0, 0].map(() => new Map<string, number>());
  for (const [index, name] of header.entries()) {
    if (index === id || index === step || name === "") continue;
    const metric = /^metrics?\.(.+)$/su.exec(name)?.[1];
    const path = /^config\.(.+)$/su.exec(name)?.[1];
    if (named.includes(name)) metrics?.set(name, index);
    else if (metric !== undefined) metrics?.set(metric, index);
    else if (path !== undefined) config?.set(path, index);
    else if (factNames.includes(name)) facts?.set(name, index);
    else if (!isOwnExport) config?.set(name, index); // hashes and the like only say what ours are
  }
  const empty = new Map<string, number>();
  return {
    numColumns: header.length,
    id,
    step: step === -1 || step === id ? undefined : step,
    facts: facts ?? empty,
    config: config ?? empty,
    metrics: metrics ?? empty,
    isOwnExport,
  };
}

function checkNames(header: readonly string[], wanted: readonly string[]): void {
  const twice = header.find((name, index) => name !== "" && header.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ExpError("usage", `Two columns are called ${JSON.stringify(twice)}.`);
  }
  const missing = wanted.find((name) => !header.includes(name));
  if (missing === undefined) return;
  throw new ExpError("usage", `There is no column ${JSON.stringify(missing)}.`, {
    hint: `The file has ${header.map((name) => JSON.stringify(name)).join(", ")}.`,
  });
}

function usualId(header: readonly string[]): number {
  const names = header.map((name) => name.toLowerCase());
  const id = idNames.map((name) => names.indexOf(name)).find((index) => index !== -1);
  if (id !== undefined) return id;
  throw new ExpError("usage", "No column says which run a row is of.", {
    hint: `Name it with --id; the file has ${header.map((name) => JSON.stringify(name)).join(", ")}.`,
  });
}
