/** Edits put into texts. */
import type { Edit } from "./rule.ts";

/**
 * A text with edits in it. Of edits that touch the same place the first one counts, the others are left for the next
 * time.
 * @param edits - All of the text's own file.
 */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((one, other) => one.start - other.start || one.end - other.end);
  let result = "";
  let offset = 0;
  for (const { start, end, text: inserted } of ordered) {
    if (start < offset) continue;
    result += text.slice(offset, start) + inserted;
    offset = end;
  }
  return result + text.slice(offset);
}
