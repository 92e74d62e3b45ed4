/** Tables as CSV. */
import type { TableFormat } from "../table-files.ts";
import { curveColumns } from "../run-table.ts";
import { csvHeader, csvLine } from "./csv-text.ts";

const encoder = new TextEncoder();

/** Files `runs.csv` and `curves.csv`. */
export const csvFormat: TableFormat = {
  ending: "csv",
  isOwn: (head) => {
    const text = Buffer.from(head).toString("utf8");
    return /^run,runKey,experiment[,\n]/u.test(text) || text.startsWith(csvHeader(curveColumns));
  },
  begin: (columns, append) => {
    append(encoder.encode(csvHeader(columns)));
    return {
      add: (rows) => {
        if (rows.length > 0) append(encoder.encode(rows.map(csvLine).join("")));
      },
      end: () => undefined,
    };
  },
};
