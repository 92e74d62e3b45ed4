/** The config that some hex digits name: of a finished run, or of a run that an experiment of the project asks for. */
import { relative } from "node:path";
import { ExpError, isExpError } from "../../core/errors.ts";
import { isRunPrefix, wrongDigitsHint } from "../../core/run-name.ts";
import { sealAmbient } from "../../random/seal.ts";
import { resolveExperiment, type Resolution, type ResolvedRun } from "../../resolve/resolve.ts";
import type { PublishedRun } from "../../store/published-run.ts";
import { openStore } from "../../store/store.ts";
import { listExperiments, projectDirectory } from "../list-project.ts";
import { runsFolder } from "../runs-folder.ts";
import type { SideContext } from "./config-sides.ts";

/** Where to look. */
export type FindContext = Pick<SideContext, "workingDirectory" | "environment" | "runsDirectory">;

/** A finished run, or a run that an experiment asks for. */
export type FoundConfig =
  | { readonly kind: "run"; readonly published: PublishedRun }
  | { readonly kind: "point"; readonly resolution: Resolution; readonly run: ResolvedRun };

/**
 * What 8 to 64 hex digits begin: the key of a finished run; else the config hash of one; else that of a run which an
 * experiment of the project asks for today, which resolves all experiments of the project.
 * @throws {ExpError} `usage` for what is not 8 to 64 digits, for digits that begin nothing, and for several config hashes.
 */
export async function findConfig(digits: string, context: FindContext): Promise<FoundConfig> {
  if (!isRunPrefix(digits)) {
    throw new ExpError("usage", `${JSON.stringify(digits)} names neither a run nor a config.`, {
      hint: wrongDigitsHint(digits) ?? "Give 8 to 64 of the first hex digits of a key or hash.",
    });
  }
  const wanted = digits.toLowerCase();
  const store = openStore(runsFolder(context.runsDirectory, context.workingDirectory));
  const { runs } = store.listPublished();
  const byKey = runs.filter(({ runKey }) => runKey.startsWith(wanted));
  const byHash = runs.filter(({ manifest }) => manifest.identities.configHash.startsWith(wanted));
  const stored = chosen(wanted, [
    ...byKey.map((published) => candidate({ kind: "run", published }, published.runKey)),
    ...byHash.map((published) => {
      const { configHash } = published.manifest.identities;
      return candidate({ kind: "run", published }, `config ${configHash}`, published.runKey);
    }),
  ]);
  if (stored !== undefined) return stored;
  const planned = chosen(wanted, await plannedRuns(wanted, context));
  if (planned !== undefined) return planned;
  throw new ExpError("usage", `${wanted} begins neither a run's key nor a config hash.`, {
    hint: "exp runs lists finished runs, exp plan FILE the hashes of an experiment.",
  });
}

interface Candidate {
  readonly found: FoundConfig;
  /** What it is: candidates that share this are one. */
  readonly identity: string;
  /** Where there is more to say. */
  readonly of: string;
}

function candidate(found: FoundConfig, identity: string, of = ""): Candidate {
  return { found, identity, of };
}

/** The only thing that is meant; runs with the same config count as one. */
function chosen(wanted: string, candidates: readonly Candidate[]): FoundConfig | undefined {
  const identities = new Map(candidates.map((one) => [one.identity, one]));
  if (identities.size <= 1) return candidates[0]?.found;
  const listed = [...identities.values()].map(({ identity, of }) => {
    const [hash = "", what = "run"] = identity.split(" ").toReversed();
    return `${what} ${hash.slice(0, 16)}${of === "" ? "" : ` (${of.slice(0, 40)})`}`;
  });
  throw new ExpError(
    "usage",
    `${wanted} may mean ${String(listed.length)} things: ${listed.join(", ")}.`,
    {
      hint: "Write more digits.",
    },
  );
}

/** The runs that the project's experiments ask for; one that cannot be resolved asks for none. */
async function plannedRuns(wanted: string, context: FindContext): Promise<readonly Candidate[]> {
  const { workingDirectory, environment } = context;
  const project = projectDirectory(workingDirectory);
  const found: Candidate[] = [];
  for (const { file } of await listExperiments(workingDirectory)) {
    const request = { file, overrides: [], workingDirectory, environment, seal: sealAmbient };
    const resolution = await resolveExperiment(request).catch((error: unknown) => {
      if (isExpError(error)) return undefined;
      throw error;
    });
    for (const run of resolution?.runs ?? []) {
      if (resolution === undefined || !run.configHash.startsWith(wanted)) continue;
      const of = relative(project, file);
      found.push(candidate({ kind: "point", resolution, run }, `config ${run.configHash}`, of));
    }
  }
  return found;
}
