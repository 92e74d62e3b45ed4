/**
 * A training whose tracker is stopped and let go on in turn: the steps of a block with it and of the block beside it without
 * it differ by what it costs, and by the noise of seconds, not by that of minutes and of two processes.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const program = join(repository, "src/cli/exp.cjs");

/** Seconds of a block; the tracker looks at the runs every second, and has what came while it was stopped to send, too. */
const blockS = 3;

/** Seconds in which the tracker works as it does for users. */
const undisturbedS = 30;

/** A run is a while on its way before its steps are compared: code is compiled, and the tracker starts. */
const warmUpSteps = 800;

/** What a tracker cost its run. */
export interface TrackerCost {
  /** Of each pair of blocks: how long a step took with the tracker, divided by one without. */
  readonly ratios: readonly number[];
  /** Processor time in seconds until the first block. */
  readonly startS: number;
  /** Of one core, in half a minute in which nobody stops it: 0.01 for one part in a hundred. */
  readonly share: number;
  /** Milliseconds of a step without it. */
  readonly stepMs: number;
}

/**
 * Measures a tracker.
 * @param tracking - The tools, as on the command line.
 * @param numPairs - Of blocks, of six seconds each.
 * @throws {Error} where the run has no tracker, or ends before the last block.
 */
export async function trackerCost(tracking: string, numPairs: number): Promise<TrackerCost> {
  const runs = mkdtempSync(join(tmpdir(), "lockstep-tracking-"));
  const child = startTraining(runs, tracking);
  try {
    await loggedUntil(runs, (last) => last.step >= warmUpSteps);
    const tracker = trackerOf(child);
    const startS = processorTime(tracker);
    await sleep(undisturbedS * 1000);
    const share = (processorTime(tracker) - startS) / undisturbedS;
    const edges: number[] = [Date.now()];
    for (let pair = 0; pair < numPairs; pair++) {
      // With, without, without, with: what grows or shrinks steadily meets both alike.
      for (const signal of inTurn(pair)) {
        process.kill(tracker, signal);
        await sleep(blockS * 1000);
        edges.push(Date.now());
      }
    }
    process.kill(tracker, "SIGCONT");
    if (child.exitCode !== null) throw new Error("the run ended before its last block");
    const times = await loggedUntil(runs, (last) => last.timeMs > Math.max(...edges));
    return { startS, ...costOf(edges, times), share };
  } finally {
    child.kill("SIGKILL");
    rmSync(runs, { recursive: true, force: true, maxRetries: 20 });
  }
}

type Turn = "SIGCONT" | "SIGSTOP";

function inTurn(pair: number): readonly Turn[] {
  return pair % 2 === 0 ? ["SIGCONT", "SIGSTOP"] : ["SIGSTOP", "SIGCONT"];
}

/** Some 5 ms a step, without end. */
function startTraining(runs: string, tracking: string): ChildProcess {
  const words = ["experiments/mnist-mlp.ts", "training.numEpochs=5000", `tracking=${tracking}`];
  return spawn(process.execPath, [program, ...words, "--runs-dir", runs], {
    cwd: repository,
    stdio: "ignore",
  });
}

function trackerOf({ pid }: ChildProcess): number {
  const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
  const tracker = children
    .trim()
    .split(" ")
    .find((one) => one !== "" && readFileSync(`/proc/${one}/cmdline`, "utf8").includes("tracker"));
  if (tracker === undefined) throw new Error("the run has no tracker");
  return Number(tracker);
}

/** In seconds, user and system, of all threads. */
function processorTime(pid: number): number {
  const fields =
    readFileSync(`/proc/${String(pid)}/stat`, "utf8")
      .split(") ")[1]
      ?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

interface StepTime {
  readonly step: number;
  readonly timeMs: number;
}

/** The steps that are logged, as soon as the last of them is late enough. */
async function loggedUntil(
  runs: string,
  isLate: (last: StepTime) => boolean,
): Promise<readonly StepTime[]> {
  for (let numTries = 0; numTries < 300; numTries++) {
    const times = stepTimes(runs);
    const last = times.at(-1);
    if (last !== undefined && isLate(last)) return times;
    await sleep(200);
  }
  throw new Error("the run logs no steps");
}

/** When every tenth step was logged. */
function stepTimes(runs: string): readonly StepTime[] {
  const log = readdirSync(runs, { recursive: true, encoding: "utf8" }).find((path) =>
    path.endsWith("logs/events.jsonl"),
  );
  const text = log === undefined ? "" : readFileSync(join(runs, log), "utf8");
  return text.split("\n").flatMap((line) => {
    const step = /"text":"step (\d+)\//u.exec(line)?.[1];
    const time = /"time":"([^"]+)"/u.exec(line)?.[1];
    return step === undefined || time === undefined
      ? []
      : [{ step: Number(step), timeMs: Date.parse(time) }];
  });
}

function costOf(
  edges: readonly number[],
  times: readonly StepTime[],
): Pick<TrackerCost, "ratios" | "stepMs"> {
  const steps = edges.map((edge) => stepAt(edge, times));
  const msPerStep = steps.slice(1).map((step, index) => {
    const durationMs = (edges[index + 1] ?? NaN) - (edges[index] ?? NaN);
    return durationMs / (step - (steps[index] ?? NaN));
  });
  const ratios: number[] = [];
  const without: number[] = [];
  for (let pair = 0; pair * 2 < msPerStep.length; pair++) {
    const [first = NaN, second = NaN] = msPerStep.slice(2 * pair, 2 * pair + 2);
    ratios.push(pair % 2 === 0 ? first / second : second / first);
    without.push(pair % 2 === 0 ? second : first);
  }
  return { ratios, stepMs: without.reduce((sum, one) => sum + one, 0) / without.length };
}

/** The step at a time, between two that were logged. */
function stepAt(timeMs: number, times: readonly StepTime[]): number {
  const after = times.findIndex((one) => one.timeMs >= timeMs);
  const [low, high] = [times[after - 1], times[after]];
  if (low === undefined || high === undefined) throw new Error("the log does not reach so far");
  const share = (timeMs - low.timeMs) / (high.timeMs - low.timeMs);
  return low.step + share * (high.step - low.step);
}
