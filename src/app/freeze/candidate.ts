/** Modules that are proved before they take their place: written beside it, resolved from there, then renamed. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { sealAmbient } from "../../random/seal.ts";
import { resolveExperiment, type Resolution } from "../../resolve/resolve.ts";
import { isAlive } from "../live-process.ts";

/** A module that lies beside its place, under a name of its own. */
export interface Candidate {
  readonly resolution: Resolution;
  /** Puts the module into its place. */
  readonly publish: () => void;
}

export interface CandidateRequest {
  /** Absolute: where the module is to go. Locations and imports in it are relative to that folder. */
  readonly target: string;
  readonly text: string;
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Resolves a module as if it stood in its place already. What stands there stays, unless `use` publishes it.
 * @throws {ExpError} as `resolveExperiment`.
 */
export async function withCandidate<Answer>(
  { target, text, workingDirectory, environment }: CandidateRequest,
  use: (candidate: Candidate) => Answer,
): Promise<Answer> {
  const ending = extname(target);
  const stem = basename(target, ending);
  const file = join(dirname(target), `${stem}.tried-${String(process.pid)}${ending}`);
  mkdirSync(dirname(target), { recursive: true });
  removeLeft(dirname(target));
  writeFileSync(file, text, { flag: "wx" }); // what is there by that name is not ours
  try {
    const resolution = await resolveExperiment({
      file,
      overrides: [],
      workingDirectory,
      environment,
      seal: sealAmbient,
    });
    return use({
      resolution,
      publish: () => {
        if (existsSync(target)) chmodSync(file, statSync(target).mode);
        renameSync(file, target);
      },
    });
  } finally {
    rmSync(file, { force: true });
  }
}

/** Candidates of processes that were killed before they could take them away: experiments that nobody wrote. */
function removeLeft(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(/\.tried-(\d+)\.[cm]?ts$/u.exec(name)?.[1]);
    if (pid > 0 && (pid === process.pid || !isAlive(pid)))
      rmSync(join(folder, name), { force: true });
  }
}
