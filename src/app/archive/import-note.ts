/** What somebody is told who executes the code of a run that came in an archive. */
import type { Store } from "../../store/store.ts";

/** A sentence about where the run came from; `undefined` for one that was made here. */
export function importNote(store: Store, runKey: string): string | undefined {
  const said = store.annotations(runKey).annotations.findLast(({ kind }) => kind === "import");
  if (said === undefined) return undefined;
  const { signedBy } = said.facts;
  const who = typeof signedBy === "string" ? `signed by ${signedBy}` : "not signed";
  return `This run came in an archive (${who}, imported ${said.time}); its code is executed with your rights.`;
}
