/** What the tests of exporters share. */
import { createFileSystem } from "../../../src/store/file-system.ts";
import { currentProcess } from "../../../src/store/process-facts.ts";
import { readRunView, type RunView, type ViewTools } from "../../../src/track/run-view.ts";
import type { ExportTools } from "../../../src/track/target.ts";

/** This machine and its clock. */
export const viewTools: ViewTools = {
  files: createFileSystem(),
  here: currentProcess(),
  now: () => new Date(),
};

/** The run in a directory. */
export function viewOf(store: string, directory: string): RunView {
  const view = readRunView(viewTools, { store, directory });
  if (typeof view === "string") throw new Error(view);
  return view;
}

/** What an export is done with; what it warns of is added to a list. */
export function exportTools(warnings: string[] = []): ExportTools {
  const { signal } = new AbortController();
  return { ...viewTools, signal, warn: (text) => void warnings.push(text) };
}
