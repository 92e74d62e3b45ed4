/** An evaluation or a prediction checked without doing it: the checkpoint fits the model, and the examples can be read. */
import { ExpError } from "../core/errors.ts";
import { formatCount } from "../core/number-text.ts";
import type { PreflightContext, PreflightReport } from "../core/task.ts";
import type { TrainingConfig } from "../../schemas/training.ts";
import { createAmbientSeal } from "./ambient-seal.ts";
import { examplesOf, openMeasuring } from "./measure-run.ts";
import type { TrainingMembers } from "./members.ts";
import { countParameters } from "./setup.ts";

const bytesPerValue = 4;

/**
 * Checks that a checkpoint and its data can be used together.
 * @throws {ExpError} whatever the run itself would throw before its first example.
 */
export async function preflightMeasuring(
  members: TrainingMembers,
  context: PreflightContext<TrainingConfig>,
): Promise<PreflightReport> {
  const { signal } = new AbortController();
  const { config } = context;
  const seal = await createAmbientSeal(config);
  const measuring = await openMeasuring(members, { ...context, signal }, seal);
  const { network } = measuring;
  const parts = await examplesOf(measuring);
  const numExamples = parts.reduce((sum, { size }) => sum + size, 0);
  if (numExamples === 0) throw new ExpError("data", "There is no example to look at.");
  const numWeights = countParameters(network.model);
  const isText = network.fitted.input.kind === "language";
  const [examples, classes] = isText ? ["texts or windows", "characters"] : ["examples", "classes"];
  const sizes = parts.map(({ name, size }) => `${formatCount(size)} ${name}`);
  return {
    findings: [
      { topic: "checkpoint", text: `${context.trained?.name ?? ""}, step ${network.step}` },
      { topic: "model", text: `${network.model.kind}: ${formatCount(numWeights)} parameters` },
      {
        topic: "data",
        text: `${config.data.kind}: ${sizes.join(", ")} ${examples}, ${network.numClasses} ${classes}`,
      },
    ],
    numMemoryBytes: numWeights * bytesPerValue * 2,
    numDiskBytes: isText ? 0 : numExamples * (150 + 25 * network.numClasses),
  };
}
