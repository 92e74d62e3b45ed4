import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { ExpError } from "../../../src/core/errors.ts";
import {
  ambientState,
  prepareSeal,
  sealRandomness,
  withSealedRandomness,
  type AmbientState,
} from "../../../src/random/seal.ts";

const drawThree = async (): Promise<number[]> => [Math.random(), Math.random(), Math.random()];

test("forbidden: Math.random throws, says where it was called and what to do", async () => {
  const error: unknown = await withSealedRandomness("forbidden", drawThree).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ExpError);
  expect(error).toMatchObject({
    code: "training",
    message: expect.stringMatching(
      /^Math\.random was called while the run computes \(at .*seal\.test\.ts:\d+:\d+\)\.$/,
    ),
    hint: 'Draw from a named stream, or ask for ambientRandomness: "seeded" in the task\'s config.',
  });
});

test("seeded: the same seed draws the same numbers, another seed others", async () => {
  const first = await withSealedRandomness({ seed: 7 }, drawThree);
  expect(await withSealedRandomness({ seed: 7 }, drawThree)).toEqual(first);
  expect(await withSealedRandomness({ seed: 8 }, drawThree)).not.toEqual(first);
  // Pinned: runs with seeded ambient randomness depend on it.
  expect(first).toMatchInlineSnapshot(`
    [
      0.3898715569499838,
      0.18732084204917643,
      0.3572183684666469,
    ]
  `);
});

test("seed 0 is a seed like any other", async () => {
  const first = await withSealedRandomness({ seed: 0 }, drawThree);
  expect(await withSealedRandomness({ seed: 0 }, drawThree)).toEqual(first);
  expect(await withSealedRandomness({ seed: 1 }, drawThree)).not.toEqual(first);
});

test("a generator goes on from a stored state as if it had never stopped", async () => {
  const unbroken = await withSealedRandomness({ seed: 3 }, async () => [
    ...(await drawThree()),
    ...(await drawThree()),
  ]);
  let stored = "";
  const before = await withSealedRandomness({ seed: 3 }, async () => {
    const drawn = await drawThree();
    stored = JSON.stringify(ambientState());
    return drawn;
  });
  const state = JSON.parse(stored) as AmbientState;
  const after = await withSealedRandomness({ seed: 3, state }, drawThree);
  expect([...before, ...after]).toEqual(unbroken);
});

test("only a seeded generator has a state", async () => {
  expect(ambientState()).toBeUndefined();
  expect(await withSealedRandomness("forbidden", async () => ambientState())).toBeUndefined();
  expect(await withSealedRandomness({ seed: 1 }, async () => ambientState()?.S.length)).toBe(256);
});

test.each<[string, AmbientState]>([
  ["too short", { i: 0, j: 0, S: [1] }],
  ["not a permutation", { i: 0, j: 0, S: Array.from({ length: 256 }, () => 1) }],
  [
    "an index that is no byte",
    { i: 256, j: 0, S: Array.from({ length: 256 }, (_, index) => index) },
  ],
])("a stored state that is %s is refused", async (_name, state) => {
  await expect(withSealedRandomness({ seed: 1, state }, drawThree)).rejects.toThrowError(
    "The stored state of the ambient generator is broken.",
  );
});

test.each([-1, 0.5, 2 ** 53, NaN])("seed %d is refused, and nothing stays sealed", async (seed) => {
  const original = Math.random;
  await expect(withSealedRandomness({ seed }, drawThree)).rejects.toThrowError(
    /^seed is .*; expected an integer from 0 to 2\^53 - 1\.$/,
  );
  expect(Math.random).toBe(original);
});

test("the original comes back after the body ends, also by an error", async () => {
  const original = Math.random;
  await withSealedRandomness({ seed: 1 }, drawThree);
  expect(Math.random).toBe(original);
  const failing = withSealedRandomness("forbidden", async () => {
    throw new Error("stopped");
  });
  await expect(failing).rejects.toThrowError("stopped");
  expect(Math.random).toBe(original);
});

test("two bodies at once draw from their own seals, whoever ends first", async () => {
  const original = Math.random;
  const alone = await withSealedRandomness({ seed: 5 }, drawThree);
  const slowly = async (turns: number): Promise<number[]> => {
    const values: number[] = [];
    for (let turn = 0; turn < 3 * turns; turn++) {
      await setImmediate();
      if (turn % turns === 0) values.push(Math.random());
    }
    return values;
  };
  const both = [1, 3].map((turns) => withSealedRandomness({ seed: 5 }, () => slowly(turns)));
  const refused = withSealedRandomness("forbidden", () => slowly(2));
  await expect(refused).rejects.toMatchObject({ code: "training" });
  expect(await Promise.all(both)).toEqual([alone, alone]);
  expect(Math.random).toBe(original);
});

test("an inner body has its own seal, and the outer one goes on", async () => {
  const alone = await withSealedRandomness({ seed: 5 }, drawThree);
  const values = await withSealedRandomness({ seed: 5 }, async () => {
    const first = Math.random();
    const inner = withSealedRandomness("forbidden", drawThree);
    await expect(inner).rejects.toMatchObject({ code: "training" });
    return [first, Math.random(), Math.random()];
  });
  expect(values).toEqual(alone);
});

test("other code that runs while a sealed body waits draws from the real Math.random", async () => {
  const drawn: number[] = [];
  const others = (async () => {
    for (let turn = 0; turn < 20; turn++) {
      await (turn % 2 === 0 ? setImmediate() : Promise.resolve());
      drawn.push(Math.random());
    }
  })();
  await withSealedRandomness("forbidden", () => setImmediate());
  await withSealedRandomness({ seed: 1 }, async () => {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  });
  await others;
  expect(drawn).toHaveLength(20);
  const seeded = await withSealedRandomness({ seed: 1 }, drawThree);
  expect(drawn.filter((value) => seeded.includes(value))).toEqual([]);
});

test("synchronous work is sealed, and a microtask that is pending meanwhile is not", async () => {
  const original = Math.random;
  const forbidden = await prepareSeal("forbidden");
  const pending = Promise.resolve().then(() => Math.random());
  expect(() => sealRandomness(forbidden, () => Math.random())).toThrow(
    /^Math\.random was called while the run computes \(at .*seal\.test\.ts:/,
  );
  expect(Math.random).toBe(original);
  expect(await pending).toBeLessThan(1);
  const seeded = await prepareSeal({ seed: 7 });
  const pieces = [1, 2, 3].map(() => sealRandomness(seeded, () => Math.random()));
  expect(pieces).toEqual(await withSealedRandomness({ seed: 7 }, drawThree));
});

test("synchronous sealed work while a body waits leaves the body's seal standing", async () => {
  const original = Math.random;
  const alone = await withSealedRandomness({ seed: 5 }, drawThree);
  const body = withSealedRandomness({ seed: 5 }, async () => {
    for (let turn = 0; turn < 3; turn++) await setImmediate();
    return drawThree();
  });
  const other = await prepareSeal({ seed: 6 });
  for (let turn = 0; turn < 5; turn++) {
    sealRandomness(other, () => Math.random());
    await setImmediate();
  }
  expect(await body).toEqual(alone);
  expect(Math.random).toBe(original);
});

test("another purpose is another generator", async () => {
  const base = await withSealedRandomness({ seed: 5 }, drawThree);
  expect(await withSealedRandomness({ seed: 5, purpose: "ambient" }, drawThree)).toEqual(base);
  const other = await withSealedRandomness({ seed: 5, purpose: "ambient/data" }, drawThree);
  expect(other.filter((value) => base.includes(value))).toEqual([]);
});
