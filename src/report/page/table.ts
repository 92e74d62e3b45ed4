/** Tables of a page: a caption, heads with their scope, and a scroll of their own where they are wide. */
import { escapeHtml } from "../../core/html.ts";

/** One cell; text is escaped, HTML is not. */
export interface Cell {
  readonly text?: string;
  /** Escaped by whoever made it. */
  readonly html?: string;
  readonly isHead?: boolean;
  readonly isNumber?: boolean;
  readonly isCode?: boolean;
}

/** A table as data. */
export interface DataTable {
  /** Unique in the page: the name of its caption. */
  readonly id: string;
  readonly caption: string;
  /** Titles of the columns; none of them is empty. */
  readonly head: readonly string[];
  /** Columns by their titles that are aligned to the right. */
  readonly numeric?: ReadonlySet<string>;
  readonly rows: readonly (readonly Cell[])[];
}

/** A table as HTML. */
export function dataTable({ id, caption, head, numeric, rows }: DataTable): string {
  const titles = head
    .map((title) => {
      const align = numeric?.has(title) === true ? ' class="number"' : "";
      return `<th scope="col"${align}>${escapeHtml(title)}</th>`;
    })
    .join("");
  const body = rows.map((row) => `<tr>${row.map(cellHtml).join("")}</tr>`).join("\n");
  // The caption stands outside of what scrolls, so that all of it can be read on a narrow screen.
  return `<p class="caption" id="${id}">${escapeHtml(caption)}</p><div class="scroll" role="region" tabindex="0" aria-labelledby="${id}"><table aria-labelledby="${id}"><thead><tr>${titles}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function cellHtml({ text = "", html, isHead, isNumber, isCode }: Cell): string {
  const inner = html ?? (isCode === true ? `<code>${escapeHtml(text)}</code>` : escapeHtml(text));
  const align = isNumber === true ? ' class="number"' : "";
  return isHead === true ? `<th scope="row"${align}>${inner}</th>` : `<td${align}>${inner}</td>`;
}

/** A letter of the charts in its colour. */
export function markText(mark: string | undefined): string {
  if (mark === undefined) return "–";
  const colour = mark.charCodeAt(0) - "A".charCodeAt(0);
  return `<span class="key c${colour}">${escapeHtml(mark)}</span>`;
}

/** A figure with four digits behind the point or as many significant ones. */
export function figureText(value: number | undefined): string {
  if (value === undefined) return "–";
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e5) ? value.toExponential(3) : value.toFixed(4);
}
