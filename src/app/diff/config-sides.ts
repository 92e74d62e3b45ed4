/** What a side of a comparison resolves to: an experiment, here or at a revision, a run, a plan. */
import { ExpError } from "../../core/errors.ts";
import type { ConfigRun, ConfigSide } from "../../diff/configs.ts";
import { sealAmbient } from "../../random/seal.ts";
import { resolveExperiment, type ResolvedRun } from "../../resolve/resolve.ts";
import { runFiles } from "../../store/run-layout.ts";
import { openStore } from "../../store/store.ts";
import { configFacts, identityConfig, originIn } from "../evaluate/config-facts.ts";
import { createEvaluator, type Evaluator } from "../evaluate/evaluator.ts";
import { readPlan } from "../load-plan.ts";
import { readRunText } from "../run-files.ts";
import { readConfig } from "../run-store.ts";
import { runsFolder } from "../runs-folder.ts";

export interface SideContext {
  /** Absolute. */
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly runsDirectory: string | undefined;
  /** Evaluating one experiment of a revision may take so long; a positive number. */
  readonly timeoutMs: number;
  /** Called with a line that the code of a revision printed. */
  readonly onLine: (line: string) => void;
}

/**
 * The runs of an experiment's module, which is evaluated in this process: it is the user's own.
 * @param file - Absolute, or relative to the working directory.
 * @throws {ExpError} as `resolveExperiment`.
 */
export async function experimentSide(file: string, context: SideContext): Promise<ConfigSide> {
  const { workingDirectory, environment } = context;
  const overrides: readonly string[] = [];
  const request = { file, overrides, workingDirectory, environment, seal: sealAmbient };
  const resolution = await resolveExperiment(request);
  const resolved = new Map<ConfigRun, ResolvedRun>();
  for (const run of resolution.runs) resolved.set(configFacts(run), run);
  return {
    runs: [...resolved.keys()],
    originOf: async (run, path) => {
      const found = resolved.get(run);
      return found === undefined ? undefined : originIn(resolution, found, path);
    },
  };
}

/** A finished run, by the first digits of its key. */
export function runSide(prefix: string, context: SideContext): ConfigSide {
  const store = openStore(runsFolder(context.runsDirectory, context.workingDirectory));
  const run = store.findByPrefix(prefix);
  const identity = identityConfig(readRunText(run.directory, runFiles.identity));
  return { runs: [{ config: readConfig(run), identity, axisValues: {} }] };
}

/** The runs of a saved plan. */
export function planSide(file: string, context: SideContext): ConfigSide {
  const { workingDirectory, environment } = context;
  const { runs } = readPlan({ file, workingDirectory, environment });
  return { runs: runs.map(({ run }) => configFacts(run)) };
}

/** An evaluator of the experiments in a folder that a revision was written to, or in the project itself. */
export function evaluatorIn(folder: string, context: SideContext): Evaluator {
  const { environment, timeoutMs, onLine } = context;
  return createEvaluator({ folder, environment, timeoutMs, onLine });
}

/**
 * An experiment of a revision, evaluated in a process of its own.
 * @param file - Relative to the evaluator's folder.
 * @param word - As it was named.
 * @throws {ExpError} `module` where it cannot be resolved.
 */
export async function revisionSide(
  evaluator: Evaluator,
  file: string,
  word: string,
): Promise<ConfigSide> {
  const side = await evaluator.evaluate(file);
  if (!("problem" in side)) return side;
  throw new ExpError("module", `${word} cannot be resolved: ${side.problem.replace(/\.$/u, "")}.`, {
    hint: "--static compares what the sources say, and evaluates nothing.",
  });
}
