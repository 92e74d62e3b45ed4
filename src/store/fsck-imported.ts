/** Checking the runs of other tools: that each is one, and every byte that its record covers. */
import { join } from "node:path";
import { namesIn, report, toTrash, isRecent, type CheckContext } from "./fsck-findings.ts";
import { damagedForeignFiles, foreignRoot, isSourceName, readForeign } from "./foreign-runs.ts";
import { isRunName } from "./run-layout.ts";

/** Checks all foreign runs, and gives back how many are whole. */
export function checkImported(context: CheckContext): number {
  const root = foreignRoot(context.store);
  let numForeign = 0;
  for (const source of namesIn(context, root).filter(isSourceName)) {
    for (const name of namesIn(context, join(root, source))) {
      const path = join(root, source, name);
      if (isRunName(name)) numForeign += checkOne(context, path) ? 1 : 0;
      else if (name.startsWith(".new-") && !isRecent(context, path)) {
        const message = "A process ended while it imported this run; nobody reads it.";
        const repair = toTrash(context, path, message);
        report(context, { severity: "warning", code: "leftover", path, message, repair });
      }
    }
  }
  return numForeign;
}

/** Whether it is a whole one. */
function checkOne(context: CheckContext, path: string): boolean {
  const record = readForeign(context.files, path);
  const damaged =
    typeof record === "string" ? [] : damagedForeignFiles(context.files, path, record);
  const [file] = damaged;
  if (typeof record !== "string" && file === undefined) return true;
  const what =
    typeof record === "string" ? record : `${file ?? ""} has other bytes than were imported`;
  const message = `The imported run cannot be used: ${what}. Import it again.`;
  const repair = toTrash(context, path, message);
  report(context, { severity: "error", code: "damaged-foreign-run", path, message, repair });
  return false;
}
