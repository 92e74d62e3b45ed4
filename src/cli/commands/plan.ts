/** `exp plan FILE [overrides…]`: what would run, with its hashes. Never loads TensorFlow.js. */
import { planExperiment, type PreparedPlan } from "../../app/plan-experiment.ts";
import { storedStatus } from "../../app/run-status.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import type { JsonObject } from "../../core/json.ts";
import type { PlannedRun } from "../../app/outcome.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import { planRequest } from "../plan-request.ts";
import { formatValue } from "../run-text.ts";
import type { Session } from "../session.ts";
import { formatTable, type Column } from "../table.ts";
import { printable } from "../terminal.ts";

/** `exp plan`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts")
      .argument("[overrides...]", "values to set, such as optimizer.learningRate=3e-4");
  },
  run: planCommand,
};

async function planCommand(invocation: Invocation, session: Session): Promise<number> {
  const prepared = await planExperiment(planRequest(invocation, session));
  if (invocation.json) {
    const document = planDocument(prepared, session.workingDirectory);
    session.stdout.write(`${canonicalJson(document)}\n`);
    return exitStatus.done;
  }
  for (const text of planLines(prepared, session)) session.stdout.write(`${text}\n`);
  return exitStatus.done;
}

function planLines(prepared: PreparedPlan, session: Session): readonly string[] {
  const { plan } = prepared;
  const axes = [...new Set(plan.runs.flatMap((run) => Object.keys(run.axisValues)))];
  const columns: Column[] = [
    { title: "run", align: "right" },
    ...axes.map((title): Column => ({ title: printable(title), align: "right" })),
    { title: "runKey" },
    { title: "configHash" },
    { title: "groupHash" },
    { title: "status" },
  ];
  const rows = plan.runs.map((run) => [
    String(run.index + 1),
    ...axes.map((path) => {
      const value = run.axisValues[path];
      return value === undefined ? "" : formatValue(value);
    }),
    run.runKey.slice(0, 16),
    run.configHash.slice(0, 16),
    run.groupHash.slice(0, 16),
    storedStatus(prepared.store, run.runKey),
  ]);
  const [header = "", ...body] = formatTable(columns, rows);
  const directory = relativePath(prepared.runsDirectory, session.workingDirectory);
  return [
    `${session.stdout.style("bold", printable(plan.experiment))}: ${plan.runs.length} ${plan.runs.length === 1 ? "run" : "runs"}, kept in ${printable(directory)}`,
    ...sharedFacts(plan.runs),
    ...prepared.notes.map((note) => `note: ${printable(note)}`),
    "",
    session.stdout.style("bold", header),
    ...body,
  ];
}

/** What is equal for every run is said once. */
function sharedFacts(runs: readonly PlannedRun[]): readonly string[] {
  const facts = [
    ["codeHash", (run: PlannedRun): string => run.codeHash],
    ["dataHash", (run: PlannedRun): string => run.dataHash],
    ["environmentClass", (run: PlannedRun): string => run.environmentClass],
  ] as const;
  return facts.map(([name, read]) => {
    const values = [...new Set(runs.map(read))];
    return `${name.padEnd(17)} ${values.map((value) => printable(value)).join(", ")}`;
  });
}

function planDocument(prepared: PreparedPlan, workingDirectory: string): JsonObject {
  const { plan } = prepared;
  return {
    experiment: plan.experiment,
    runs: plan.runs.map((run) => ({
      directory: relativePath(prepared.directoryOf(run), workingDirectory),
      runKey: run.runKey,
      configHash: run.configHash,
      groupHash: run.groupHash,
      codeHash: run.codeHash,
      dataHash: run.dataHash,
      environmentClass: run.environmentClass,
      status: storedStatus(prepared.store, run.runKey),
      axes: run.axisValues,
      config: run.config,
    })),
  };
}
