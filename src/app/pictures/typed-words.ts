/** Words of a command line as a page may show them. */
import { scrub } from "../../core/secrets.ts";
import { redactFilter } from "../../store/query/redact-filter.ts";

/** Names of runs and filters without secrets; a page is passed on. */
export function shownWords(words: readonly string[]): readonly string[] {
  return words.map((word) => scrub(redactFilter(word)));
}
