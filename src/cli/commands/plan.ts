/**
 * `exp plan FILE [overrides…]`: what would run, with its hashes, and why. Saves a plan with its code, and tells a script
 * whether anything changed. Never loads TensorFlow.js.
 */
import type { FinishedFacts } from "../../app/finished-facts.ts";
import { freezePlan, type FrozenPlan } from "../../app/frozen-plan.ts";
import { loadPlan, readPlan, savePlan } from "../../app/load-plan.ts";
import { comparePlans, type PlanDifference } from "../../app/plan-difference.ts";
import { planExperiment, type PreparedPlan } from "../../app/plan-experiment.ts";
import { compareEvaluations, type Impurity } from "../../app/purity.ts";
import { reuseByConfig } from "../../app/reuse.ts";
import { components, runReasons, type Comparison, type RunReason } from "../../app/run-reasons.ts";
import { secretsWarning } from "../../app/secrets-in-code.ts";
import type { ReusedRun } from "../../app/settled-runs.ts";
import { canonicalJsonPieces } from "../../core/canonical-json.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { metricsDocument, relativePath, reusedFromDocument } from "../json-output.ts";
import { onlyOption, planRequest, reuseOption } from "../plan-request.ts";
import { impurityLines } from "../purity-text.ts";
import { differenceLines, expectationLines, planLines } from "../plan-text.ts";
import type { Session } from "../session.ts";
import { printable } from "../terminal.ts";
import { escaped } from "../show-json.ts";

/** `exp plan`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<file>", "experiment module, such as experiments/bert-lr.ts, or a saved plan.json")
      .argument("[overrides...]", "values to set, such as optimizer.learningRate=3e-4")
      .addOption(onlyOption())
      .addOption(reuseOption())
      .option("--all", "show every run of a long plan, and every reason")
      .option("--hashes", "print the run keys alone, one a line")
      .option("--save <plan.json>", "save the plan with its code; exp run plan.json executes it")
      .option("--expect-no-changes", "exit with 1 when a run would have to be executed")
      .option("--twice", "evaluate the experiment twice; exit with 1 when anything differs")
      .option("--against <plan.json>", "compare with a saved plan; exit with 1 when it differs");
  },
  run: planCommand,
};

async function planCommand(invocation: Invocation, session: Session): Promise<number> {
  const { options, json } = invocation;
  const request = planRequest(invocation, session);
  refuseContradiction(invocation);
  if (request.file.endsWith(".json")) return showSavedPlan(invocation, session);
  const against = typeof options["against"] === "string" ? options["against"] : undefined;
  const saved = against === undefined ? undefined : readPlan({ ...request, file: against });
  const planned = await planExperiment(request);
  const prepared = options["reuse"] === "config" ? await reuseByConfig(planned) : planned;
  if (typeof options["save"] === "string") {
    const secrets = secretsWarning(prepared);
    if (secrets !== undefined) session.stderr.write(`warning: ${printable(secrets)}\n`);
    await savePlan(await freezePlan(prepared), options["save"], request);
    session.stderr.write(`Saved ${options["save"]}; exp run ${options["save"]} executes it.\n`);
  }
  if (options["hashes"] === true) {
    for (const { runKey } of prepared.plan.runs) session.stdout.write(`${runKey}\n`);
    const isAll = ["expectNoChanges", "twice"].every((name) => options[name] !== true);
    if (saved === undefined && isAll) return exitStatus.done;
  }
  const reasons = await runReasons(prepared);
  const impurities = options["twice"] === true ? await compareEvaluations(request) : [];
  const difference = saved && (await comparePlans(prepared, saved));
  const isExpected = options["expectNoChanges"] === true;
  if (json) {
    const document = {
      ...planDocument(prepared, reasons, session),
      ...differenceDocument(difference),
      ...(options["twice"] === true ? { impurities: impurities.map(impurityDocument) } : {}),
    };
    await writeJson(document, session);
  } else if (options["hashes"] !== true) {
    const isWhole = options["all"] === true;
    const lines = planLines(prepared, reasons, { session, isWhole });
    for (const text of lines) session.stdout.write(`${text}\n`);
  }
  const complaints = [
    ...impurityLines(impurities),
    ...(isExpected ? expectationLines(reasons) : []),
    ...(difference === undefined ? [] : differenceLines(difference, against ?? "")),
  ];
  for (const text of complaints) session.stderr.write(`${text}\n`);
  return complaints.length === 0 ? exitStatus.done : exitStatus.failed;
}

/** A saved plan as it stands now: which of its runs are finished, and why the others are not. */
async function showSavedPlan(invocation: Invocation, session: Session): Promise<number> {
  const { options, json } = invocation;
  const { overrides, ...request } = planRequest(invocation, session);
  const flags = [
    ...(request.only === undefined ? [] : ["--only"]),
    ...["save", "twice", "against"].filter((name) => name in options).map((name) => `--${name}`),
  ];
  refuseChanges(request.file, [...overrides, ...flags]);
  const loaded = loadPlan(request);
  const frozen = options["reuse"] === "config" ? await reuseByConfig(loaded) : loaded;
  const reasons = await runReasons(frozen);
  if (json) {
    await writeJson(planDocument(frozen, reasons, session), session);
  } else {
    const isWhole = options["all"] === true;
    const lines =
      options["hashes"] === true
        ? frozen.plan.runs.map(({ runKey }) => runKey)
        : planLines(frozen, reasons, { session, isWhole });
    for (const text of lines) session.stdout.write(`${text}\n`);
  }
  const complaints = options["expectNoChanges"] === true ? expectationLines(reasons) : [];
  for (const text of complaints) session.stderr.write(`${text}\n`);
  return complaints.length === 0 ? exitStatus.done : exitStatus.failed;
}

function refuseChanges(file: string, changes: readonly string[]): void {
  if (changes.length === 0) return;
  const message = `${file} is a saved plan and shown as it is; ${changes.join(" ")} needs the experiment.`;
  throw new ExpError("usage", message, {
    hint: "Plan the experiment with these words: exp plan FILE …",
  });
}

function impurityDocument({ path, run, first, second }: Impurity): JsonObject {
  return { path, run, first: { ...first }, second: { ...second } };
}

function refuseContradiction({ options, json }: Invocation): void {
  if (!json || options["hashes"] !== true) return;
  throw new ExpError("usage", "exp: --hashes and --json are two forms of one output.", {
    hint: "Leave one of them out; the JSON document holds the run keys.",
  });
}

/** Writes a document with a list as long as the plan. */
async function writeJson(document: JsonObject, { stdout }: Session): Promise<void> {
  for (const piece of canonicalJsonPieces(document)) {
    stdout.write(escaped(piece));
    await stdout.drained();
  }
  stdout.write("\n");
}

function planDocument(
  prepared: PreparedPlan | FrozenPlan,
  reasons: readonly RunReason[],
  { workingDirectory }: Session,
): JsonObject {
  const { plan } = prepared;
  return {
    experiment: plan.experiment,
    runs: reasons.map(({ run, status, willRun, finished, comparison }) => ({
      directory: relativePath(prepared.directoryOf(run), workingDirectory),
      runKey: run.runKey,
      configHash: run.configHash,
      groupHash: run.groupHash,
      codeHash: run.codeHash,
      dataHash: run.dataHash,
      environmentClass: run.environmentClass,
      status,
      willRun,
      ...reusedFrom(prepared.reused?.get(run.runKey)),
      ...(finished === undefined ? {} : { finished: finishedDocument(finished) }),
      ...(comparison === undefined ? {} : { nearest: comparisonDocument(comparison) }),
      axes: run.axisValues,
      config: run.config,
    })),
  };
}

function finishedDocument(facts: FinishedFacts): JsonObject {
  const { endTime, metrics, verification, numDuplicates } = facts;
  return {
    endTime: endTime ?? null,
    metrics: metricsDocument(metrics),
    verification:
      verification === undefined ? null : { ...verification, part: verification.part ?? null },
    numDuplicates,
  };
}

function reusedFrom(reused: ReusedRun | undefined): JsonObject {
  if (reused === undefined) return {};
  return { reusedFrom: reusedFromDocument(reused.from) };
}

function comparisonDocument({ nearest, differences }: Comparison): JsonObject {
  const parts = components.map((name) => [
    name,
    { same: differences[name].length === 0, differences: differences[name] },
  ]);
  return { runKey: nearest.runKey, ...(Object.fromEntries(parts) as JsonObject) };
}

function differenceDocument(difference: PlanDifference | undefined): JsonObject {
  if (difference === undefined) return {};
  const { added, removed } = difference;
  return {
    against: {
      added: added.map(({ run, comparison }) => ({
        runKey: run.runKey,
        ...(comparison === undefined ? {} : { nearest: comparisonDocument(comparison) }),
      })),
      removed: removed.map(({ runKey }) => runKey),
    },
  };
}
