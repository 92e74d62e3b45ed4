/** Ctrl-C pressed once, echoed, and pressed twice. */
import { expect, test } from "vitest";
import { createPressCounter } from "../../../src/cli/signal-presses.ts";

function presses(
  isHandedOn: boolean,
  signals: readonly (readonly [number, boolean])[],
): readonly number[] {
  const counter = createPressCounter(isHandedOn);
  return signals.map(([now, isLate]) => counter.take(now, isLate));
}

test("one press that comes twice is one, a second one later ends the process", () => {
  for (const isHandedOn of [true, false]) {
    expect(
      presses(isHandedOn, [
        [1000, false],
        [1009, false],
        [1140, false],
        [1400, false],
      ]),
    ).toEqual([1, 1, 1, 2]);
  }
});

test("two presses during a step that lets no signal through are two, though they are told in one moment", () => {
  const [first, second, third] = [
    [1000, true],
    [1000.1, true],
    [1000.2, true],
  ] as const;
  expect(presses(false, [first, second])).toEqual([1, 2]);
  expect(presses(true, [first, second])).toEqual([1, 1]); // one press, handed on
  expect(presses(true, [first, second, third])).toEqual([1, 1, 2]);
  expect(presses(true, [first, [1200, false]])).toEqual([1, 2]);
});
