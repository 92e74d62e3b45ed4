import { expect, test } from "vitest";
import { createAmbientSeal } from "../../../src/train/ambient-seal.ts";

test("a forbidden Math.random throws inside, and works outside", async () => {
  const seal = await createAmbientSeal({ ambientRandomness: "forbidden", seed: 0 });
  expect(() => seal.run(() => Math.random())).toThrow(
    expect.objectContaining({ code: "training" }),
  );
  expect(Math.random()).toBeLessThan(1);
  expect(seal.state()).toBeNull();
});

test("a seeded Math.random goes on from piece to piece as if there were no pieces", async () => {
  const whole = await createAmbientSeal({ ambientRandomness: "seeded", seed: 3 });
  const pieces = await createAmbientSeal({ ambientRandomness: "seeded", seed: 3 });
  const values = whole.run(() => [Math.random(), Math.random(), Math.random()]);
  const first = pieces.run(() => [Math.random(), Math.random()]);
  const between = Math.random(); // the consumer's, which must not be drawn from the seeded one
  const second = pieces.run(() => [Math.random()]);
  expect([...first, ...second]).toEqual(values);
  expect(values).not.toContain(between);
  expect(pieces.state()).toEqual(whole.state());
  expect(JSON.parse(JSON.stringify(whole.state()))).toEqual(whole.state());
});
