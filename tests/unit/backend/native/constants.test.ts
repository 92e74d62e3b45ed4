/** Constants in the library: made once, not without end, and never deleted while the call that asked for them goes on. */
import { expect, test } from "vitest";
import { LibraryConstants } from "../../../../src/backend/native/constants.ts";

/** An addon of which only tensors are there. */
function countingAddon(): {
  readonly constants: LibraryConstants;
  readonly alive: ReadonlySet<number>;
  readonly make: () => number;
} {
  const alive = new Set<number>();
  let last = 0;
  const make = (): number => {
    alive.add(++last);
    return last;
  };
  const addon = {
    TF_Version: "0.0.0",
    TF_FLOAT: 1,
    TF_INT32: 3,
    TF_BOOL: 10,
    TF_ATTR_STRING: 0,
    TF_ATTR_INT: 1,
    TF_ATTR_FLOAT: 2,
    TF_ATTR_BOOL: 3,
    TF_ATTR_TYPE: 4,
    createTensor: make,
    deleteTensor: (id: number) => {
      if (!alive.delete(id)) throw new Error(`${id} was deleted twice`);
    },
    tensorDataSync: () => new Float32Array(),
    executeOp: () => [],
    getNumOfTensors: () => alive.size,
    isUsingGpuDevice: () => false,
  };
  return { constants: new LibraryConstants(addon), alive, make };
}

test("a constant is made once, and every kind of it apart", () => {
  const { constants, alive } = countingAddon();
  const first = constants.scalar(1);
  expect(constants.scalar(1)).toBe(first);
  expect(new Set([first, constants.integer(1), constants.integers([1])]).size).toBe(3);
  expect(alive.size).toBe(constants.size);
});

test("what a call asked for stays while it asks for more, however full they are", () => {
  const { constants, alive } = countingAddon();
  constants.integers([0, 0]);
  for (let size = 0; size < 10_000; size++) {
    const early = constants.integers([0, 0]);
    constants.integers([size, 1]);
    constants.scalar(size);
    expect(alive.has(early)).toBe(true);
  }
  expect(alive.size).toBe(constants.size);
  expect(constants.size).toBeLessThan(5_000);
});

test("of a mask the latest is kept", () => {
  const { constants, alive, make: created } = countingAddon();
  let numMade = 0;
  const make = (): number => {
    numMade++;
    return created();
  };
  const [first, again] = ["a", "a"].map((key) => constants.latest("mask", key, make));
  expect([again, numMade]).toEqual([first, 1]);
  constants.latest("other", "a", make);
  constants.latest("mask", "b", make);
  expect(numMade).toBe(3);
  expect(alive.has(first ?? -1)).toBe(false);
});

test("cleared, none is left", () => {
  const { constants, alive } = countingAddon();
  constants.integers([1, 2]);
  for (let size = 0; size < 3_000; size++) constants.scalar(size);
  constants.clear();
  expect([alive.size, constants.size]).toEqual([0, 0]);
});
