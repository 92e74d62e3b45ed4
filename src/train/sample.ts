/** Text that a trained model writes: one character after the other, each drawn from what the model says of those before. */
import { samplingSchema, type SamplingConfig } from "../../schemas/training.ts";
import { placeTensors } from "../backend/host-tensors.ts";
import { ExpError } from "../core/errors.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { DatasetInput } from "../data/dataset.ts";
import { characterEncoder } from "../data/language-dataset.ts";
import type { Model } from "../model/model.ts";
import { exp } from "../random/math.ts";
import { fillUniform } from "../random/samples.ts";
import type { RandomStream } from "../random/streams.ts";
import { continuedLogits } from "./gradients.ts";

/** What a config without `sampling` means where text is asked for. */
export const defaultSampling: SamplingConfig = samplingSchema.parse({});

/** A model that writes. */
export interface Writer {
  readonly model: Model;
  readonly parameters: HostTensors;
  readonly input: Extract<DatasetInput, { readonly kind: "language" }>;
}

/** A text as a row of predictions; a type alias and not an interface, because only an alias fits JSON. */
export type WrittenText = {
  readonly index: number;
  readonly prompt: string;
  /** Without the prompt. */
  readonly text: string;
};

/** How one text is written. */
export type TextSettings = Omit<SamplingConfig, "numSamples">;

/** Which numbers it is drawn with. */
export interface SamplePlace {
  readonly stream: RandomStream;
  /** Which text of several: each has numbers of its own. */
  readonly index: number;
}

/**
 * Writes `length` characters after the prompt. The model sees the last `sequenceLength` characters, as many as it saw at
 * once in training. Character i is the first one at which the summed probabilities exceed number i of the stream.
 * Yields after each character how many there are; no tensor outlives a yield. Whoever breaks off must call `return`.
 * @returns The text without the prompt.
 * @throws {ExpError} `data` for a prompt with characters that the model does not know; `training` where the model gives
 *   what is no number.
 */
export function* writeText(
  { model, parameters, input }: Writer,
  settings: TextSettings,
  { stream, index }: SamplePlace,
): Generator<number, string, undefined> {
  const { vocabulary, sequenceLength } = input;
  const context = [...encodePrompt(settings.prompt, input)];
  const uniforms = new Float32Array(settings.length);
  fillUniform(stream, uniforms, { step: 0, position: index, elementsPerPosition: settings.length });
  let text = "";
  const placed = placeTensors(parameters); // uploaded once, not for each character
  try {
    const logitsAfter = continuedLogits({ model, numClasses: vocabulary.length }, placed.tensors);
    for (const [position, uniform] of uniforms.entries()) {
      const logits = logitsAfter(Int32Array.from(context.slice(-sequenceLength)));
      const next = drawClass(logits, settings, uniform);
      context.push(next);
      text += vocabulary[next] ?? "";
      yield position + 1;
    }
  } finally {
    placed.release();
  }
  return text;
}

/**
 * All texts of a config, as rows of predictions. Yields after each character how many there are of all texts.
 * @throws {ExpError} as `writeText` does.
 */
export function* writeSamples(
  writer: Writer,
  { numSamples, ...settings }: SamplingConfig,
  stream: RandomStream,
): Generator<number, readonly WrittenText[], undefined> {
  const rows: WrittenText[] = [];
  for (let index = 0; index < numSamples; index++) {
    const pieces = writeText(writer, settings, { stream, index });
    try {
      let piece = pieces.next();
      for (; piece.done !== true; piece = pieces.next()) {
        yield index * settings.length + piece.value;
      }
      rows.push({ index, prompt: settings.prompt, text: piece.value });
    } finally {
      pieces.return("");
    }
  }
  return rows;
}

/**
 * Draws a class.
 * @param logits - Of one row, [numClasses].
 * @param uniform - From 0 to below 1.
 * @throws {ExpError} `training` where a logit is no number.
 */
export function drawClass(
  logits: Float32Array,
  { temperature, topK }: Pick<TextSettings, "temperature" | "topK">,
  uniform: number,
): number {
  if (!logits.every(Number.isFinite)) {
    throw new ExpError("training", "The model gives no number for the next character.");
  }
  // Sorting is stable: of equal logits the first class is the likelier one.
  const ranked = Array.from(logits, (logit, id) => ({ logit, id })).sort(
    (left, right) => right.logit - left.logit,
  );
  const [likeliest] = ranked;
  if (likeliest === undefined || temperature === 0) return likeliest?.id ?? 0;
  const kept = ranked.slice(0, topK ?? undefined).map(({ logit, id }) => ({
    id,
    weight: exp((logit - likeliest.logit) / temperature),
  }));
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  let sum = 0;
  for (const { id, weight } of kept) {
    sum += weight;
    if (uniform * total < sum) return id;
  }
  return likeliest.id; // only where rounding leaves a sum below the total
}

/**
 * Refuses what a sample could not be written with, before anything is trained.
 * @throws {ExpError} `config` for samples of a model that writes nothing, `data` for a prompt that it cannot read.
 */
export function checkSampling(sampling: SamplingConfig | undefined, input: DatasetInput): void {
  if (sampling === undefined) return;
  if (input.kind === "language") {
    encodePrompt(sampling.prompt, input);
    return;
  }
  throw new ExpError("config", "The data has classes: a model of it writes no text.", {
    issues: [{ path: ["sampling"], message: "is for models of language only; remove it" }],
  });
}

function encodePrompt(prompt: string, { vocabulary }: Writer["input"]): Int32Array {
  const points = Array.from(prompt, (character) => character.codePointAt(0) ?? 0);
  return characterEncoder(vocabulary)(points, "The prompt (sampling.prompt)");
}
