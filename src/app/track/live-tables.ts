/** Tables of all runs of a store, written anew while runs go on: the same as `exp export --to csv` and `parquet` write. */
import { loadLater } from "../../core/load-later.ts";
import type { ViewTools } from "../../track/run-view.ts";
import type { TableFormat } from "../../track/table-files.ts";

/** Brings tables up to date. */
export interface LiveTables {
  /**
   * Writes them anew as a whole.
   * @param request.store - The folder of the runs, absolute.
   * @throws {ExpError} `run-active` while another process writes them; `environment` where it cannot be done, or there is no
   *   time left.
   */
  write(request: {
    readonly store: string;
    readonly signal: AbortSignal;
    readonly warn: (text: string) => void;
  }): Promise<void>;
}

/**
 * The tables of a folder, which is made.
 * @throws {ExpError} `usage` where files of the names are not ours; `environment` where the folder cannot be made.
 */
export async function createLiveTables(
  { kind, folder }: { readonly kind: "csv" | "parquet"; readonly folder: string },
  {
    environment,
    files,
  }: ViewTools & { readonly environment: Readonly<Record<string, string | undefined>> },
): Promise<LiveTables> {
  const { exportRuns, tableFormat } = await loadLater(
    import.meta.url,
    "../export/export-runs",
    () => import("../export/export-runs.ts"),
  );
  const { requireOwnTables } = await loadLater(
    import.meta.url,
    "../../track/table-files",
    () => import("../../track/table-files.ts"),
  );
  const format: TableFormat = await tableFormat(kind);
  requireOwnTables({ files, folder, format });
  files.ensureRoot(folder);
  return {
    write: async ({ store, signal, warn }) => {
      const place = { runsDirectory: store, workingDirectory: store, environment };
      const what = { words: [], to: kind, out: folder, signal, onWarning: warn };
      await exportRuns({ ...place, ...what });
    },
  };
}
