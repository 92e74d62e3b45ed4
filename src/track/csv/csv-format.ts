/** Tables as CSV. */
import type { TableFormat } from "../table-files.ts";
import { csvHeader, csvLine } from "./csv-text.ts";

const encoder = new TextEncoder();

/** Files `runs.csv` and `curves.csv`. */
export const csvFormat: TableFormat = {
  ending: "csv",
  isOwn: (head) => /^run,(?:runKey,)?experiment,/u.test(Buffer.from(head).toString("utf8")),
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
