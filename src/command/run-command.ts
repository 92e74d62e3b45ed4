/** One run of the `command` task: a program from its start to its last process. */
import { join, resolve } from "node:path";
import type { CommandConfig } from "../../schemas/command.ts";
import { readSecret } from "../config/secret.ts";
import { ExpError } from "../core/errors.ts";
import type { Metrics } from "../core/run-events.ts";
import type { PreflightContext, PreflightReport, RunContext } from "../core/task.ts";
import { insertValues } from "./argument-values.ts";
import { determinismVariables } from "./determinism.ts";
import { followFile } from "./metrics-file.ts";
import { createLineSplitter } from "./output-lines.ts";
import {
  inheritedEnvironment,
  startProgram,
  type ProgramEnd,
  type RunningProgram,
} from "./process-group.ts";
import { findProgram, type Program } from "./program-files.ts";
import { createProgramReport, type ProgramReport } from "./report.ts";

type CommandContext = RunContext<CommandConfig>;

const outputHeld =
  "the program has ended, and a process that it started still holds its output open: what that prints is lost";

/** Where the store keeps the resolved config of a run. */
const configFile = "config.json";

/**
 * Runs the program of a config and gives back its figures.
 * @throws {ExpError} `environment` for a program that is not there, `config` for an argument that names no value,
 *   `training` for one that fails or takes too long, `interrupted` after a signal.
 */
export async function runCommand(context: CommandContext): Promise<Metrics> {
  const { config, log } = context;
  const report = createProgramReport(log, config.metrics);
  const launch = prepareLaunch(context, context.runDirectory);
  log(`program ${launch.program.path} (sha256 ${launch.program.sha256})`);
  const lines = createLineSplitter(report.figures);
  const metricsPath = join(context.runDirectory, "metrics-from-program.jsonl");
  const outcome: Outcome = { failure: undefined, timedOut: false, stop: undefined };
  const followed = followFile(metricsPath, {
    onBytes: (bytes) => lines.write(bytes),
    onFailure: (error) => {
      outcome.failure ??= { error };
      outcome.stop?.();
    },
  });
  try {
    const environment = {
      ...programEnvironment(context, metricsPath),
      ...withSecrets(config.environment),
    };
    const end = await runProgram({ launch, environment, report, context, outcome });
    if (end.isOutputHeld) log.warning(outputHeld);
    followed.close();
    lines.end();
    return resultOf({ end, report, outcome, launch, context });
  } finally {
    followed.close();
  }
}

/**
 * Finds what a run would need, without starting it.
 * @throws {ExpError} as `runCommand` does before the program starts.
 */
export async function preflightCommand({
  config,
  projectDirectory,
}: PreflightContext<CommandConfig>): Promise<PreflightReport> {
  const { program, args } = prepareLaunch({ config, projectDirectory }, projectDirectory);
  return { findings: [{ topic: "program", text: [program.path, ...args].join(" ") }] };
}

interface Launch {
  readonly program: Program;
  readonly args: readonly string[];
  /** Absolute. */
  readonly workingDirectory: string;
}

function prepareLaunch(
  { config, projectDirectory }: Pick<CommandContext, "config" | "projectDirectory">,
  runDirectory: string,
): Launch {
  const workingDirectory = resolve(projectDirectory, config.workingDirectory);
  const { PATH = "" } = { ...inheritedEnvironment(), ...withSecrets(config.environment) };
  const [name = "", ...args] = insertValues(config.command, {
    config: join(runDirectory, configFile),
    runDirectory,
    seed: config.seed,
    files: config.files.map((file) => resolve(projectDirectory, file)),
    parameters: config.parameters,
  });
  const program = findProgram(name, { workingDirectory, searchPath: PATH });
  return { program, args, workingDirectory };
}

function programEnvironment(context: CommandContext, metricsPath: string): Record<string, string> {
  const { config, runDirectory, previousDirectory } = context;
  const inherited = Object.entries(inheritedEnvironment()).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !entry[0].startsWith("LOCKSTEP_"),
  );
  return {
    ...Object.fromEntries(inherited),
    ...determinismVariables(config.seed, config.threads),
    LOCKSTEP_CONFIG: join(runDirectory, configFile),
    LOCKSTEP_RUN_DIRECTORY: runDirectory,
    ...(previousDirectory === undefined ? {} : { LOCKSTEP_PREVIOUS_DIRECTORY: previousDirectory }),
    LOCKSTEP_SEED: String(config.seed),
    LOCKSTEP_METRICS: metricsPath,
  };
}

/** The variables of a config with the values of its secrets, which stand nowhere but in the program's environment. */
function withSecrets(environment: CommandConfig["environment"]): Record<string, string> {
  const values = Object.entries(environment).map(([name, value]) => {
    return [name, typeof value === "string" ? value : readSecret(value)] as const;
  });
  return Object.fromEntries(values);
}

interface Outcome {
  /** What ended the run before its program did. */
  failure: { readonly error: unknown } | undefined;
  timedOut: boolean;
  /** Asks the program to end. */
  stop: (() => void) | undefined;
}

interface Execution {
  readonly launch: Launch;
  readonly environment: Record<string, string>;
  readonly report: ProgramReport;
  readonly context: CommandContext;
  readonly outcome: Outcome;
}

async function runProgram(execution: Execution): Promise<ProgramEnd> {
  const { launch, environment, report, context, outcome } = execution;
  const { config, signal } = context;
  const graceMs = config.graceSeconds * 1000;
  const [stdout, stderr] = [createLineSplitter(report.stdout), createLineSplitter(report.stderr)];
  const program: RunningProgram = startProgram({
    path: launch.program.path,
    args: launch.args,
    workingDirectory: launch.workingDirectory,
    environment,
    onStdout: (bytes) => stdout.write(bytes),
    onStderr: (bytes) => stderr.write(bytes),
  });
  outcome.stop = () => program.stop("SIGTERM", graceMs);
  const onAbort = (): void => program.stop(signalName(signal), graceMs);
  const onTimeout = (): void => {
    outcome.timedOut = true;
    outcome.stop?.();
  };
  const { timeoutSeconds } = config;
  const timer = timeoutSeconds === null ? undefined : setTimeout(onTimeout, timeoutSeconds * 1000);
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();
  try {
    const end = await program.ended;
    stdout.end();
    stderr.end();
    return end;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function signalName({ reason }: AbortSignal): string {
  return typeof reason === "string" && /^SIG[A-Z]+$/.test(reason) ? reason : "SIGTERM";
}

interface Ended {
  readonly end: ProgramEnd;
  readonly report: ProgramReport;
  readonly outcome: Outcome;
  readonly launch: Launch;
  readonly context: CommandContext;
}

function resultOf({ end, report, outcome, launch, context }: Ended): Metrics {
  const { signal, config } = context;
  const { path } = launch.program;
  if (outcome.failure !== undefined) throw outcome.failure.error;
  if (signal.aborted) {
    const text = `${path} was stopped after step ${report.lastStep()}, as asked.`;
    throw new ExpError("interrupted", text, {
      hint: "Start the same command again to finish the run.",
    });
  }
  if (outcome.timedOut) {
    const text = `${path} took longer than timeoutSeconds, ${config.timeoutSeconds ?? 0} s, and was stopped.`;
    throw new ExpError("training", text, lastLines(report));
  }
  if (end.status === 0) return report.results();
  const how =
    end.signal === null
      ? `exited with status ${end.status ?? "unknown"}`
      : `was ended by ${end.signal}`;
  throw new ExpError("training", `${path} ${how}.`, lastLines(report));
}

function lastLines(report: ProgramReport): { readonly hint?: string } {
  const lines = report.lastLines();
  if (lines.length === 0) return { hint: "It printed nothing." };
  return { hint: ["Its last lines:", ...lines.map((line) => `  ${line}`)].join("\n") };
}
