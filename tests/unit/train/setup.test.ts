import { expect, test } from "vitest";
import type { TrainingConfig } from "../../../schemas/training.ts";
import { createAmbientSeal } from "../../../src/train/ambient-seal.ts";
import { initialParameters, prepareTraining } from "../../../src/train/setup.ts";
import { createTrainingParts } from "../../../src/train/training-parts.ts";
import { bitsOf, resolved, sentencesInput, toyMembers } from "./toy.ts";

/** The first values of all parameters of a config. */
async function firstValues(input: object): Promise<Record<string, string>> {
  const config = resolved<TrainingConfig>(input);
  const signal = new AbortController().signal;
  const context = { config, projectDirectory: "/", backend: "cpu", signal };
  const setup = await prepareTraining(
    context,
    createTrainingParts(toyMembers),
    await createAmbientSeal(config),
  );
  return bitsOf(initialParameters(setup));
}

test("one more layer leaves the first values of all other parameters as they are", async () => {
  const one = await firstValues(sentencesInput);
  const two = await firstValues({
    ...sentencesInput,
    model: { ...sentencesInput.model, numLayers: 2 },
  });
  expect(Object.keys(two).length).toBeGreaterThan(Object.keys(one).length);
  expect(two).toMatchObject(one);
});

test("dropout and another data order leave all first values as they are", async () => {
  const base = await firstValues(sentencesInput);
  const model = { ...sentencesInput.model, dropoutRate: 0.5 };
  expect(await firstValues({ ...sentencesInput, model })).toEqual(base);
  const seeds = { dataOrder: 9, dropout: 9 };
  expect(await firstValues({ ...sentencesInput, seeds })).toEqual(base);
});

test("another seed, or another seed for initialization, changes every drawn parameter", async () => {
  const base = await firstValues(sentencesInput);
  const changed = [
    await firstValues({ ...sentencesInput, seed: 1 }),
    await firstValues({ ...sentencesInput, seeds: { initialization: 1 } }),
  ];
  for (const other of changed) {
    const same = Object.keys(base).filter((name) => other[name] === base[name]);
    expect(same.every((name) => /bias|LayerNorm/.test(name))).toBe(true); // zeros and ones
    expect(same.length).toBeLessThan(Object.keys(base).length);
  }
  expect(changed[0]).toEqual(changed[1]);
});
