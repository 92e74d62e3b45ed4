/** Checking the runs of other tools: that each is one, and every byte that its record covers. */
import { join } from "node:path";
import { namesIn, report, toTrash, isRecent, type CheckContext } from "./fsck-findings.ts";
import { damagedForeignFiles, foreignRoot, isSourceName, readForeign } from "./foreign-runs.ts";
import { isRunName } from "./run-layout.ts";

/** Checks all foreign runs. */
export function checkImported(context: CheckContext): void {
  const root = foreignRoot(context.store);
  for (const source of namesIn(context, root).filter(isSourceName)) {
    for (const name of namesIn(context, join(root, source))) {
      const path = join(root, source, name);
      if (isRunName(name)) checkOne(context, path);
      else if (name.startsWith(".new-") && !isRecent(context, path)) {
        const message = "A process ended while it imported this run; nobody reads it.";
        const repair = toTrash(context, path, message);
        report(context, { severity: "warning", code: "leftover", path, message, repair });
      }
    }
  }
}

function checkOne(context: CheckContext, path: string): void {
  const record = readForeign(context.files, path);
  const damaged =
    typeof record === "string" ? [] : damagedForeignFiles(context.files, path, record);
  const [file] = damaged;
  if (typeof record !== "string" && file === undefined) return;
  const what =
    typeof record === "string" ? record : `${file ?? ""} has other bytes than were imported`;
  const message = `The imported run cannot be used: ${what}. Import it again.`;
  const repair = toTrash(context, path, message);
  report(context, { severity: "error", code: "damaged-foreign-run", path, message, repair });
}
