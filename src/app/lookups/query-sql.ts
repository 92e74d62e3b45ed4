/** Questions in SQL: read-only, over the documented views of the index. */
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import { refuseStatement, type Cell } from "../../store/index/database.ts";
import { views } from "../../store/index/schema.ts";
import { lookUp, type LookupContext } from "./open-index.ts";

/** Rows of an answer. */
export interface SqlAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly JsonValue[])[];
}

/** The views with their columns, for help texts. */
export function sqlTables(): readonly {
  readonly name: string;
  readonly what: string;
  readonly columns: string;
}[] {
  return views.map(({ name, what, sql }) => {
    const list = /^SELECT (.*?) FROM/u.exec(sql)?.[1] ?? "";
    const columns = list
      .split(/, (?![^(]*\))/u)
      .map((column) => column.split(" AS ").at(-1) ?? column);
    return {
      name,
      what,
      columns: columns.map((column) => column.replace(/^.*\./u, "")).join(", "),
    };
  });
}

/**
 * Answers one statement.
 * @throws {ExpError} `usage` for a statement that SQLite refuses, for one that writes, and for several.
 */
export function querySql(context: LookupContext, statement: string): SqlAnswer {
  refuseOthers(statement);
  return lookUp(context, ({ database }) => {
    // Nothing that the statement does can reach the file: the connection refuses writes, and other files.
    database.execute("PRAGMA query_only = ON");
    try {
      const columns = database.columns(statement);
      if (columns.length === 0) throw new Error("it gives back no rows; only reading is possible");
      const rows = database.all(statement).map((row) => Object.values(row).map(jsonCell));
      return { columns, rows };
    } catch (error) {
      return refuseStatement(error);
    } finally {
      database.execute("PRAGMA query_only = OFF");
    }
  });
}

/** SQLite would execute the first of several statements and pass over the others in silence. */
function refuseOthers(statement: string): void {
  const bare = statement.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//gu,
    " _ ",
  );
  if (/;\s*\S/u.test(bare)) {
    throw new ExpError("usage", "exp sql takes one statement; found several.", {
      hint: "Leave out the semicolon and what comes after it.",
    });
  }
  if (/^\s*(?:_\s+)*(?:select|with|values|explain)\b/iu.test(bare)) return;
  const [word = ""] = statement.trim().split(/\s/u);
  throw new ExpError(
    "usage",
    `exp sql only reads; found ${JSON.stringify(word)}, expected SELECT.`,
    {
      hint: "The index is a cache of what the files of the runs say; changing it would change no run.",
    },
  );
}

function jsonCell(cell: Cell): JsonValue {
  if (cell instanceof Uint8Array) return Buffer.from(cell).toString("base64");
  return typeof cell === "number" && !Number.isFinite(cell) ? String(cell) : cell;
}
