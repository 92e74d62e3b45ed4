/** What the tests of importers share. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  importForeign,
  type ForeignKind,
  type ForeignRequest,
  type ImportedForeigns,
} from "../../../../src/app/import-foreign/import-foreign.ts";
import type { LookupContext } from "../../../../src/app/lookups/open-index.ts";
import { temporaryFolder } from "../../store/helpers.ts";

/** Beside what and from where. */
export type Choice = Partial<Pick<ForeignRequest, "experiment" | "requests">> & {
  readonly id?: string;
  readonly metrics?: readonly string[];
};

/** A folder with files, and runs of other tools taken from it into `runs/`. */
export interface Project {
  readonly context: LookupContext;
  readonly at: (path: string) => string;
  readonly take: (kind: ForeignKind, source: string, choice?: Choice) => Promise<ImportedForeigns>;
}

/** A new one. */
export function project(files: Readonly<Record<string, string | Uint8Array>>): Project {
  const folder = temporaryFolder();
  const at = (path: string): string => join(folder, path);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  const context = { workingDirectory: folder, runsDirectory: "runs", environment: {} };
  const directory = at("runs");
  return {
    context,
    at,
    take: async (kind, source, { id, metrics = [], ...rest } = {}) =>
      importForeign({
        kind,
        source,
        workingDirectory: folder,
        environment: {},
        directory,
        columns: { id, metrics },
        ...rest,
      }),
  };
}

/** `id outcome` of each run. */
export function outcomes({ runs }: ImportedForeigns): readonly string[] {
  return runs.map(({ id, outcome }) => `${id} ${outcome}`);
}
