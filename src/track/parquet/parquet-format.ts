/** Tables as Parquet: columns with their types, compressed, which pandas, R, DuckDB and Spark read. */
import {
  ByteWriter,
  ParquetWriter,
  schemaFromColumnData,
  type ColumnSource,
} from "hyparquet-writer";
import type { Cell, Column } from "../run-table.ts";
import type { TableFormat } from "../table-files.ts";

/** Stands in the footer of each file; what was written by others is not replaced. */
const creator = "Lockstep exp export";

/** Rows that are written together. */
const groupRows = 100_000;

/** Files `runs.parquet` and `curves.parquet`. */
export const parquetFormat: TableFormat = {
  ending: "parquet",
  isOwn: (_head, tail) => Buffer.from(tail).includes(creator),
  begin: (columns, append) => {
    const bytes = new ByteWriter();
    const flush = (): void => {
      append(Uint8Array.from(bytes.getBytes()));
      bytes.index = 0;
    };
    const schema = schemaFromColumnData({ columnData: sourcesOf(columns, []) });
    const writer = new ParquetWriter({ writer: bytes, schema, createdBy: creator });
    let waiting: (readonly Cell[])[] = [];
    const write = (): void => {
      if (waiting.length === 0) return;
      void writer.write({ columnData: sourcesOf(columns, waiting), rowGroupSize: groupRows });
      waiting = [];
      flush();
    };
    return {
      add: (rows) => {
        for (const row of rows) {
          waiting.push(row);
          if (waiting.length >= groupRows) write();
        }
      },
      end: () => {
        write();
        void writer.finish();
        flush();
      },
    };
  },
};

const types = { boolean: "BOOLEAN", number: "DOUBLE", text: "STRING" } as const;

function sourcesOf(columns: readonly Column[], rows: readonly (readonly Cell[])[]): ColumnSource[] {
  return columns.map(({ name, kind }, index) => ({
    name,
    type: types[kind],
    nullable: true,
    data: rows.map((row) => wellFormed(row[index])),
  }));
}

/** Half a surrogate pair has no UTF-8 form. */
function wellFormed(cell: Cell): Cell {
  return typeof cell === "string" ? cell.replace(/[\uD800-\uDFFF]/gu, "\uFFFD") : cell;
}
