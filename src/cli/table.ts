/** Plain text tables: two spaces between columns, numbers to the right, no lines. */
import { width } from "./terminal.ts";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/**
 * The lines of a table.
 * @param columns - Titles and alignment, left to right.
 * @param rows - Cells of each row; a missing cell is empty. Cells may hold colour codes.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const cells = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => width(row[index] ?? ""))),
  );
  return cells.map((row) => {
    const line = columns.map((column, index) => {
      const text = row[index] ?? "";
      const padding = " ".repeat(Math.max(0, (widths[index] ?? 0) - width(text)));
      return column.align === "right" ? padding + text : text + padding;
    });
    return line.join("  ").trimEnd();
  });
}
