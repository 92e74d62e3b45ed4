/** A trained language model in use: the character after a text, and whole texts. */
import { ExpError } from "../core/errors.ts";
import type { Prediction, WritingOptions } from "../core/trained-model.ts";
import { characterEncoder } from "../data/language-dataset.ts";
import { createStreams } from "../random/streams.ts";
import { classify } from "./classify.ts";
import { lastLogits } from "./gradients.ts";
import { defaultSampling, writeText, type TextSettings, type Writer } from "./sample.ts";

/**
 * What the model expects after each text. It sees the last `sequenceLength` characters.
 * Yields after each text.
 * @throws {ExpError} `data` for an empty text, or one with a character that the model does not know.
 */
export function* predictNext(
  { model, parameters, input }: Writer,
  texts: readonly string[],
): Generator<void, readonly Prediction[], undefined> {
  const { vocabulary, sequenceLength } = input;
  const encode = characterEncoder(vocabulary);
  const predictions: Prediction[] = [];
  for (const [index, text] of texts.entries()) {
    const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    if (points.length === 0) {
      throw new ExpError("data", `Input ${index} is empty: there is nothing to go on from.`);
    }
    const tokens = encode(points.slice(-sequenceLength), `Input ${index}`);
    const last = lastLogits({ model, numClasses: vocabulary.length }, parameters, tokens);
    const { predicted, probabilities } = classify(last, Int32Array.of(0));
    const label = vocabulary[predicted[0] ?? 0] ?? "";
    predictions.push({ label, probabilities: [...probabilities] });
    yield;
  }
  return predictions;
}

/**
 * Writes a text.
 * @throws {ExpError} `usage` for an option that is out of range; `data` for a prompt that the model cannot read.
 */
export function* writeOne(
  writer: Writer,
  options: WritingOptions,
): Generator<number, string, undefined> {
  const { seed = 0, index = 0, ...given } = options;
  const settings = { ...defaultSampling, ...given };
  checkSettings({ ...settings, index });
  const stream = createStreams(seed).stream("sampling");
  return yield* writeText(writer, settings, { stream, index });
}

function checkSettings(settings: TextSettings & { readonly index: number }): void {
  const { length, temperature, topK, index, prompt } = settings;
  const wrong = [
    Number.isSafeInteger(length) && length >= 1 ? [] : [`length is ${length}, expected 1 or more`],
    temperature >= 0 && temperature <= 100
      ? []
      : [`temperature is ${temperature}, expected 0 to 100`],
    topK === null || (Number.isSafeInteger(topK) && topK >= 1)
      ? []
      : [`topK is ${topK}, expected 1 or more, or null`],
    Number.isSafeInteger(index) && index >= 0 ? [] : [`index is ${index}, expected 0 or more`],
    prompt === "" ? ["prompt is empty, expected at least one character"] : [],
  ].flat();
  if (wrong.length > 0) throw new ExpError("usage", `Nothing was written: ${wrong.join("; ")}.`);
}
