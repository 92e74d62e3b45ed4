/** The lines of `logs/train.log`. Numbers are rounded for reading; exact ones are in metrics and trace. */
import type { TrainingConfig } from "../../schemas/training.ts";
import type { PeakMemory } from "../backend/peak-memory.ts";
import { formatBytes } from "../core/number-text.ts";
import type { Metrics } from "../core/run-events.ts";
import type { Dataset, Examples } from "../data/dataset.ts";
import { trainedParameters, type Model } from "../model/model.ts";
import type { BestSoFar } from "./early-stopping.ts";
import { countParameters, type TrainingSetup } from "./setup.ts";
import type { StepFacts } from "./step.ts";
import type { TrainedNetwork } from "./trained-network.ts";

/** What is trained, on what, and for how long. */
export function openingLines(setup: TrainingSetup): readonly string[] {
  const { config, dataset, model, plan } = setup;
  const { optimizer, schedule, selection } = config;
  const accumulation = config.training.gradientAccumulationSteps;
  const passes = accumulation === 1 ? "" : ` in ${accumulation} passes of ${plan.batchSize}`;
  return [
    modelLine(model),
    ...dataLines(config.data.kind, dataset),
    `plan: ${plan.numSteps} steps of ${plan.wholeBatchSize} examples${passes}, ${plan.stepsPerEpoch} steps an epoch`,
    ...averageLines(config.training),
    `optimizer ${optimizer.kind}, learning rate ${optimizer.learningRate}, schedule ${schedule.kind}; ` +
      `best by ${selection.metric} (${selection.direction})`,
  ];
}

function averageLines({
  exponentialMovingAverage: average,
}: TrainingConfig["training"]): readonly string[] {
  if (average === null) return [];
  const { decay, startStep } = average;
  return [
    `measured and kept: the average of the weights with decay ${decay}, from step ${startStep} on`,
  ];
}

function dataLines(
  kind: string,
  { parts, input, labels, sharedInputs }: Dataset,
): readonly string[] {
  const { train, validation, test } = parts;
  if (input.kind === "language") {
    const length = ({ text }: Examples): number => text?.ids.length ?? 0;
    return [
      `data ${kind}: ${length(train)} training, ${length(validation)} validation and ${length(test)} test characters, ` +
        `${input.vocabSize} different ones; ${train.size} training windows of ${input.sequenceLength}`,
    ];
  }
  return [
    `data ${kind}: ${train.size} training, ${validation.size} validation and ${test.size} test examples; ` +
      `classes ${labels.join(", ")}`,
    `to the model the same as a training example: ${sharedInputs.validation} of ${validation.size} validation and ` +
      `${sharedInputs.test} of ${test.size} test examples`,
  ];
}

function modelLine(model: Model): string {
  const numTensors = trainedParameters(model).length;
  return `model ${model.kind}: ${countParameters(model)} parameters in ${numTensors} tensors`;
}

/** One step. */
export function stepLine(facts: StepFacts, numSteps: number): string {
  const { step, epoch, loss, learningRate, gradientNorm } = facts;
  return (
    `step ${step}/${numSteps} epoch ${epoch} loss ${short(loss)} ` +
    `learning rate ${short(learningRate)} gradient norm ${short(gradientNorm)}`
  );
}

/** One evaluation. */
export function evaluationLine(step: number, values: Metrics, metric: string): string {
  const names = new Set([
    "train.loss",
    "validation.loss",
    "validation.accuracy",
    "validation.perplexity",
    metric,
  ]);
  const figures = [...names].flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`${name} ${short(value)}`];
  });
  return `evaluation at step ${step}: ${figures.join(", ")}`;
}

/** Why a run ends before its last step. */
export function earlyStopLine(patience: number, best: BestSoFar | undefined): string {
  const since =
    best === undefined ? "" : `; the best was ${short(best.value)} at step ${best.step}`;
  return `stopped early: no improvement in ${patience} evaluations${since}`;
}

/** The test figures. */
export function testLine(bestStep: number, values: Metrics): string {
  const loss = short(values["test.loss"] ?? NaN);
  const accuracy = short(values["test.accuracy"] ?? NaN);
  return `test with the parameters of step ${bestStep}: accuracy ${accuracy}, loss ${loss}`;
}

/** What the run has taken at its peak. */
export function peakMemoryLine({ numTensorBytes, numProcessBytes }: PeakMemory): string {
  const tensors =
    numTensorBytes === undefined ? "" : `${formatBytes(numTensorBytes)} of tensors on wasm, `;
  return `peak memory: ${tensors}${formatBytes(numProcessBytes)} of the process since its start`;
}

/** Which model is used. */
export function measuringLines(
  name: string,
  { model, fitted, step }: TrainedNetwork,
): readonly string[] {
  const isText = fitted.input.kind === "language";
  const classes = isText
    ? `${fitted.labels.length} characters`
    : `classes ${fitted.labels.join(", ")}`;
  return [`checkpoint ${name}, saved after step ${step}; ${classes}`, modelLine(model)];
}

/** The figures of an evaluation. */
export function measuredLine(step: number, values: Metrics): string {
  const names = ["validation.accuracy", "validation.loss", "test.accuracy", "test.loss"];
  const figures = names.flatMap((name) => {
    const value = values[name];
    return value === undefined ? [] : [`${name} ${short(value)}`];
  });
  return `measured with the parameters of step ${step}: ${figures.join(", ")}`;
}

/** How often each class was predicted. */
export function predictedLine(labels: readonly string[], predicted: Int32Array): string {
  const counts = labels.map((label, index) => {
    const count = predicted.reduce((sum, each) => (each === index ? sum + 1 : sum), 0);
    return `${label} ${count}`;
  });
  return `predicted ${predicted.length} examples: ${counts.slice(0, 20).join(", ")}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
