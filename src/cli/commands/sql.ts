/** `exp sql STATEMENT`: a question in SQL over the runs. */
import { querySql, sqlTables } from "../../app/lookups/query-sql.ts";
import type { JsonValue } from "../../core/json.ts";
import { formatCount } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { lookupContext } from "../lookup-context.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable, type Column } from "../table.ts";
import { printable } from "../terminal.ts";

const examples = `
Examples:
  exp sql "select experiment, count(*) as runs, max(score) as best from runs group by experiment"
  exp sql "select c.value, avg(m.final) from config c join metrics m using (run)
           where c.path = 'optimizer.learningRate' and m.metric = 'validation.accuracy' group by c.value"`;

/** `exp sql`. */
export const command: Command = {
  describe(parser) {
    const tables = sqlTables().map(
      ({ name, what, columns }) => `  ${name}: ${what}\n    ${columns}`,
    );
    parser
      .argument("<statement>", "one SELECT statement of SQLite")
      .addHelpText("after", `\nTables:\n${tables.join("\n")}\n${examples}`);
  },
  run: sqlCommand,
};

async function sqlCommand(invocation: Invocation, session: Session): Promise<number> {
  const [statement = ""] = invocation.operands;
  const { columns, rows } = querySql(lookupContext(invocation, session), statement);
  const { stdout, stderr } = session;
  if (invocation.json) {
    stdout.write(jsonLine({ format: "lockstep/sql/1", columns, rows }));
    return exitStatus.done;
  }
  if (rows.length > 0) {
    const titles = columns.map((title, index): Column => {
      const isNumeric = rows.every((row) => typeof row[index] === "number" || row[index] === null);
      return { title: printable(title), align: isNumeric ? "right" : "left" };
    });
    const [header = "", ...lines] = formatTable(
      titles,
      rows.map((row) => row.map(cellText)),
    );
    stdout.write(`${[stdout.style("bold", header), ...lines].join("\n")}\n`);
  }
  stderr.write(`${formatCount(rows.length)} ${rows.length === 1 ? "row" : "rows"}.\n`);
  return exitStatus.done;
}

function cellText(value: JsonValue): string {
  if (value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return printable(text).replace(/\n/gu, "\\n");
}
