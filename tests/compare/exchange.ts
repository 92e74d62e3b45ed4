/** What PyTorch needs to train the same: a folder with `exchange.json` and the values of all tensors in `tensors.bin`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { wholeBatch } from "../../src/train/batches.ts";
import { batchExamples } from "../../src/train/data-order.ts";
import { collate, type LabelledBatch } from "../../src/train/collate.ts";
import type { TrainingSetup } from "../../src/train/setup.ts";
import type { OpenedCase } from "./models.ts";

interface Entry {
  readonly name: string;
  readonly dtype: "F32" | "I32";
  readonly shape: readonly number[];
  /** In values of four bytes. */
  readonly start: number;
  readonly size: number;
}

/** Writes the state before the first step, the examples, and which of them each step sees. */
export function writeExchange(
  folder: string,
  { setup, state }: OpenedCase,
  numSteps: number,
): void {
  const chunks: Uint8Array[] = [];
  let start = 0;
  const entry = (
    name: string,
    values: Float32Array | Int32Array,
    shape: readonly number[],
  ): Entry => {
    chunks.push(new Uint8Array(values.slice().buffer));
    const size = values.length;
    start += size;
    const dtype = values instanceof Float32Array ? "F32" : "I32";
    return { name, dtype, shape, start: start - size, size };
  };
  const parameters = setup.model.parameters.map((spec) => {
    const values = state.parameters.get(spec.name)?.values;
    if (!(values instanceof Float32Array)) throw new Error(`${spec.name} has no values`);
    const { decay, running } = spec;
    return { ...entry(spec.name, values, spec.shape), decay, running: running !== undefined };
  });
  const { batch, targets } = allExamples(setup);
  const { size, ...inputs } = batch;
  const data = Object.entries({ labels: targets, ...inputs }).flatMap(([name, values]) =>
    typeof values !== "object" ? [] : [entry(name, values, rows(values.length, size))],
  );
  const steps = Array.from({ length: numSteps }, (_, index) =>
    batchExamples(setup.streams, setup.plan, wholeBatch(setup.plan, index + 1)),
  );
  const { model, optimizer, training } = setup.config;
  const { labelSmoothing } = training;
  const document = { model, optimizer, labelSmoothing, parameters, data, steps };
  writeFileSync(join(folder, "exchange.json"), JSON.stringify(document));
  writeFileSync(join(folder, "tensors.bin"), Buffer.concat(chunks));
}

function allExamples({ dataset: { parts, input } }: TrainingSetup): LabelledBatch {
  const { train } = parts;
  return collate(
    train,
    input,
    Array.from({ length: train.size }, (_, index) => index),
  );
}

function rows(length: number, size: number): readonly number[] {
  return length === size ? [size] : [size, length / size];
}
