/** A trained model in use: inputs in, classes and probabilities out, the same bits as in the run's own predictions. */
import { setImmediate } from "node:timers/promises";
import type { TrainingConfig } from "../../schemas/training.ts";
import { chooseBackend, type BackendName } from "../backend/choose.ts";
import { holdBackend } from "../backend/held.ts";
import { prepareBackend } from "../backend/prepare.ts";
import { ExpError } from "../core/errors.ts";
import type {
  OpenedModel,
  OpenModelRequest,
  Prediction,
  WritingOptions,
} from "../core/trained-model.ts";
import { encodeUnlabelled } from "../data/unlabelled.ts";
import type { TrainingMembers } from "./members.ts";
import { readInputs, textColumn, type TextColumn } from "./model-inputs.ts";
import { predictNext, writeOne } from "./opened-writer.ts";
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
  const held: Held = { network };
  const settings = { column: textColumn(config.data), batchSize: config.training.batchSize };
  return {
    labels,
    inputKind: input.kind === "features" ? "features" : "text",
    async predict(inputs) {
      const network = present(held, name);
      if (inputs.length === 0) return [];
      return inTurn(backend, () => predictInputs(network, inputs, settings));
    },
    ...(input.kind === "language" && {
      async sample(options: WritingOptions) {
        const network = { ...present(held, name), input };
        return inTurn(backend, () => finish(writeOne(network, options)));
      },
    }),
    dispose() {
      held.network = undefined;
    },
  };
}

interface Held {
  network: TrainedNetwork | undefined;
}

function present({ network }: Held, name: string): TrainedNetwork {
  if (network !== undefined) return network;
  throw new ExpError("usage", `The model ${name} was disposed; it cannot predict any more.`, {
    hint: "Load it again, or call dispose() later.",
  });
}

let last: Promise<unknown> = Promise.resolve();

/** One prediction after the other: two models may need two backends, and the process has one at a time. */
function inTurn<Result>(backend: BackendName, work: () => Promise<Result>): Promise<Result> {
  const prepared = async (): Promise<Result> => {
    const release = holdBackend(backend);
    try {
      await prepareBackend(backend);
      return await work();
    } finally {
      release();
    }
  };
  const result = last.then(prepared, prepared);
  last = result.catch(() => undefined);
  return result;
}

async function predictInputs(
  network: TrainedNetwork,
  inputs: readonly unknown[],
  { column, batchSize }: { readonly column: TextColumn; readonly batchSize: number },
): Promise<readonly Prediction[]> {
  const { fitted } = network;
  const { input, labels } = fitted;
  const data = readInputs(inputs, fitted, column);
  if (input.kind === "language" && data.content === "text") {
    const texts = data.examples.map(({ text }) => text);
    return finish(predictNext({ ...network, input }, texts));
  }
  const examples = encodeUnlabelled(data, fitted);
  const pieces = predictExamples({ ...network, input, batchSize }, examples);
  return rowsOf(await finish(pieces), labels);
}

/** Does all pieces; the caller's other work gets its turn between two. */
async function finish<Result>(pieces: Generator<unknown, Result, undefined>): Promise<Result> {
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return piece.value;
    await setImmediate();
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
