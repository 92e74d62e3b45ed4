import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { withoutHooks } from "../../../src/resolve/hook-text.ts";

const without = (text: string): string => withoutHooks({ parseSync }, "/task.ts", text);

test.each([
  ["defineTask({ name: n, onEvent: (e) => send(e, {}), run });", "defineTask({ name: n, run });"],
  ["defineTask({ onEvent, run });", "defineTask({ run });"],
  ["defineTask({ run, onEvent });", "defineTask({ run });"],
  ["defineTask({ run, async onEvent(e) { await send(e); }, });", "defineTask({ run, });"],
  ["defineTask({ onEvent });", "defineTask({  });"],
  ["export default lockstep.defineTask({ onEvent, run } as const);", undefined],
  ["training.with({ models: [m], onEvent: watch });", "training.with({ models: [m] });"],
  [
    "a(defineTask({ run, onEvent }), defineTask({ onEvent, run }));",
    "a(defineTask({ run }), defineTask({ run }));",
  ],
])("%s", (text, expected) => {
  expect(without(text)).toBe(expected ?? text);
});

test.each([
  "defineTask({ run, ...hooks });",
  "defineTask(options); const onEvent = 1;",
  "other({ onEvent });",
  "export const onEvent = () => {};",
  'defineTask({ ["onEvent"]: watch });',
])("stays: %s", (text) => {
  expect(without(text)).toBe(text);
});
