/** A trained model in use: inputs in, classes and probabilities out, the same bits as in the run's own predictions. */
import { setImmediate } from "node:timers/promises";
import type { TrainingConfig } from "../../schemas/training.ts";
import { chooseBackend } from "../backend/choose.ts";
import { prepareBackend } from "../backend/prepare.ts";
import { ExpError } from "../core/errors.ts";
import type { OpenedModel, OpenModelRequest, Prediction } from "../core/trained-model.ts";
import { encodeUnlabelled } from "../data/unlabelled.ts";
import type { TrainingMembers } from "./members.ts";
import { readInputs, textColumn, type TextColumn } from "./model-inputs.ts";
import { predictExamples, type Predictions } from "./predict.ts";
import { openNetwork, type TrainedNetwork } from "./trained-network.ts";
import { createTrainingParts } from "./training-parts.ts";

/**
 * Opens a trained model.
 * @throws {ExpError} `config`, `data` or `store` where checkpoint and config do not belong together; `environment` where
 *   the backend cannot be loaded.
 */
export async function openTrainedModel(
  members: TrainingMembers,
  { config, trained, backend: requested }: OpenModelRequest<TrainingConfig>,
): Promise<OpenedModel> {
  const { name } = trained; // the closures below must not hold on to its tensors
  const { backend } = chooseBackend(requested);
  await prepareBackend(backend);
  const { createModel } = createTrainingParts(members);
  const network = openNetwork(config, trained, createModel);
  const { labels, input } = network.fitted;
  const held: { network: TrainedNetwork | undefined } = { network };
  const settings = { column: textColumn(config.data), batchSize: config.training.batchSize };
  return {
    labels,
    inputKind: input.kind === "tokens" ? "text" : "features",
    async predict(inputs) {
      const { network } = held;
      if (network === undefined) throw disposed(name);
      if (inputs.length === 0) return [];
      return inTurn(async () => {
        await prepareBackend(backend);
        return predictInputs(network, inputs, settings);
      });
    },
    dispose() {
      held.network = undefined;
    },
  };
}

function disposed(name: string): ExpError {
  return new ExpError("usage", `The model ${name} was disposed; it cannot predict any more.`, {
    hint: "Load it again, or call dispose() later.",
  });
}

let last: Promise<unknown> = Promise.resolve();

/** One prediction after the other: two models may need two backends, and the process has one at a time. */
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = last.then(work, work);
  last = result.catch(() => undefined);
  return result;
}

async function predictInputs(
  network: TrainedNetwork,
  inputs: readonly unknown[],
  { column, batchSize }: { readonly column: TextColumn; readonly batchSize: number },
): Promise<readonly Prediction[]> {
  const { fitted } = network;
  const examples = encodeUnlabelled(readInputs(inputs, fitted, column), fitted);
  const pieces = predictExamples({ ...network, input: fitted.input, batchSize }, examples);
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return rowsOf(piece.value, fitted.labels);
    await setImmediate(); // the caller's other work gets its turn
  }
}

function rowsOf(
  { predicted, probabilities }: Predictions,
  labels: readonly string[],
): readonly Prediction[] {
  const size = labels.length;
  return Array.from(predicted, (classIndex, index) => ({
    label: labels[classIndex] ?? "",
    probabilities: [...probabilities.subarray(index * size, (index + 1) * size)],
  }));
}
