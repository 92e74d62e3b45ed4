/** All problems of a definition: those of its layers, and those of its runs, each said once. */
import { formatPath } from "../core/path.ts";
import type { Problem } from "./problems.ts";

interface RunProblem {
  readonly problem: Problem;
  /** The first run that has it, as its axis values. */
  readonly run: string;
  count: number;
}

/** Collects problems and says in which runs they are where it is not in all. */
export class ProblemList {
  private readonly shared = new Map<string, Problem>();
  private readonly runs = new Map<string, RunProblem>();
  private numRuns = 0;

  /** How often something new was reported. */
  get size(): number {
    return this.shared.size + [...this.runs.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** A problem of the layers, which all runs share. */
  add(problem: Problem): void {
    this.shared.set(keyOf(problem), problem);
  }

  /** A problem of one run. */
  addForRun(problem: Problem, run: string): void {
    const key = keyOf(problem);
    const known = this.runs.get(key);
    if (known === undefined) this.runs.set(key, { problem, run, count: 1 });
    else known.count++;
  }

  /** Says how many runs were looked at. */
  closeRuns(numRuns: number): void {
    this.numRuns = numRuns;
  }

  /** Every problem once: those of the layers, then those of runs. */
  problems(): readonly Problem[] {
    const ofRuns = [...this.runs].flatMap(([key, { problem, run, count }]) => {
      if (this.shared.has(key)) return [];
      if (count >= this.numRuns) return [problem];
      const where =
        count === 1 ? `the run with ${run}` : `${count} of ${this.numRuns} runs, first ${run}`;
      return [{ ...problem, message: `${problem.message} (in ${where})` }];
    });
    return [...this.shared.values(), ...ofRuns];
  }
}

function keyOf({ path, message, value }: Problem): string {
  return JSON.stringify([formatPath(path), message, value ?? null]);
}
