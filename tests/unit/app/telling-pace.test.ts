/** How long short steps wait for each other. */
import { expect, test } from "vitest";
import { createTellingPace } from "../../../src/app/telling-pace.ts";

test("the first step is told, those of the next 250 ms may wait, and a long one never does", () => {
  let time = 1_000;
  const mayTellLater = createTellingPace(() => time);
  const after = (milliseconds: number): boolean => {
    time += milliseconds;
    return mayTellLater();
  };
  expect([after(0), after(1), after(248), after(1), after(249), after(1)]).toEqual([
    false,
    true,
    true,
    false,
    true,
    false,
  ]);
  expect([after(250), after(400)]).toEqual([false, false]);
});
